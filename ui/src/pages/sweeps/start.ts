import type { Run } from '~/api/schema';
import type { Suggestion } from '~/api/sweep-schema';
import { plural } from '~/util/format';
import { parsePattern } from '~/util/pattern';
import { emptyParameter, readParameter, type DraftParameter } from './draft';

/** Parameters are suggested from so many runs at most, the newest ones. */
export const MAX_STARTED_FROM = 500;

export type PastChoice = 'finished' | 'all' | 'none';

/** The runs that a new sweep starts from, newest first. */
export function pastRuns(runs: Run[], choice: PastChoice, search: string): Run[] {
  if (choice === 'none') return [];
  const { matches } = parsePattern(search);
  const isMeant = (run: Run): boolean =>
    (choice === 'all' || run.state === 'finished') &&
    (matches(run.display_name) || run.tags.some(matches) || matches(run.group ?? ''));
  return runs.filter(isMeant).slice(0, MAX_STARTED_FROM);
}

/** Nobody looks for the best seed. */
const SEED = /(?:^|[._])(?:seed|random_state)$/i;

/** The parameters that runs suggest: those that varied are on and come first. */
export function suggestedParameters({ items }: Suggestion): DraftParameter[] {
  const read = items.map(({ name, parameter, n_distinct, n_runs }) => ({
    ...(readParameter(name, parameter) ?? emptyParameter(name)),
    isOn: n_distinct > 1 && !SEED.test(name),
    note: `${plural(n_distinct, 'value')} in ${plural(n_runs, 'run')}`,
  }));
  return [...read.filter(({ isOn }) => isOn), ...read.filter(({ isOn }) => !isOn)];
}

/** Suggested parameters, with those in their place that somebody has edited. */
export function mergeParameters(
  suggested: DraftParameter[],
  edited: Map<string, DraftParameter>,
  added: DraftParameter[],
): DraftParameter[] {
  const names = new Set(suggested.map(({ name }) => name));
  const kept = [...edited].filter(([name, { isOn }]) => isOn && !names.has(name));
  return [
    ...suggested.map(parameter => edited.get(parameter.name) ?? parameter),
    ...kept.map(([, parameter]) => parameter),
    ...added,
  ];
}

const BETTER_LOW = /loss|error|\berr\b|perplexity|\bppl\b|rmse|\bmae\b|\bmse\b|latency|time/i;

export const goalFor = (metric: string): 'minimize' | 'maximize' =>
  BETTER_LOW.test(metric) ? 'minimize' : 'maximize';

/** The metric that a sweep is most likely about: of validation rather than of training, and a loss rather than anything. */
export function likelyMetric(names: string[]): string {
  const score = (name: string): number =>
    (/^_|^system/.test(name) ? -8 : 0) +
    (/\b(?:val|valid|validation|eval|test)/i.test(name) ? 4 : 0) +
    (/loss/i.test(name) ? 2 : 0) +
    (/acc|f1|auc|score|reward/i.test(name) ? 1 : 0);
  const best = names.toSorted((a, b) => score(b) - score(a)).at(0);
  return best !== undefined && score(best) > 0 ? best : '';
}
