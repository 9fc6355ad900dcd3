import uPlot from 'uplot';
import { DURATION_INCREMENTS, formatTicks } from './axis-format';
import { drawLine, type ChartLine } from './draw-lines';
import { projection, type PlotScales, type Projection, type Range, type XKind } from './scales';
import type { ChartTheme } from './theme';

export interface PlotBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

const NO_BOX: PlotBox = { left: 0, top: 0, width: 0, height: 0 };

export interface ChartState extends PlotScales {
  lines: ChartLine[];
  xKind: XKind;
  width: number;
  height: number;
  theme: ChartTheme;
}

const MANY_LINES = 24;
const AXIS_FONT = '11px "Inter Variable", system-ui, sans-serif';

/**
 * A chart on canvases: uPlot lays out and draws axes and grid; the curves lie on a canvas of their own and the
 * highlighted curve on a third, so that hovering redraws one curve and dims the rest by opacity.
 */
export class ChartView {
  private readonly host: HTMLElement;
  private readonly curves = document.createElement('canvas');
  private readonly highlighted = document.createElement('canvas');
  private plot: uPlot | null = null;
  private layout = '';
  private state: ChartState | null = null;
  private highlightId: string | null = null;
  private box = NO_BOX;

  constructor(host: HTMLElement) {
    this.host = host;
    for (const canvas of [this.curves, this.highlighted]) {
      canvas.style.position = 'absolute';
      canvas.style.pointerEvents = 'none';
    }
  }

  update(state: ChartState): void {
    this.state = state;
    const layout = [state.xKind, state.logX, state.logY, state.theme.name].join('|');
    if (!this.plot || layout !== this.layout) this.rebuild(layout);
    else {
      if (this.plot.width !== state.width || this.plot.height !== state.height)
        this.plot.setSize(state);
      this.plot.setData(dataOf(state), true);
    }
  }

  /** Draws the curves of one bold and the others faint; null draws all alike. */
  highlight(id: string | null): void {
    if (id === this.highlightId) return;
    this.highlightId = id;
    this.drawHighlight();
  }

  /** Where the plot lies in the host, in CSS pixels. */
  plotBox(): PlotBox {
    return this.box;
  }

  projection(): Projection | null {
    const box = this.plotBox();
    return this.state && box.width > 0 ? projection(this.state, box.width, box.height) : null;
  }

  /** Paints the chart as it stands onto another canvas, in device pixels. */
  paintOn(ctx: CanvasRenderingContext2D, left: number, top: number): void {
    if (!this.plot) return;
    const ratio = window.devicePixelRatio;
    const box = this.plotBox();
    ctx.drawImage(this.plot.ctx.canvas, left, top);
    ctx.drawImage(this.curves, left + box.left * ratio, top + box.top * ratio);
  }

  destroy(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private rebuild(layout: string): void {
    const { state } = this;
    if (!state) return;
    this.plot?.destroy();
    this.layout = layout;
    this.plot = new uPlot(this.options(state), dataOf(state), this.host);
    const { over } = this.plot;
    over.before(this.curves, this.highlighted);
    over.style.cursor = 'crosshair';
  }

  private options(state: ChartState): uPlot.Options {
    const axis = {
      font: AXIS_FONT,
      stroke: state.theme.text,
      grid: { stroke: state.theme.line, width: 1 },
      ticks: { show: false },
      border: { show: false },
    };
    return {
      width: state.width,
      height: state.height,
      padding: [6, 12, 0, 2],
      legend: { show: false },
      hooks: { draw: [plot => this.onDrawn(plot)] },
      cursor: { show: false },
      scales: {
        x: { time: false, distr: state.logX ? 3 : 1, range: () => this.state?.x ?? [0, 1] },
        y: { distr: state.logY ? 3 : 1, range: () => this.state?.y ?? [0, 1] },
      },
      axes: [
        {
          ...axis,
          // Ticks, and a line for the axis's name.
          size: 36,
          gap: 4,
          space: state.xKind === 'time' ? 76 : 64,
          incrs: state.xKind === 'number' ? undefined : DURATION_INCREMENTS,
          values: (_plot, splits, _axis, _space, increment) =>
            formatTicks(state.xKind, splits, increment),
        },
        {
          ...axis,
          size: (_plot, values) =>
            14 + 6.4 * Math.max(3, ...(values ?? []).map(value => value?.length ?? 0)),
          gap: 4,
          space: 34,
          values: (_plot, splits, _axis, _space, increment) =>
            formatTicks('number', splits, increment),
        },
      ],
      series: [{}, { show: true, paths: () => null, points: { show: false } }],
    };
  }

  /** uPlot has laid out and drawn axes and grid: the curves follow. */
  private onDrawn(plot: uPlot): void {
    const ratio = uPlot.pxRatio;
    const { left, top, width, height } = plot.bbox;
    this.box = {
      left: left / ratio,
      top: top / ratio,
      width: width / ratio,
      height: height / ratio,
    };
    this.drawCurves();
  }

  private drawCurves(): void {
    const plot = this.projection();
    if (!plot || !this.state) return;
    const ctx = this.prepare(this.curves);
    if (!ctx) return;
    const { lines } = this.state;
    const crowded = lines.length > MANY_LINES;
    for (let index = lines.length - 1; index >= 0; index -= 1)
      drawLine(ctx, lines[index], plot, { crowded });
    this.drawHighlight();
  }

  private drawHighlight(): void {
    const plot = this.projection();
    const all = this.state?.lines ?? [];
    const lines = all.filter(candidate => candidate.id === this.highlightId);
    const ctx = plot && this.prepare(this.highlighted);
    const lit = lines.length > 0 && ctx && plot;
    this.curves.style.opacity = lit && all.length > lines.length ? '0.3' : '1';
    if (lit) for (const line of lines) drawLine(ctx, line, plot, { crowded: false, width: 2.5 });
  }

  private prepare(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
    const box = this.plotBox();
    const ratio = window.devicePixelRatio;
    const width = Math.round(box.width * ratio);
    const height = Math.round(box.height * ratio);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    Object.assign(canvas.style, {
      left: `${box.left}px`,
      top: `${box.top}px`,
      width: `${box.width}px`,
      height: `${box.height}px`,
    });
    const ctx = canvas.getContext('2d');
    if (!ctx) return null;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    return ctx;
  }
}

function dataOf({ x, y }: { x: Range; y: Range }): uPlot.AlignedData {
  return [x, y];
}
