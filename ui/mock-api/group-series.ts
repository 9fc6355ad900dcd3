import { float64, tableFromArrays, uint32 } from '@uwdata/flechette';
import type { SeriesRequest } from '../src/api/schema';
import type { Point } from './smoothing.ts';

const COUNTS = ['group', 'key', 'n', 'count', 'n_non_finite'];
const FLOATS = [
  'x_min',
  'x_max',
  'mean',
  'median',
  'sd',
  'se',
  'ci95_low',
  'ci95_high',
  'min',
  'max',
];
/** The 97.5 % quantile of Student's t by degrees of freedom; that of the normal distribution beyond. */
const T = [Number.NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/** Folds curves of groups: each member has one value in a column, the mean of its points there. */
export function groupTable(
  { groups, columns, axis }: SeriesRequest,
  nQuantities: number,
  pointsOf: (run: number, quantity: number) => Point[],
) {
  const table = Object.fromEntries([...COUNTS, ...FLOATS].map(name => [name, [] as number[]]));
  const points = (groups ?? []).map((members, group) =>
    Array.from({ length: nQuantities }, (_, key) => {
      const curves = members.map(run => pointsOf(run, key)).filter(curve => curve.length > 0);
      const low = Math.min(...curves.map(curve => curve[0][0]));
      const high = Math.max(...curves.map(curve => curve.at(-1)![0]));
      const longest = Math.max(0, ...curves.map(curve => curve.length));
      const raw = longest <= columns && axis.kind === 'step';
      const width = raw || high === low ? 1 : 2 ** Math.ceil(Math.log2((high - low) / columns));
      const buckets = new Map<number, Point[][]>();
      curves.forEach((curve, member) => {
        for (const point of curve) {
          const place = Math.floor(point[0] / width);
          const bucket = buckets.get(place) ?? [];
          (bucket[member] ??= []).push(point);
          buckets.set(place, bucket);
        }
      });
      for (const place of [...buckets.keys()].toSorted((a, b) => a - b)) {
        const figures = { group, key, ...figuresOf(buckets.get(place)!.filter(Boolean)) };
        for (const [name, value] of Object.entries(figures)) table[name].push(value);
      }
      return curves.reduce((sum, curve) => sum + curve.length, 0);
    }),
  );
  const types = Object.fromEntries([
    ...COUNTS.map(name => [name, uint32()]),
    ...FLOATS.map(name => [name, float64()]),
  ]);
  return { arrow: tableFromArrays(table, { types }), points };
}

function figuresOf(members: Point[][]) {
  const all = members.flat();
  const finite = all.map(([, y]) => y).filter(Number.isFinite);
  const values = members
    .map(curve => mean(curve.map(([, y]) => y).filter(Number.isFinite)))
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  const n = values.length;
  const center = mean(values);
  const sd = Math.sqrt(
    values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (n - 1 || Number.NaN),
  );
  const se = sd / Math.sqrt(n);
  const reach = se * (T[n - 1] ?? 1.96);
  const xs = all.map(([x]) => x);
  return {
    n,
    count: finite.length,
    n_non_finite: all.length - finite.length,
    x_min: Math.min(...xs),
    x_max: Math.max(...xs),
    mean: center,
    median: n > 0 ? (values[(n - 1) >> 1] + values[n >> 1]) / 2 : Number.NaN,
    sd,
    se,
    ci95_low: center - reach,
    ci95_high: center + reach,
    min: finite.length > 0 ? Math.min(...finite) : Number.NaN,
    max: finite.length > 0 ? Math.max(...finite) : Number.NaN,
  };
}

const mean = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
