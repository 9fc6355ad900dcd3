import { expressionInterpreter } from 'vega-interpreter';
import embed, { vega, type VisualizationSpec } from 'vega-embed';
import type { Json, JsonObject } from '~/api/schema';
import type { ChartTheme } from '~/charts/theme';
import { isVegaLite } from './model';

export interface RenderOptions {
  width: number;
  height: number;
  /** Colours of the runs, by name. */
  runs: Map<string, string>;
  theme: ChartTheme;
}

/**
 * Draws a Vega or Vega-Lite definition and returns what takes it down again.
 *
 * Definitions come from scripts, so expressions are interpreted, never compiled, nothing is loaded from anywhere and
 * no link is followed: a definition computes a picture and no more.
 */
export async function renderVega(
  host: HTMLElement,
  spec: JsonObject,
  options: RenderOptions,
): Promise<() => void> {
  const lite = isVegaLite(spec);
  const fixed = 'facet' in spec || 'hconcat' in spec || 'vconcat' in spec || 'repeat' in spec;
  const sized = fixed ? spec : { ...spec, width: options.width, height: options.height };
  const themed: JsonObject = {
    ...sized,
    background: 'transparent',
    autosize: fixed ? spec.autosize : { type: 'fit', contains: 'padding' },
  };
  const result = await embed(
    host,
    resolveColors(themed, options.theme) as unknown as VisualizationSpec,
    {
      mode: lite ? 'vega-lite' : 'vega',
      actions: false,
      renderer: 'canvas',
      ast: true,
      expr: expressionInterpreter,
      loader: refuseLoading(),
      config: configOf(options) as never,
      tooltip: { theme: 'custom' },
    },
  );
  return () => result.finalize();
}

/** Puts the theme's colours where a spec names its variables. */
function resolveColors(spec: Json, theme: ChartTheme): Json {
  if (typeof spec === 'string') return spec.startsWith('var(--') ? theme.resolve(spec) : spec;
  if (Array.isArray(spec)) return spec.map(item => resolveColors(item, theme));
  if (spec === null || typeof spec !== 'object') return spec;
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [key, resolveColors(value, theme)]),
  );
}

function refuseLoading() {
  const loader = vega.loader();
  const refuse = (): Promise<never> =>
    Promise.reject(new Error('charts load nothing from elsewhere'));
  loader.load = refuse;
  loader.sanitize = refuse;
  loader.http = refuse;
  loader.file = refuse;
  return loader;
}

function configOf({ runs, theme }: RenderOptions): object {
  const text = theme.resolve('var(--text-2)');
  const category = [...new Set([...runs.values()].map(theme.resolve))];
  for (let index = 0; index < 16; index += 1) category.push(theme.resolve(`var(--run-${index})`));
  return {
    font: 'Inter Variable, system-ui, sans-serif',
    axis: {
      labelColor: theme.text,
      titleColor: text,
      gridColor: theme.line,
      domain: false,
      ticks: false,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 400,
    },
    legend: {
      labelColor: text,
      titleColor: text,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 400,
    },
    title: { color: text, fontSize: 12, fontWeight: 400, anchor: 'start' },
    header: { labelColor: text },
    view: { stroke: null },
    mark: { color: theme.resolve('var(--accent)') },
    line: { strokeWidth: 1.5 },
    text: { color: theme.resolve('var(--text)'), fontSize: 11 },
    range: {
      category: [...new Set(category)],
      heatmap: [theme.resolve('var(--surface)'), theme.resolve('var(--accent)')],
      ramp: [theme.resolve('var(--surface)'), theme.resolve('var(--accent)')],
    },
  };
}
