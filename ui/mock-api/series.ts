import { float64, tableFromArrays, tableToIPC, uint32 } from '@uwdata/flechette';
import type { Axis, RunError, SeriesRequest } from '../src/api/schema';
import { parse, type Expression } from './expression.ts';
import { groupTable } from './group-series.ts';
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
export function answerSeries(request: SeriesRequest, runs: (MockRun | undefined)[]): Uint8Array {
  const table = Object.fromEntries(NAMES.map(name => [name, [] as number[]])) as Table;
  const quantities = quantitiesOf(request);
  const errors = damageOf(runs);
  if (request.groups) {
    const { arrow, points } = groupTable(request, quantities.length, (run, quantity) => {
      const member = runs[run];
      return member && !member.damage ? pointsOf(member, quantities[quantity], request) : [];
    });
    return encode(arrow, points, errors, request);
  }
  const points = runs.map((run, runPlace) =>
    quantities.map((quantity, place) => {
      const inRange = run && !run.damage ? pointsOf(run, quantity, request) : [];
      for (const bucket of bucketsOf(inRange, request)) push(table, runPlace, place, bucket);
      return inRange.length;
    }),
  );
  const isFloat = (name: Name): boolean =>
    !['run', 'key', 'count', 'n_nan', 'n_pos_inf', 'n_neg_inf'].includes(name);
  const types = Object.fromEntries(NAMES.map(name => [name, isFloat(name) ? float64() : uint32()]));
  return encode(tableFromArrays(table, { types }), points, errors, request);
}

/** The runs that an answer leaves out. */
export function damageOf(runs: (MockRun | undefined)[]): RunError[] {
  return runs.flatMap(run => (run?.damage ? { run: run.id, message: run.damage } : []));
}

function encode(
  arrow: ReturnType<typeof tableFromArrays>,
  points: number[][],
  errors: RunError[],
  { smoothing }: SeriesRequest,
): Uint8Array {
  arrow.schema.metadata = new Map([['points', JSON.stringify(points)]]);
  if (errors.length > 0) arrow.schema.metadata.set('errors', JSON.stringify(errors));
  if (smoothing) {
    const smoothed = points.map(ofRun => ofRun.map(count => count > 0));
    arrow.schema.metadata.set('smoothed', JSON.stringify(smoothed));
  }
  return tableToIPC(arrow, { format: 'stream' }) as Uint8Array;
}

/** What is drawn, keys first, then expressions. */
function quantitiesOf({ keys, expressions = [] }: SeriesRequest): Expression[] {
  return [...keys.map(key => parse(`\${${key}}`)), ...expressions.map(parse)];
}

/** The points of a curve within the asked range, smoothed over all of them. */
function pointsOf(
  run: MockRun,
  { metrics, evaluate }: Expression,
  { axis, stream, smoothing, min, max }: SeriesRequest,
): Point[] {
  const rows = stream === 'system' ? run.n_system_rows : run.n_history_rows;
  const points: Point[] = [];
  const xAt = xOf(axis, run, stream === 'system');
  for (let step = 0; step < rows; step += 1) {
    if (stream === 'history' && !metrics.every(name => isLogged(name, step))) continue;
    const y = evaluate((name, back) => (step < back ? Number.NaN : curve(run, name, step - back)));
    points.push([xAt(step), y]);
  }
  return (smoothing ? smoothPoints(points, smoothing) : points).filter(
    ([x]) => x >= (min ?? -Infinity) && x <= (max ?? Infinity),
  );
}

function bucketsOf(points: Point[], { axis, columns }: SeriesRequest): Point[][] {
  if (points.length === 0) return [];
  const span = points.at(-1)![0] - points[0][0];
  const raw = points.length <= columns && axis.kind !== 'metric' && axis.kind !== 'expression';
  const width = span > 0 ? 2 ** Math.ceil(Math.log2(span / columns)) : 1;
  const buckets: Point[][] = [];
  let place = Number.NaN;
  for (const point of points) {
    const here = raw ? point[0] : Math.floor(point[0] / width);
    if (here !== place) buckets.push([]);
    place = here;
    buckets.at(-1)!.push(point);
  }
  return buckets;
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

function xOf(axis: Axis, run: MockRun, system: boolean): (step: number) => number {
  const pace = system ? 5 : 0.9;
  const name = axis.name ?? '';
  switch (axis.kind) {
    case 'runtime':
      return step => step * pace;
    case 'time':
      return step => Date.parse(run.created_at) / 1000 + step * pace;
    case 'metric':
      return step => curve(run, name, step);
    case 'expression': {
      const { evaluate } = parse(name);
      return step => evaluate(metric => curve(run, metric, step));
    }
    default:
      return step => step;
  }
}
