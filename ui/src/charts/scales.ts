import { isFiniteColumn, type Columns } from './columns';

export type Range = [number, number];
export type XKind = 'number' | 'duration' | 'time';

/** Maps values to pixels of a plot, 0 at its left or top edge. */
export interface Projection {
  x: (value: number) => number;
  y: (value: number) => number;
  width: number;
  height: number;
}

export interface PlotScales {
  x: Range;
  y: Range;
  logX: boolean;
  logY: boolean;
}

function project(
  range: Range,
  log: boolean,
  start: number,
  end: number,
): (value: number) => number {
  const place = log ? Math.log10 : (value: number): number => value;
  const low = place(range[0]);
  const factor = (end - start) / (place(range[1]) - low || 1);
  return value => start + (place(value) - low) * factor;
}

export function projection(scales: PlotScales, width: number, height: number): Projection {
  return {
    x: project(scales.x, scales.logX, 0, width),
    y: project(scales.y, scales.logY, height, 0),
    width,
    height,
  };
}

/** The value at a pixel: the inverse of a projection's axis. */
export function invert(range: Range, log: boolean, fraction: number): number {
  if (!log) return range[0] + (range[1] - range[0]) * fraction;
  const [low, high] = range.map(Math.log10);
  return 10 ** (low + (high - low) * fraction);
}

/** The x values all curves span, positive ones only on a log axis; null when there are none. */
export function xExtent(curves: Columns[], log: boolean): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { xMin, xMax } of curves) {
    if (xMin.length === 0) continue;
    if (!log) {
      low = Math.min(low, xMin[0]);
      high = Math.max(high, xMax[xMax.length - 1]);
      continue;
    }
    const first = xMin.findIndex(x => x > 0);
    if (first < 0) continue;
    low = Math.min(low, xMin[first]);
    high = Math.max(high, xMax[xMax.length - 1]);
  }
  return low <= high ? widen([low, high], log) : null;
}

/** The values of all curves within an x range, true extremes included, with a little room. */
export function yExtent(curves: Columns[], x: Range, log: boolean): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const columns of curves) {
    for (let index = 0; index < columns.mean.length; index += 1) {
      if (columns.xMax[index] < x[0] || columns.xMin[index] > x[1]) continue;
      if (!isFiniteColumn(columns, index)) continue;
      const least = log && columns.min[index] <= 0 ? columns.mean[index] : columns.min[index];
      if (!log || least > 0) low = Math.min(low, least);
      if (!log || columns.max[index] > 0) high = Math.max(high, columns.max[index]);
    }
  }
  if (low > high) return null;
  if (log) return low === high ? [low / 2, high * 2] : [low * 0.9, high * 1.1];
  if (low === high) return widen([low, high], false);
  const room = (high - low) * 0.05;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

function widen([low, high]: Range, log: boolean): Range {
  if (low < high) return [low, high];
  if (log) return [low / 2, high * 2];
  const room = Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}

/**
 * Keeps `shown` while data that grows stays inside it and still fills most of it; otherwise takes `wanted`, with room
 * to grow into when `live`. So an axis does not creep with every new point.
 */
export function steadyRange(shown: Range | null, wanted: Range, live: boolean, log = false): Range {
  if (!live) return wanted;
  if (shown && wanted[0] === shown[0] && wanted[1] <= shown[1]) {
    const filled = (wanted[1] - wanted[0]) / (shown[1] - shown[0]);
    if (filled > 0.8) return shown;
  }
  if (log) return [wanted[0], wanted[1] * 1.1];
  return [wanted[0], wanted[1] + (wanted[1] - wanted[0]) * 0.08];
}
