import { rampColor, rampStops } from '../ramp';
import type { ChartTheme } from '../theme';
import type { PlacedLine } from './lines';

/** Where axes stand, in pixels. */
export interface Frame {
  width: number;
  height: number;
  xs: number[];
  /** Of the foot and the top of every axis. */
  foot: number;
  top: number;
}

export const yOf = ({ foot, top }: Frame, place: number): number => foot + (top - foot) * place;
export const placeAt = ({ foot, top }: Frame, y: number): number => (y - foot) / (top - foot);

const BOLD = 2.5;
/** Many lines are drawn fainter, so that where they run together shows. */
const strength = (count: number): number => Math.min(0.95, Math.max(0.2, 5 / Math.sqrt(count)));

function prepare(
  canvas: HTMLCanvasElement,
  { width, height }: Frame,
): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const ctx = canvas.getContext('2d');
  ctx?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return ctx;
}

/** Cubic curves whose course is that of `between`. */
function trace(ctx: CanvasRenderingContext2D, { places }: PlacedLine, frame: Frame): void {
  const ys = places.map(place => yOf(frame, place));
  ctx.beginPath();
  if (ys.length === 1) {
    ctx.moveTo(frame.xs[0] - 12, ys[0]);
    ctx.lineTo(frame.xs[0] + 12, ys[0]);
  }
  ys.forEach((y, index) => {
    const x = frame.xs[index];
    if (index === 0) ctx.moveTo(x, y);
    else {
      const before = frame.xs[index - 1];
      const third = (x - before) / 3;
      ctx.bezierCurveTo(before + third, ys[index - 1], x - third, y, x, y);
    }
  });
  ctx.stroke();
}

export function drawLines(
  canvas: HTMLCanvasElement,
  lines: PlacedLine[],
  frame: Frame,
  theme: ChartTheme,
): void {
  const ctx = prepare(canvas, frame);
  if (!ctx) return;
  const stops = rampStops(theme);
  const unlit = theme.resolve('var(--line)');
  const nLit = lines.filter(({ isLit }) => isLit).length;
  ctx.lineJoin = 'round';
  for (const placed of lines) {
    ctx.globalAlpha = placed.isLit ? strength(nLit) : 0.55;
    ctx.lineWidth = placed.isLit && nLit <= 100 ? 1.5 : 1;
    ctx.strokeStyle = placed.isLit ? lineColor(placed, stops, theme) : unlit;
    ctx.setLineDash(placed.isLit && placed.shade === null ? [4, 3] : []);
    trace(ctx, placed, frame);
  }
}

/** One line, bold, on a canvas of its own: nothing else has to be drawn again when the pointer moves. */
export function drawBold(
  canvas: HTMLCanvasElement,
  placed: PlacedLine | null,
  frame: Frame,
  theme: ChartTheme,
): void {
  const ctx = prepare(canvas, frame);
  if (!ctx || !placed) return;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = theme.background;
  ctx.lineWidth = BOLD + 3;
  trace(ctx, placed, frame);
  ctx.strokeStyle = lineColor(placed, rampStops(theme), theme);
  ctx.lineWidth = BOLD;
  trace(ctx, placed, frame);
  ctx.fillStyle = ctx.strokeStyle;
  placed.places.forEach((place, index) => {
    ctx.beginPath();
    ctx.arc(frame.xs[index], yOf(frame, place), 3.5, 0, 2 * Math.PI);
    ctx.fill();
  });
}

function lineColor({ shade }: PlacedLine, stops: string[], theme: ChartTheme): string {
  return shade === null ? theme.resolve('var(--text-3)') : rampColor(stops, shade);
}
