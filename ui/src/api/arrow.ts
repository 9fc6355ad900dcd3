import { tableFromIPC } from '@uwdata/flechette';
import type { Columns } from '~/charts/columns';
import type { RunError } from './schema';

/** One decoded answer of the series endpoint: `columns(line, key)` by their places in the request. */
export interface SeriesAnswer {
  columns: (line: number, key: number) => Columns;
  /** The runs that no curve has points of. */
  damaged: RunError[];
}

type Arrays = Omit<Columns, 'nPoints' | 'isSmoothed' | 'group'>;
type Read = ReturnType<typeof reader>;

/**
 * Decodes the Arrow stream of a series request of `nKeys` keys, whose lines are runs or, if it asked for them, groups.
 * The arrays are views on the answer, not copies.
 */
export function decodeSeries(bytes: ArrayBuffer, nKeys: number, ofGroups: boolean): SeriesAnswer {
  const table = tableFromIPC(new Uint8Array(bytes));
  const read = reader(table);
  const all = { ...read.floats({ xMin: 'x_min', xMax: 'x_max', mean: 'mean' }), ...extremes(read) };
  const arrays: Arrays = ofGroups
    ? { ...all, ...countsOfGroups(read) }
    : { ...all, ...counts(read) };
  const figures = ofGroups ? groupFigures(read) : null;
  const lines = read.column(ofGroups ? 'group' : 'run');
  const places = placesOf(lines, read.column('key'), nKeys);
  const { metadata } = table.schema;
  const points = JSON.parse(metadata?.get('points') ?? '[]') as number[][];
  const smoothed = JSON.parse(metadata?.get('smoothed') ?? '[]') as boolean[][];
  return {
    damaged: JSON.parse(metadata?.get('errors') ?? '[]') as RunError[],
    columns: (line, key) => {
      const [start, end] = places.get(line * nKeys + key) ?? [0, 0];
      return {
        ...cut(arrays, start, end),
        nPoints: points[line]?.[key] ?? end - start,
        isSmoothed: smoothed[line]?.[key] ?? false,
        group: figures && cut(figures, start, end),
      };
    },
  };
}

function reader(table: ReturnType<typeof tableFromIPC>) {
  const column = (name: string): ArrayLike<number | bigint> => {
    const found = table.getChild(name);
    if (!found) throw new Error(`series answer has no column \`${name}\``);
    return found.toArray() as ArrayLike<number | bigint>;
  };
  return {
    column: (name: string) => column(name) as ArrayLike<number>,
    floats: <Name extends string>(names: Record<Name, string>) =>
      mapped(names, name => Float64Array.from(column(name) as ArrayLike<number>)),
    /** Counts beyond what 32 bits hold are as many as these hold. */
    counts: <Name extends string>(names: Record<Name, string>) =>
      mapped(names, name =>
        Uint32Array.from(column(name) as ArrayLike<number>, count =>
          Math.min(Number(count), 0xff_ff_ff_ff),
        ),
      ),
  };
}

function mapped<Name extends string, T>(
  names: Record<Name, string>,
  make: (column: string) => T,
): Record<Name, T> {
  const entries = Object.entries<string>(names).map(([name, column]) => [name, make(column)]);
  return Object.fromEntries(entries) as Record<Name, T>;
}

const extremes = (read: Read) => read.floats({ min: 'min', max: 'max' });

const counts = (read: Read) => ({
  ...read.floats({ last: 'last' }),
  ...read.counts({ count: 'count', nNan: 'n_nan', nPosInf: 'n_pos_inf', nNegInf: 'n_neg_inf' }),
});

/** A group is told its points that are not finite without their kinds, and has no last point. */
function countsOfGroups(read: Read) {
  const told = read.counts({ count: 'count', nNan: 'n_non_finite' });
  const none = new Uint32Array(told.count.length);
  return { ...told, nPosInf: none, nNegInf: none, ...read.floats({ last: 'mean' }) };
}

const groupFigures = (read: Read) => ({
  ...read.counts({ n: 'n' }),
  ...read.floats({
    median: 'median',
    sd: 'sd',
    se: 'se',
    ciLow: 'ci95_low',
    ciHigh: 'ci95_high',
  }),
});

/** The same arrays between two places. */
function cut<T extends Record<string, Float64Array | Uint32Array>>(
  arrays: T,
  start: number,
  end: number,
): T {
  const entries = Object.entries(arrays).map(([name, array]) => [name, array.subarray(start, end)]);
  return Object.fromEntries(entries) as T;
}

function placesOf(
  lines: ArrayLike<number>,
  keys: ArrayLike<number>,
  nKeys: number,
): Map<number, [number, number]> {
  const places = new Map<number, [number, number]>();
  let start = 0;
  for (let row = 1; row <= lines.length; row += 1) {
    if (row < lines.length && lines[row] === lines[start] && keys[row] === keys[start]) continue;
    places.set(lines[start] * nKeys + keys[start], [start, row]);
    start = row;
  }
  return places;
}
