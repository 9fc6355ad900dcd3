import type { Size } from '~/hooks/use-size';
import type { ChartView } from './chart-view';
import type { ChartLine } from './draw-lines';
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

/** What the chart draws, one row per column, numbers at full precision. */
export function chartCsv(lines: ChartLine[]): string {
  const quote = (text: string): string =>
    /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const hasCurves = lines.some(({ curve }) => curve);
  const head = `run_id,run,${hasCurves ? 'curve,' : ''}x_min,x_max,count,mean,min,max,last,n_nan,n_pos_inf,n_neg_inf`;
  const rows = lines.flatMap(({ id, name, curve, columns }) =>
    Array.from(columns.mean, (mean, index) =>
      [
        quote(id),
        quote(name),
        ...(hasCurves ? [quote(curve?.name ?? '')] : []),
        columns.xMin[index],
        columns.xMax[index],
        columns.count[index],
        mean,
        columns.min[index],
        columns.max[index],
        columns.last[index],
        columns.nNan[index],
        columns.nPosInf[index],
        columns.nNegInf[index],
      ].join(','),
    ),
  );
  return [head, ...rows].join('\n');
}
