import { tableFromIPC } from '@uwdata/flechette';
import type { Columns } from '~/charts/columns';

/** One decoded answer of the series endpoint: `columns(run, key)` by their places in the request. */
export interface SeriesAnswer {
  columns: (run: number, key: number) => Columns;
}

/** Decodes the Arrow stream of a series request of `nKeys` keys. The arrays are views on the answer, not copies. */
export function decodeSeries(bytes: ArrayBuffer, nKeys: number): SeriesAnswer {
  const table = tableFromIPC(new Uint8Array(bytes));
  const column = (name: string): ArrayLike<number> => {
    const found = table.getChild(name);
    if (!found) throw new Error(`series answer has no column \`${name}\``);
    return found.toArray() as ArrayLike<number>;
  };
  const floats = (name: string): Float64Array => Float64Array.from(column(name));
  const counts = (name: string): Uint32Array => Uint32Array.from(column(name));
  const runs = column('run');
  const keys = column('key');
  const all = {
    xMin: floats('x_min'),
    xMax: floats('x_max'),
    min: floats('min'),
    max: floats('max'),
    last: floats('last'),
    mean: floats('mean'),
    count: counts('count'),
    nNan: counts('n_nan'),
    nPosInf: counts('n_pos_inf'),
    nNegInf: counts('n_neg_inf'),
  };
  const places = placesOf(runs, keys, nKeys);
  const { metadata } = table.schema;
  const points = JSON.parse(metadata?.get('points') ?? '[]') as number[][];
  const smoothed = JSON.parse(metadata?.get('smoothed') ?? '[]') as boolean[][];
  return {
    columns: (run, key) => {
      const [start, end] = places.get(run * nKeys + key) ?? [0, 0];
      return {
        xMin: all.xMin.subarray(start, end),
        xMax: all.xMax.subarray(start, end),
        min: all.min.subarray(start, end),
        max: all.max.subarray(start, end),
        last: all.last.subarray(start, end),
        mean: all.mean.subarray(start, end),
        count: all.count.subarray(start, end),
        nNan: all.nNan.subarray(start, end),
        nPosInf: all.nPosInf.subarray(start, end),
        nNegInf: all.nNegInf.subarray(start, end),
        nPoints: points[run]?.[key] ?? end - start,
        isSmoothed: smoothed[run]?.[key] ?? false,
      };
    },
  };
}

function placesOf(
  runs: ArrayLike<number>,
  keys: ArrayLike<number>,
  nKeys: number,
): Map<number, [number, number]> {
  const places = new Map<number, [number, number]>();
  let start = 0;
  for (let row = 1; row <= runs.length; row += 1) {
    if (row < runs.length && runs[row] === runs[start] && keys[row] === keys[start]) continue;
    places.set(runs[start] * nKeys + keys[start], [start, row]);
    start = row;
  }
  return places;
}
