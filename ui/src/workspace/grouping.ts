import type { Json, JsonObject, Run } from '~/api/schema';

/** What runs can be grouped by besides their config: a field of each run, told by its name in the address. */
const FIELDS: { key: string; label: string; values: (run: Run) => (string | null)[] }[] = [
  { key: 'name', label: 'Name', values: run => [run.display_name] },
  { key: 'tag', label: 'Tag', values: run => (run.tags.length > 0 ? run.tags : [null]) },
  { key: 'group', label: 'Group', values: run => [run.group || null] },
  { key: 'job_type', label: 'Job type', values: run => [run.job_type || null] },
  { key: 'state', label: 'State', values: run => [run.state] },
  { key: 'user', label: 'User', values: run => [run.user] },
];
const CONFIG = 'config:';

/** Something to group by, with how many groups it would make. */
export interface GroupChoice {
  key: string;
  label: string;
  count: number;
}

export interface RunGroup {
  /** Its values, as text that no other group has. */
  id: string;
  name: string;
  /** By key; null where a run has none. */
  values: (string | null)[];
  runs: Run[];
}

/** Each run of a group is one, in the order of the list; one with several tags is in several groups. */
export function groupRuns(runs: Run[], keys: string[]): RunGroup[] {
  const groups = new Map<string, RunGroup>();
  for (const run of runs) {
    const values = keys.map(key => valuesOf(run, key));
    for (const combination of product(values)) {
      const id = JSON.stringify(combination);
      const group = groups.get(id);
      if (group) group.runs.push(run);
      else
        groups.set(id, { id, name: nameOf(keys, combination), values: combination, runs: [run] });
    }
  }
  return [...groups.values()].toSorted((a, b) => inOrderOfValues(a.values, b.values));
}

/** Fields and config keys in which these runs differ, config last. A key of one value for all makes no groups. */
export function groupChoices(runs: Run[]): GroupChoice[] {
  const distinct = new Map<string, Set<string | null>>();
  const note = (key: string, values: (string | null)[]): void => {
    const known = distinct.get(key) ?? new Set();
    for (const value of values) known.add(value);
    distinct.set(key, known);
  };
  for (const field of FIELDS) for (const run of runs) note(field.key, field.values(run));
  const set = new Map<string, number>();
  for (const run of runs) {
    for (const [path, value] of configValues(run)) {
      note(CONFIG + path, [value]);
      set.set(path, (set.get(path) ?? 0) + 1);
    }
  }
  for (const [path, count] of set) if (count < runs.length) note(CONFIG + path, [null]);
  const choices = [...distinct].map(([key, values]) => ({
    key,
    label: labelOf(key),
    count: values.size,
  }));
  return choices.filter(({ count }) => count > 1).toSorted(inOrder);
}

export function labelOf(key: string): string {
  return isConfig(key)
    ? key.slice(CONFIG.length)
    : (FIELDS.find(field => field.key === key)?.label ?? key);
}

export const isConfig = (key: string): boolean => key.startsWith(CONFIG);

function inOrder(a: GroupChoice, b: GroupChoice): number {
  const place = ({ key }: GroupChoice): number =>
    isConfig(key) ? FIELDS.length : FIELDS.findIndex(field => field.key === key);
  return place(a) - place(b) || collator.compare(a.label, b.label);
}

/** Numbers by size, other text as people order it, what is missing last. */
function inOrderOfValues(a: (string | null)[], b: (string | null)[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index];
    if (one === other) continue;
    if (one === null || other === null) return one === null ? 1 : -1;
    return Number(one) - Number(other) || collator.compare(one, other);
  }
  return 0;
}

function valuesOf(run: Run, key: string): (string | null)[] {
  if (isConfig(key)) return [configValues(run).get(key.slice(CONFIG.length)) ?? null];
  return FIELDS.find(field => field.key === key)?.values(run) ?? [null];
}

const configs = new WeakMap<JsonObject, Map<string, string>>();

/** Every value of a run's config as text, by its path with dots. */
function configValues({ config }: Run): Map<string, string> {
  const known = configs.get(config);
  if (known) return known;
  const values = new Map<string, string>();
  const walk = (value: Json, path: string): void => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [name, member] of Object.entries(value))
        walk(member, path ? `${path}.${name}` : name);
    } else values.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  };
  walk(config, '');
  configs.set(config, values);
  return values;
}

function nameOf(keys: string[], values: (string | null)[]): string {
  const parts = values.map((value, index) => {
    const label = isConfig(keys[index]) ? labelOf(keys[index]) : labelOf(keys[index]).toLowerCase();
    if (value === null) return `no ${label}`;
    return keys[index] === 'name' ? value : `${label} ${value}`;
  });
  return parts.join(', ');
}

function product<T>(lists: T[][]): T[][] {
  return lists.reduce<T[][]>(
    (rows, list) => rows.flatMap(row => list.map(item => [...row, item])),
    [[]],
  );
}

const collator = new Intl.Collator('en', { numeric: true });
