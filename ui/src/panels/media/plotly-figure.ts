import type { Json, JsonObject } from '~/api/schema';
import type { ChartTheme } from '~/charts/theme';

/** Traces that the library we ship draws: those on flat axes. */
const DRAWN = new Set([
  'bar',
  'box',
  'contour',
  'heatmap',
  'histogram',
  'histogram2d',
  'histogram2dcontour',
  'image',
  'pie',
  'scatter',
  'scatterternary',
  'violin',
]);

export interface Figure {
  data: JsonObject[];
  layout: JsonObject;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Reads a logged Plotly figure; gives the kinds of traces that cannot be drawn here instead, if it has such. */
export function readFigure(value: Json): Figure | { undrawn: string[] } {
  const traces = isObject(value) && Array.isArray(value.data) ? value.data.filter(isObject) : [];
  // What is meant for WebGL is drawn without it.
  const data = traces.map(trace => ({ ...trace, type: kindOf(trace) }));
  const undrawn = [...new Set(data.map(trace => trace.type))].filter(type => !DRAWN.has(type));
  if (undrawn.length > 0) return { undrawn };
  return { data, layout: isObject(value) && isObject(value.layout) ? value.layout : {} };
}

function kindOf(trace: JsonObject): string {
  const type = typeof trace.type === 'string' ? trace.type : 'scatter';
  return type === 'scattergl' ? 'scatter' : type === 'heatmapgl' ? 'heatmap' : type;
}

/** The layout in the theme's colours and the panel's size. */
export function themedLayout(
  layout: JsonObject,
  size: { width: number; height: number },
  theme: ChartTheme,
): JsonObject {
  const lines = {
    gridcolor: theme.line,
    linecolor: theme.line,
    zerolinecolor: theme.line,
  };
  const axes = new Set(['xaxis', 'yaxis', ...Object.keys(layout).filter(isAxis)]);
  const themed = [...axes].map(name => {
    const axis = layout[name];
    return [name, { ...(isObject(axis) ? axis : {}), ...lines }];
  });
  const font = isObject(layout.font) ? layout.font : {};
  return {
    ...layout,
    ...Object.fromEntries(themed),
    ...size,
    autosize: false,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: {
      ...font,
      family: 'Inter Variable, system-ui, sans-serif',
      size: 11,
      color: theme.resolve('var(--text-2)'),
    },
    margin: { l: 44, r: 12, t: layout.title ? 36 : 12, b: 36 },
  };
}

const isAxis = (name: string): boolean => /^[xy]axis\d*$/.test(name);
