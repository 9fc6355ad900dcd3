import type { Columns } from './columns';

/** Columns of one row each, for tests. */
export function rawColumns(xs: number[], ys: number[]): Columns {
  const finite = ys.map(Number.isFinite);
  const flags = (is: (y: number) => boolean): Uint32Array =>
    Uint32Array.from(ys, y => (is(y) ? 1 : 0));
  return {
    xMin: Float64Array.from(xs),
    xMax: Float64Array.from(xs),
    min: Float64Array.from(ys),
    max: Float64Array.from(ys),
    last: Float64Array.from(ys),
    mean: Float64Array.from(ys),
    count: Uint32Array.from(finite, Number),
    nNan: flags(Number.isNaN),
    nPosInf: flags(y => y === Number.POSITIVE_INFINITY),
    nNegInf: flags(y => y === Number.NEGATIVE_INFINITY),
    nPoints: ys.length,
    isSmoothed: false,
    group: null,
  };
}
