import { columnX, type Columns } from './columns';
import { strokes } from './gaps';
import { spikeThreshold } from './spikes';
import type { Projection } from './scales';

/** A curve as it is drawn. Colours are resolved, no CSS variables. */
export interface ChartLine {
  /** Of whom it is; several curves may be of one. What is hovered lights all of them. */
  id: string;
  name: string;
  color: string;
  columns: Columns;
  /** The name of a group's band. */
  band?: string;
  /** Which of several curves of one, and its dashes; null where there is one of each. */
  curve: { name: string; dash: number[] } | null;
  /** The same curve smoothed, in columns of its own: it stands in front, the means faintly behind. */
  smoothed: Columns | null;
}

const LINE_WIDTH = 1.5;
const CROWDED_WIDTH = 1;
const RAW_ALPHA = 0.22;
const BAND_ALPHA = 0.15;
/** With many curves the bands lie on one another, and as filled shapes they would take seconds. */
const BAND_ALPHA_MANY = 0.12;
const SPIKE_ALPHA = 0.75;

export interface DrawOptions {
  /** Stroke width in CSS pixels. */
  width?: number;
  /** One of many curves. */
  crowded: boolean;
}

export function drawLine(
  ctx: CanvasRenderingContext2D,
  line: ChartLine,
  plot: Projection,
  options: DrawOptions,
): void {
  const parts = strokes(line.columns);
  const front = line.smoothed ?? line.columns;
  // The band of a group is about what its members' curves are in front, that of a run about what it logged.
  const banded = front.group ? front : line.columns;
  // Round joins cost most of the time where there are many curves, and nobody sees them there.
  ctx.lineJoin = options.crowded ? 'bevel' : 'round';
  ctx.lineCap = options.crowded ? 'butt' : 'round';
  ctx.strokeStyle = line.color;
  ctx.fillStyle = line.color;
  ctx.lineWidth = options.width ?? (options.crowded ? CROWDED_WIDTH : LINE_WIDTH);
  ctx.globalAlpha = options.crowded ? BAND_ALPHA_MANY : BAND_ALPHA;
  if (options.crowded) strokeExtents(ctx, banded, plot, 0);
  else for (const part of strokes(banded)) fillBand(ctx, banded, plot, part);
  ctx.globalAlpha = line.smoothed ? RAW_ALPHA : SPIKE_ALPHA;
  if (!front.group) strokeSpikes(ctx, line.columns, plot);
  if (line.smoothed) {
    ctx.globalAlpha = RAW_ALPHA;
    for (const part of parts) stroke(ctx, line.columns, plot, part);
  }
  ctx.globalAlpha = 1;
  ctx.setLineDash(line.curve?.dash ?? []);
  for (const part of line.smoothed ? strokes(front) : parts) stroke(ctx, front, plot, part);
  ctx.setLineDash([]);
  markNonFinite(ctx, line.columns, plot);
}

function stroke(
  ctx: CanvasRenderingContext2D,
  columns: Columns,
  plot: Projection,
  [start, end]: [number, number],
): void {
  if (end - start === 1) {
    ctx.beginPath();
    ctx.arc(plot.x(columnX(columns, start)), plot.y(columns.mean[start]), 2, 0, Math.PI * 2);
    ctx.fill();
    return;
  }
  ctx.beginPath();
  let drawing = false;
  for (let index = start; index < end; index += 1) {
    const x = plot.x(columnX(columns, index));
    const y = plot.y(columns.mean[index]);
    // A log axis has no place for values that are not positive.
    if (!Number.isFinite(x) || !Number.isFinite(y)) drawing = false;
    else if (drawing) ctx.lineTo(x, y);
    else {
      ctx.moveTo(x, y);
      drawing = true;
    }
  }
  ctx.stroke();
}

function fillBand(
  ctx: CanvasRenderingContext2D,
  columns: Columns,
  plot: Projection,
  [start, end]: [number, number],
): void {
  const floor = plot.height + 4;
  const y = (value: number): number => {
    const place = plot.y(value);
    return Number.isFinite(place) ? place : floor;
  };
  let any = false;
  ctx.beginPath();
  for (let index = start; index < end; index += 1) {
    any ||= columns.count[index] > 1;
    ctx.lineTo(plot.x(columnX(columns, index)), y(columns.max[index]));
  }
  if (!any) return;
  for (let index = end - 1; index >= start; index -= 1) {
    ctx.lineTo(plot.x(columnX(columns, index)), y(columns.min[index]));
  }
  ctx.closePath();
  ctx.fill();
}

/**
 * Draws columns that reach much further than the curve's others as lines: a band one pixel wide would hide the spike it
 * is there to show.
 */
function strokeSpikes(ctx: CanvasRenderingContext2D, columns: Columns, plot: Projection): void {
  const threshold = spikeThreshold(columns);
  if (Number.isFinite(threshold)) strokeExtents(ctx, columns, plot, threshold);
}

/** Draws each column that reaches further than `least` as a line from its minimum to its maximum. */
function strokeExtents(
  ctx: CanvasRenderingContext2D,
  columns: Columns,
  plot: Projection,
  least: number,
): void {
  ctx.beginPath();
  for (let index = 0; index < columns.mean.length; index += 1) {
    if (!(columns.max[index] - columns.min[index] > least)) continue;
    const x = plot.x(columnX(columns, index));
    const low = plot.y(columns.min[index]);
    ctx.moveTo(x, Number.isFinite(low) ? low : plot.height);
    ctx.lineTo(x, plot.y(columns.max[index]));
  }
  ctx.stroke();
}

/** Marks at the edge where rows were not finite: crosses below for NaN, triangles towards their infinity. */
function markNonFinite(ctx: CanvasRenderingContext2D, columns: Columns, plot: Projection): void {
  const { nNan, nPosInf, nNegInf } = columns;
  ctx.lineWidth = 1.5;
  for (let index = 0; index < nNan.length; index += 1) {
    if (nNan[index] + nPosInf[index] + nNegInf[index] === 0) continue;
    const x = plot.x(columnX(columns, index));
    if (nPosInf[index]) triangle(ctx, x, 0, 1);
    if (nNegInf[index]) triangle(ctx, x, plot.height, -1);
    if (nNan[index]) {
      const y = plot.height - 4;
      ctx.beginPath();
      ctx.moveTo(x - 2.5, y - 2.5);
      ctx.lineTo(x + 2.5, y + 2.5);
      ctx.moveTo(x + 2.5, y - 2.5);
      ctx.lineTo(x - 2.5, y + 2.5);
      ctx.stroke();
    }
  }
}

function triangle(ctx: CanvasRenderingContext2D, x: number, edge: number, direction: 1 | -1): void {
  ctx.beginPath();
  ctx.moveTo(x, edge);
  ctx.lineTo(x - 4, edge + 7 * direction);
  ctx.lineTo(x + 4, edge + 7 * direction);
  ctx.closePath();
  ctx.fill();
}
