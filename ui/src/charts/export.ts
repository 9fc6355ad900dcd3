import type { Size } from '~/hooks/use-size';
import type { ChartView } from './chart-view';
import { columnX } from './columns';
import type { ChartLine } from './draw-lines';
import { nearestColumn } from './nearest';
import type { ChartTheme } from './theme';

const HEAD = 30;
const LEGEND_ROW = 18;
const MAX_LEGEND = 12;

export interface ChartNames {
  title: string;
  xName: string;
}

/** The chart as a picture with its title and the names of its lines. */
export function chartPng(
  view: ChartView,
  { title, xName }: ChartNames,
  size: Size,
  theme: ChartTheme,
  lines: ChartLine[],
): Promise<Blob | null> {
  const ratio = window.devicePixelRatio;
  const legend = lines.slice(0, MAX_LEGEND);
  const height = HEAD + size.height + legend.length * LEGEND_ROW + 8;
  const canvas = document.createElement('canvas');
  canvas.width = size.width * ratio;
  canvas.height = height * ratio;
  const ctx = canvas.getContext('2d');
  if (!ctx) return Promise.resolve(null);
  ctx.fillStyle = theme.background;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  view.paintOn(ctx, 0, HEAD * ratio);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.textBaseline = 'middle';
  ctx.fillStyle = theme.resolve('var(--text)');
  ctx.font = '550 13px "Inter Variable", system-ui, sans-serif';
  ctx.fillText(title, 8, HEAD / 2);
  ctx.font = '12px "Inter Variable", system-ui, sans-serif';
  ctx.fillStyle = theme.text;
  ctx.textAlign = 'right';
  ctx.fillText(xName, size.width - 16, HEAD + size.height - 8);
  ctx.textAlign = 'left';
  legend.forEach((line, index) => {
    const y = HEAD + size.height + index * LEGEND_ROW + LEGEND_ROW / 2;
    ctx.strokeStyle = line.color;
    ctx.lineWidth = 2;
    ctx.setLineDash(line.curve?.dash ?? []);
    ctx.beginPath();
    ctx.moveTo(8, y);
    ctx.lineTo(22, y);
    ctx.stroke();
    ctx.fillStyle = theme.resolve('var(--text-2)');
    ctx.fillText(line.curve ? `${line.name}  ${line.curve.name}` : line.name, 28, y);
  });
  return new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
}

type Cell = (line: ChartLine, index: number) => string | number;

const X: [string, Cell][] = [
  ['x_min', ({ columns }, index) => columns.xMin[index]],
  ['x_max', ({ columns }, index) => columns.xMax[index]],
  ['count', ({ columns }, index) => columns.count[index]],
];
const OF_RUN: [string, Cell][] = [
  ['mean', ({ columns }, index) => columns.mean[index]],
  ['min', ({ columns }, index) => columns.min[index]],
  ['max', ({ columns }, index) => columns.max[index]],
  ['last', ({ columns }, index) => columns.last[index]],
  ['n_nan', ({ columns }, index) => columns.nNan[index]],
  ['n_pos_inf', ({ columns }, index) => columns.nPosInf[index]],
  ['n_neg_inf', ({ columns }, index) => columns.nNegInf[index]],
];
/** The line and the band are those that are drawn, whichever were chosen. */
const OF_GROUP: [string, Cell][] = [
  ['n', ({ columns }, index) => columns.group?.n[index] ?? 1],
  ['line', ({ columns }, index) => columns.mean[index]],
  ['band_low', ({ columns }, index) => columns.min[index]],
  ['band_high', ({ columns }, index) => columns.max[index]],
  ['n_non_finite', ({ columns }, index) => columns.nNan[index]],
];

/** What the chart draws, one row per column, numbers at full precision. */
export function chartCsv(lines: ChartLine[]): string {
  const ofGroups = lines.some(({ columns }) => columns.group);
  const whose = ofGroups ? 'group' : 'run';
  const cells: [string, Cell][] = [
    [`${whose}_id`, ({ id }) => quote(id)],
    [whose, ({ name }) => quote(name)],
  ];
  if (lines.some(({ curve }) => curve))
    cells.push(['curve', ({ curve }) => quote(curve?.name ?? '')]);
  cells.push(...X, ...(ofGroups ? OF_GROUP : OF_RUN));
  if (lines.some(({ smoothed }) => smoothed)) cells.push(['smoothed', smoothedAt]);
  const rows = lines.flatMap(line =>
    Array.from(line.columns.mean, (_, index) =>
      cells.map(([, cell]) => cell(line, index)).join(','),
    ),
  );
  return [cells.map(([name]) => name).join(','), ...rows].join('\n');
}

function smoothedAt({ columns, smoothed }: ChartLine, index: number): string | number {
  if (!smoothed) return '';
  const place = nearestColumn(smoothed, columnX(columns, index));
  return place < 0 ? '' : smoothed.mean[place];
}

function quote(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
