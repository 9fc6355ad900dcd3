import { columnX, isFiniteColumn, type Columns } from './columns';
import type { ChartLine } from './draw-lines';
import { gapThreshold } from './gaps';

/** What one curve says at an x. */
export interface Reading {
  line: ChartLine;
  x: number;
  value: number;
  /** The value before smoothing; null where the line is not smoothed. */
  raw: number | null;
  min: number;
  max: number;
  count: number;
  /** Members of a group that have a value there; null for a run. */
  n: number | null;
}

/** Reads each curve at its column nearest to `x`; curves that are not there are left out. Highest value first. */
export function readAt(lines: ChartLine[], x: number, tolerance: number): Reading[] {
  const readings: Reading[] = [];
  for (const line of lines) {
    const index = nearestColumn(line.columns, x);
    if (index < 0) continue;
    const { columns } = line;
    const distance = Math.max(columns.xMin[index] - x, x - columns.xMax[index], 0);
    const beyond = x < columns.xMin[0] || x > columns.xMax[columns.xMax.length - 1];
    const between = Math.min(gapThreshold(columns), tolerance * 20) / 2;
    if (distance > (beyond ? tolerance : Math.max(tolerance, between))) continue;
    const mean = columns.mean[index];
    const at = columnX(columns, index);
    const smoothed = line.smoothed ? nearestColumn(line.smoothed, at) : -1;
    const isFrontBand = line.smoothed?.group && smoothed >= 0;
    const [banded, place] = isFrontBand ? [line.smoothed!, smoothed] : [columns, index];
    readings.push({
      line,
      x: at,
      value: line.smoothed && smoothed >= 0 ? line.smoothed.mean[smoothed] : mean,
      raw: smoothed >= 0 ? mean : null,
      min: banded.min[place],
      max: banded.max[place],
      count: columns.count[index],
      n: banded.group ? banded.group.n[place] : null,
    });
  }
  return readings.toSorted((a, b) => b.value - a.value);
}

/** The place of the column with a finite value nearest to `x`; -1 if there is none near it. */
export function nearestColumn(columns: Columns, x: number): number {
  let low = 0;
  let high = columns.mean.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (columns.xMax[middle] < x) low = middle + 1;
    else high = middle;
  }
  let best = -1;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (
    let index = Math.max(0, low - 2);
    index <= Math.min(columns.mean.length - 1, low + 2);
    index += 1
  ) {
    if (!isFiniteColumn(columns, index)) continue;
    const distance = Math.max(columns.xMin[index] - x, x - columns.xMax[index], 0);
    if (distance < bestDistance) [best, bestDistance] = [index, distance];
  }
  return best;
}
