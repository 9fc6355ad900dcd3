import type { Columns } from './columns';

const FACTOR = 3;
const known = new WeakMap<Columns, number>();

/**
 * The extent (maximum minus minimum) above which a column is a spike of its curve: a few times the usual extent.
 * Infinite for a curve whose columns are single rows, which draws every point anyway.
 */
export function spikeThreshold(columns: Columns): number {
  const cached = known.get(columns);
  if (cached !== undefined) return cached;
  const extents: number[] = [];
  for (let index = 0; index < columns.mean.length; index += 1) {
    if (columns.count[index] > 1) extents.push(columns.max[index] - columns.min[index]);
  }
  extents.sort((a, b) => a - b);
  const threshold =
    extents.length === 0 ? Number.POSITIVE_INFINITY : extents[extents.length >> 1] * FACTOR;
  known.set(columns, threshold);
  return threshold;
}
