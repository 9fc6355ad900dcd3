/**
 * One curve of a run, or of a group of runs, as the server folds it: one entry per column, ascending in x.
 *
 * `min`, `max`, `last` and `mean` are over the finite values of the column's rows and mean nothing where `count` is 0.
 * Rows that were NaN or infinite are only counted.
 */
export interface Columns {
  xMin: Float64Array;
  xMax: Float64Array;
  min: Float64Array;
  max: Float64Array;
  last: Float64Array;
  mean: Float64Array;
  count: Uint32Array;
  nNan: Uint32Array;
  nPosInf: Uint32Array;
  nNegInf: Uint32Array;
  /** Logged points behind these columns. */
  nPoints: number;
  /** The server smoothed the values before it folded them. */
  isSmoothed: boolean;
  /** Of a group of runs: what its members say; null of a single run. */
  group: GroupFigures | null;
}

/**
 * Figures over the members of a group, one value of each in a column: the mean of its points there. `min` and `max` of
 * the columns are over all points of all members, `mean` is the mean over members.
 */
export interface GroupFigures {
  /** How many members have a value. */
  n: Uint32Array;
  median: Float64Array;
  /** The sample's standard deviation, and the others below, are NaN for fewer than two. */
  sd: Float64Array;
  se: Float64Array;
  ciLow: Float64Array;
  ciHigh: Float64Array;
}

export function columnX(columns: Columns, index: number): number {
  return (columns.xMin[index] + columns.xMax[index]) / 2;
}

export function isFiniteColumn(columns: Columns, index: number): boolean {
  return columns.count[index] > 0 && Number.isFinite(columns.mean[index]);
}
