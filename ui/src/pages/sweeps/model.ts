import type { Json, JsonObject } from '~/api/schema';
import type { SweepDetail, SweepObjective, Trial, TrialCounts } from '~/api/sweep-schema';
import type { AxisValue } from '~/charts/parallel/axes';
import { cellNumber } from '~/table/model';

/** A trial with its values by column. */
export interface TrialRow {
  trial: Trial;
  /** Of the run, or of the trial where there is no run. */
  name: string;
  /** Of the parameters, then of the objectives. */
  values: AxisValue[];
}

export interface SweepColumn {
  key: string;
  label: string;
  kind: 'parameter' | 'objective';
  /** Drawn on a log scale. */
  log?: boolean;
}

const objectiveKey = (metric: string): string => `metric:${metric}`;
const parameterKey = (name: string): string => `config:${name}`;

/** The columns of a sweep: what is chosen, then what comes of it. */
export function sweepColumns(sweep: Pick<SweepDetail, 'parameters' | 'objectives'>): SweepColumn[] {
  return [
    ...sweep.parameters
      .filter(({ distribution }) => distribution !== 'constant')
      .map(({ name, is_log }) => ({
        key: parameterKey(name),
        label: name,
        kind: 'parameter' as const,
        // What is not drawn by logarithm may still be seen so if its values ask for it.
        log: is_log || undefined,
      })),
    ...sweep.objectives.map(({ metric }) => ({
      key: objectiveKey(metric),
      label: metric,
      kind: 'objective' as const,
    })),
  ];
}

export function trialRows(
  sweep: Pick<SweepDetail, 'parameters' | 'objectives'>,
  trials: Trial[],
): TrialRow[] {
  const names = sweep.parameters
    .filter(({ distribution }) => distribution !== 'constant')
    .map(({ name }) => name);
  // What was deleted may be tried again and counts for nothing.
  const kept = trials.filter(({ outcome }) => outcome !== 'deleted');
  return kept.map(trial => ({
    trial,
    name: trial.run?.display_name ?? `trial ${trial.number}`,
    values: [
      ...names.map(name => axisValue(valueAt(trial.config, name))),
      ...sweep.objectives.map((_, index) => cellNumber(trial.values[index] ?? undefined)),
    ],
  }));
}

/** The value at a path of keys joined by dots; a key may itself have dots. */
export function valueAt(config: JsonObject, path: string): Json | undefined {
  if (Object.hasOwn(config, path)) return config[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const nested = config[path.slice(0, dot)];
    if (nested === null || typeof nested !== 'object' || Array.isArray(nested)) continue;
    const found = valueAt(nested, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function axisValue(value: Json | undefined): AxisValue {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

export const isLowBest = (objective: SweepObjective | undefined): boolean =>
  objective?.goal !== 'maximize';

export const isLive = ({ outcome }: Trial): boolean =>
  outcome === 'running' || outcome === 'pending';

/** Rows that are in the order of a list of keys come first, in that order. */
export function inOrder<T extends { key: string }>(items: T[], order: string[] = []): T[] {
  const placeOf = ({ key }: T): number => {
    const place = order.indexOf(key);
    return place < 0 ? order.length : place;
  };
  return items.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** The order of keys after one is moved by some places. */
export function moved(keys: string[], key: string, by: number): string[] {
  const others = keys.filter(other => other !== key);
  const place = Math.min(others.length, Math.max(0, keys.indexOf(key) + by));
  return others.toSpliced(place, 0, key);
}

export interface ProgressPart {
  kind: 'finished' | 'stopped' | 'failed' | 'running' | 'pending';
  count: number;
  label: string;
}

/** The trials of a sweep by what became of them, in words, without what there is none of. */
export function progressParts(counts: TrialCounts): ProgressPart[] {
  const { finished, prior, stopped, failed, lost, killed, running, pending } = counts;
  const ended: [ProgressPart['kind'], number, string][] = [
    ['finished', finished, 'finished'],
    ['finished', prior, 'from before'],
    ['stopped', stopped, 'stopped early'],
    ['failed', failed, 'failed'],
    ['failed', lost, 'lost'],
    ['failed', killed, 'killed'],
    ['running', running, 'running'],
    ['pending', pending, 'waiting'],
  ];
  return ended
    .filter(([, count]) => count > 0)
    .map(([kind, count, word]) => ({ kind, count, label: `${count} ${word}` }));
}

/** Rows sorted by a column; those without a value stand last whichever way it sorts. */
export function sortRows(rows: TrialRow[], column: number, descending: boolean): TrialRow[] {
  const direction = descending ? -1 : 1;
  return rows.toSorted((a, b) => compareValues(a.values[column], b.values[column], direction));
}

function compareValues(a: AxisValue, b: AxisValue, direction: number): number {
  if (isNothing(a) || isNothing(b)) return Number(isNothing(a)) - Number(isNothing(b));
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * direction;
  return String(a).localeCompare(String(b)) * direction;
}

const isNothing = (value: AxisValue): boolean => value === null || Number.isNaN(value);

/** Where the best value is: the first of the objectives' in rows that count. */
export function bestRow(rows: TrialRow[], column: number, lowBest: boolean): TrialRow | null {
  const counted = rows.filter(
    ({ trial, values }) => !isLive(trial) && typeof values[column] === 'number',
  );
  return (
    sortRows(counted, column, !lowBest).find(({ values }) => Number.isFinite(values[column])) ??
    null
  );
}
