import { columnX, isFiniteColumn, type Columns } from './columns';

/** The x range is mapped to this many units, so that a weight means the same for any x. */
const VIEWPORT_SCALE = 1000;

/**
 * Returns the time-weighted exponential moving average of a curve's column means, one value per column.
 *
 * `weight` is the slider's value in [0, 1). `rangeOfX` is the run's whole extent, so that zooming does not change the
 * curve. `before`, the coarse columns left of a zoomed range, warm the average up. Columns without a finite value
 * give NaN and do not count.
 */
export function smooth(
  columns: Columns,
  weight: number,
  rangeOfX: number,
  before?: Columns,
): Float64Array {
  const average = new MovingAverage(weight, rangeOfX);
  if (before) {
    const start = columns.mean.length > 0 ? columns.xMin[0] : Number.POSITIVE_INFINITY;
    for (let index = 0; index < before.mean.length && before.xMax[index] < start; index += 1) {
      if (isFiniteColumn(before, index)) average.push(columnX(before, index), before.mean[index]);
    }
  }
  const smoothed = new Float64Array(columns.mean.length).fill(Number.NaN);
  for (let index = 0; index < smoothed.length; index += 1) {
    if (isFiniteColumn(columns, index))
      smoothed[index] = average.push(columnX(columns, index), columns.mean[index]);
  }
  return smoothed;
}

class MovingAverage {
  private readonly base: number;
  private readonly rangeOfX: number;
  private previousX = Number.NaN;
  private sum = 0;
  private debias = 0;

  constructor(weight: number, rangeOfX: number) {
    this.base = Math.min(Math.sqrt(weight), 0.999);
    this.rangeOfX = rangeOfX > 0 ? rangeOfX : 1;
  }

  push(x: number, value: number): number {
    const change = Number.isNaN(this.previousX)
      ? 0
      : ((x - this.previousX) / this.rangeOfX) * VIEWPORT_SCALE;
    const decay = this.base ** Math.max(0, change);
    this.previousX = x;
    this.sum = this.sum * decay + value;
    this.debias = this.debias * decay + 1;
    return this.sum / this.debias;
  }
}
