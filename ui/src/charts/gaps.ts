import { columnX, isFiniteColumn, type Columns } from './columns';

const FACTOR = 5;
const known = new WeakMap<Columns, number>();

/**
 * The distance in x beyond which two neighbours are not joined: a few times what is usual for the curve, so that
 * missing steps show as a gap and a key logged now and then still makes a line.
 */
export function gapThreshold(columns: Columns): number {
  const cached = known.get(columns);
  if (cached !== undefined) return cached;
  const distances: number[] = [];
  let previous = Number.NaN;
  for (let index = 0; index < columns.mean.length; index += 1) {
    if (!isFiniteColumn(columns, index)) continue;
    const x = columnX(columns, index);
    if (!Number.isNaN(previous)) distances.push(x - previous);
    previous = x;
  }
  distances.sort((a, b) => a - b);
  const usual = distances[Math.floor(distances.length * 0.9)];
  const threshold =
    distances.length < 8 || !(usual > 0) ? Number.POSITIVE_INFINITY : usual * FACTOR;
  known.set(columns, threshold);
  return threshold;
}

/** Ranges of column places `[start, end)` that are drawn as one stroke each. */
export function strokes(columns: Columns): [number, number][] {
  const threshold = gapThreshold(columns);
  const parts: [number, number][] = [];
  let start = -1;
  for (let index = 0; index < columns.mean.length; index += 1) {
    const finite = isFiniteColumn(columns, index);
    const apart = start >= 0 && finite && columns.xMin[index] - columns.xMax[index - 1] > threshold;
    if (start >= 0 && (!finite || apart)) {
      parts.push([start, index]);
      start = -1;
    }
    if (finite && start < 0) start = index;
  }
  if (start >= 0) parts.push([start, columns.mean.length]);
  return parts;
}
