import type { Json, JsonObject } from '~/api/schema';
import { toYaml } from '~/util/yaml';

export type DraftKind =
  'constant' | 'values' | 'uniform' | 'log_uniform_values' | 'int_uniform' | 'q_uniform' | 'normal';

/** A parameter as it is being edited: texts as they stand in their fields. */
export interface DraftParameter {
  name: string;
  isOn: boolean;
  kind: DraftKind;
  value: string;
  values: string;
  min: string;
  max: string;
  q: string;
  mu: string;
  sigma: string;
  /** What earlier runs have, in words. */
  note: string;
}

export interface SweepDraft {
  name: string;
  method: 'bayes' | 'random' | 'grid';
  metric: string;
  goal: 'minimize' | 'maximize';
  runCap: string;
  earlyStop: 'none' | 'hyperband' | 'asha' | 'median';
  minIter: string;
  program: string;
  parameters: DraftParameter[];
}

export const KINDS: [DraftKind, string][] = [
  ['values', 'one of'],
  ['uniform', 'between'],
  ['log_uniform_values', 'between, log'],
  ['int_uniform', 'whole, between'],
  ['q_uniform', 'in steps'],
  ['normal', 'normal'],
  ['constant', 'always'],
];

/** A grid is made of values that can be counted. */
export const GRID_KINDS: DraftKind[] = ['values', 'int_uniform', 'q_uniform', 'constant'];

/** The fields in which each kind is told. */
export const FIELDS: Record<DraftKind, (keyof DraftParameter & string)[]> = {
  constant: ['value'],
  values: ['values'],
  uniform: ['min', 'max'],
  log_uniform_values: ['min', 'max'],
  int_uniform: ['min', 'max'],
  q_uniform: ['min', 'max', 'q'],
  normal: ['mu', 'sigma'],
};

export const emptyParameter = (name = ''): DraftParameter => ({
  name,
  isOn: true,
  kind: 'uniform',
  value: '',
  values: '',
  min: '',
  max: '',
  q: '',
  mu: '',
  sigma: '',
  note: '',
});

/** What a text in a field stands for: JSON if it is some, else itself. */
export function readScalar(text: string): Json {
  const trimmed = text.trim();
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    // `1e-3` is JSON; `.5` and `1.` are not, and are numbers to everybody.
    return trimmed !== '' && !Number.isNaN(Number(trimmed)) ? Number(trimmed) : trimmed;
  }
}

/** The members of a list as somebody writes them: between commas, which inside brackets and quotes separate nothing. */
export function readList(text: string): Json[] {
  const parts: string[] = [''];
  let depth = 0;
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && '[{'.includes(character)) depth += 1;
    if (!isQuoted && ']}'.includes(character)) depth -= 1;
    if (character === ',' && depth === 0 && !isQuoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter(part => part.trim() !== '').map(readScalar);
}

export const writeScalar = (value: Json | undefined): string => {
  if (value === undefined) return '';
  const isPlain =
    typeof value === 'string' && readScalar(value) === value && !/[,"[\]{}]/.test(value);
  return isPlain ? value : JSON.stringify(value);
};

/** A parameter of a config as it is edited; null for what the fields cannot tell. */
export function readParameter(name: string, spec: Json): DraftParameter | null {
  if (spec === null || typeof spec !== 'object' || Array.isArray(spec)) return null;
  const draft = emptyParameter(name);
  const known = ['distribution', 'value', 'values', 'min', 'max', 'q', 'mu', 'sigma'];
  if (Object.keys(spec).some(key => !known.includes(key))) return null;
  if ('value' in spec) return { ...draft, kind: 'constant', value: writeScalar(spec.value) };
  if (Array.isArray(spec.values))
    return { ...draft, kind: 'values', values: spec.values.map(writeScalar).join(', ') };
  const kind = kindOf(spec);
  if (kind === null) return null;
  const fields = FIELDS[kind].map(field => [field, writeScalar(spec[field])]);
  return { ...draft, kind, ...Object.fromEntries(fields) };
}

function kindOf({ distribution, min, max }: JsonObject): DraftKind | null {
  if (distribution !== undefined) return KINDS.find(([kind]) => kind === distribution)?.[0] ?? null;
  if (typeof min !== 'number' || typeof max !== 'number') return null;
  return Number.isInteger(min) && Number.isInteger(max) ? 'int_uniform' : 'uniform';
}

/** What keeps a parameter from being written, by its field; the server says the rest. */
export function parameterFault(parameter: DraftParameter): string | null {
  if (parameter.name.trim() === '') return 'a name is missing';
  const missing = FIELDS[parameter.kind].find(field => String(parameter[field]).trim() === '');
  return missing ? `\`${missing}\` is missing` : null;
}

function parameterSpec(parameter: DraftParameter): JsonObject {
  const { kind } = parameter;
  if (kind === 'constant') return { value: readScalar(parameter.value) };
  if (kind === 'values') return { values: readList(parameter.values) };
  const fields = FIELDS[kind].map(field => [field, readScalar(String(parameter[field]))]);
  return { distribution: kind, ...(Object.fromEntries(fields) as JsonObject) };
}

/** The config that a draft stands for. Names with dots lead into nested parameters. */
export function draftConfig(draft: SweepDraft): JsonObject {
  const config: JsonObject = {};
  if (draft.name.trim()) config.name = draft.name.trim();
  if (draft.program.trim()) config.program = draft.program.trim();
  config.method = draft.method;
  if (draft.metric.trim()) config.metric = { name: draft.metric.trim(), goal: draft.goal };
  if (draft.runCap.trim()) config.run_cap = readScalar(draft.runCap);
  if (draft.earlyStop !== 'none')
    config.early_terminate = {
      type: draft.earlyStop,
      ...(draft.minIter.trim() ? { min_iter: readScalar(draft.minIter) } : {}),
    };
  const parameters: JsonObject = {};
  for (const parameter of draft.parameters)
    if (parameter.isOn) put(parameters, parameter.name.trim().split('.'), parameterSpec(parameter));
  config.parameters = parameters;
  return config;
}

function put(into: JsonObject, [first, ...rest]: string[], spec: JsonObject): void {
  if (rest.length === 0) {
    into[first] = spec;
    return;
  }
  const nested = into[first] as { parameters?: JsonObject } | undefined;
  const inner = nested?.parameters ?? {};
  into[first] = { parameters: inner };
  put(inner, rest, spec);
}

export const draftYaml = (draft: SweepDraft): string => toYaml(draftConfig(draft));

/** Problems of a config by the parameter whose path theirs begins with; the others under an empty name. */
export function problemsByParameter(
  problems: { path: string; message: string }[],
  names: string[],
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const plain = (path: string): string =>
    path.replaceAll(/(?:^|\.)parameters(?=\.|$)/g, '').replace(/^\./, '');
  for (const { path, message } of problems) {
    const inner = plain(path);
    const owners = names.filter(name => inner === name || inner.startsWith(`${name}.`));
    const owner = owners.toSorted((a, b) => b.length - a.length)[0] ?? '';
    const text = owner === '' && path !== '' ? `\`${path}\`: ${message}` : message;
    found.set(owner, [...(found.get(owner) ?? []), text]);
  }
  return found;
}
