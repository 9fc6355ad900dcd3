import { float64, tableFromArrays, tableToIPC, uint32 } from '@uwdata/flechette';
import type { Axis, SeriesRequest } from '../src/api/schema';
import { smoothPoints, type Point } from './smoothing.ts';
import { curve, isLogged, type MockRun } from './world.ts';

const NAMES = [
  'run',
  'key',
  'x_min',
  'x_max',
  'min',
  'max',
  'first',
  'last',
  'mean',
  'count',
  'n_nan',
  'n_pos_inf',
  'n_neg_inf',
] as const;
type Name = (typeof NAMES)[number];
type Table = Record<Name, number[]>;

/** Folds curves the way the server promises: exact minimum, maximum, mean and counts of each column. */
export function answerSeries(request: SeriesRequest, runs: MockRun[]): Uint8Array {
  const table = Object.fromEntries(NAMES.map(name => [name, [] as number[]])) as Table;
  const points = runs.map((run, runPlace) =>
    request.keys.map((key, keyPlace) => foldCurve(table, run, runPlace, key, keyPlace, request)),
  );
  const isFloat = (name: Name): boolean =>
    !['run', 'key', 'count', 'n_nan', 'n_pos_inf', 'n_neg_inf'].includes(name);
  const types = Object.fromEntries(NAMES.map(name => [name, isFloat(name) ? float64() : uint32()]));
  const arrow = tableFromArrays(table, { types });
  arrow.schema.metadata = new Map([['points', JSON.stringify(points)]]);
  if (request.smoothing) {
    const smoothed = points.map(ofRun => ofRun.map(count => count > 0));
    arrow.schema.metadata.set('smoothed', JSON.stringify(smoothed));
  }
  return tableToIPC(arrow, { format: 'stream' }) as Uint8Array;
}

function foldCurve(
  table: Table,
  run: MockRun,
  runPlace: number,
  key: string,
  keyPlace: number,
  { axis, stream, smoothing, min, max, columns }: SeriesRequest,
): number {
  const rows = stream === 'system' ? run.n_system_rows : run.n_history_rows;
  const points: Point[] = [];
  for (let step = 0; step < rows; step += 1) {
    if (stream === 'history' && !isLogged(key, step)) continue;
    points.push([xOf(axis, run, step, stream === 'system'), curve(run, key, step)]);
  }
  const inRange = (smoothing ? smoothPoints(points, smoothing) : points).filter(
    ([x]) => x >= (min ?? -Infinity) && x < (max ?? Infinity),
  );
  if (inRange.length === 0) return 0;
  const low = inRange[0][0];
  const span = inRange.at(-1)![0] - low;
  const raw = inRange.length <= columns && axis.kind !== 'metric';
  const width = span > 0 ? 2 ** Math.ceil(Math.log2(span / columns)) : 1;
  let bucket: Point[] = [];
  let place = Number.NaN;
  for (const point of inRange) {
    const here = raw ? point[0] : Math.floor(point[0] / width);
    if (here !== place && bucket.length > 0) {
      push(table, runPlace, keyPlace, bucket);
      bucket = [];
    }
    place = here;
    bucket.push(point);
  }
  push(table, runPlace, keyPlace, bucket);
  return inRange.length;
}

function push(table: Table, run: number, key: number, bucket: Point[]): void {
  const finite = bucket.map(([, y]) => y).filter(Number.isFinite);
  const row: Record<Name, number> = {
    run,
    key,
    x_min: bucket[0][0],
    x_max: bucket.at(-1)![0],
    min: finite.length ? Math.min(...finite) : Number.NaN,
    max: finite.length ? Math.max(...finite) : Number.NaN,
    first: finite[0] ?? Number.NaN,
    last: finite.at(-1) ?? Number.NaN,
    mean: finite.length ? finite.reduce((sum, y) => sum + y, 0) / finite.length : Number.NaN,
    count: finite.length,
    n_nan: bucket.filter(([, y]) => Number.isNaN(y)).length,
    n_pos_inf: bucket.filter(([, y]) => y === Number.POSITIVE_INFINITY).length,
    n_neg_inf: bucket.filter(([, y]) => y === Number.NEGATIVE_INFINITY).length,
  };
  for (const name of NAMES) table[name].push(row[name]);
}

function xOf(axis: Axis, run: MockRun, step: number, system: boolean): number {
  const pace = system ? 5 : 0.9;
  if (axis.kind === 'runtime') return step * pace;
  if (axis.kind === 'time') return Date.parse(run.created_at) / 1000 + step * pace;
  if (axis.kind === 'metric') return curve(run, axis.name ?? '', step);
  return step;
}
