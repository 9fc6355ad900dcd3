import type { CustomChart, Json, JsonObject } from '~/api/schema';
import { escapeField, unescapeField } from './model';
import { colorOfRuns, quantitative, RUN_DASH, type ChartRun, type Preset } from './preset';
import { SKLEARN_PRESETS } from './presets-sklearn';

/** Layers differ in their members, which TypeScript would join into one type with undefined ones. */
const asJson = (layers: JsonObject[]): Json => layers;

/** Our own drawings of the charts that ship with wandb, by the name scripts use. */
const PRESETS: Record<string, Preset> = {
  ...SKLEARN_PRESETS,
  'wandb/line/v0': (field, text, runs) => ({
    mark: 'line',
    encoding: {
      x: quantitative(field('x')),
      y: quantitative(field('y')),
      color: field('stroke') ? { field: field('stroke'), type: 'nominal' } : colorOfRuns(runs),
      ...(field('stroke') ? { strokeDash: RUN_DASH } : {}),
    },
    title: text('title'),
  }),
  'wandb/lineseries/v0': (field, text) => ({
    mark: 'line',
    encoding: {
      x: quantitative(field('step'), text('xname')),
      y: quantitative(field('lineVal')),
      color: { field: field('lineKey'), type: 'nominal' },
      strokeDash: RUN_DASH,
    },
    title: text('title'),
  }),
  'wandb/bar/v0': (field, text, runs) => ({
    mark: 'bar',
    encoding: {
      x: { field: field('value'), type: 'quantitative' },
      y: { field: field('label'), type: 'nominal', sort: null },
      yOffset: { field: 'run' },
      color: colorOfRuns(runs),
    },
    title: text('title'),
  }),
  'wandb/scatter/v0': (field, text, runs) => ({
    mark: { type: 'point', filled: true, opacity: 0.7 },
    encoding: {
      x: quantitative(field('x')),
      y: quantitative(field('y')),
      color: colorOfRuns(runs),
    },
    title: text('title'),
  }),
  'wandb/histogram/v0': (field, text, runs) => ({
    mark: { type: 'bar', opacity: 0.7 },
    encoding: {
      x: { field: field('value'), type: 'quantitative', bin: { maxbins: 40 } },
      y: { aggregate: 'count', type: 'quantitative', stack: null, title: 'count' },
      color: colorOfRuns(runs),
    },
    title: text('title'),
  }),
  'wandb/area-under-curve/v0': (field, text, runs) => ({
    mark: 'line',
    encoding: {
      x: quantitative(field('x'), text('x-axis-title')),
      y: { ...quantitative(field('y'), text('y-axis-title')), scale: { zero: true } },
      color: field('class') ? { field: field('class'), type: 'nominal' } : colorOfRuns(runs),
      ...(field('class') ? { strokeDash: RUN_DASH } : {}),
    },
    title: text('title'),
  }),
  'wandb/confusion_matrix/v1': (field, text, runs) => {
    const count = field('nPredictions') || 'Count';
    const matrix: JsonObject = {
      transform: [
        { joinaggregate: [{ op: 'max', field: count, as: 'most_of_run' }], groupby: ['run'] },
      ],
      encoding: {
        x: { field: field('Predicted') || 'Predicted', type: 'nominal', title: 'Predicted' },
        y: { field: field('Actual') || 'Actual', type: 'nominal', title: 'Actual' },
      },
      layer: asJson([
        {
          mark: 'rect',
          encoding: { color: { field: count, type: 'quantitative', legend: null } },
        },
        {
          mark: 'text',
          encoding: {
            text: { field: count },
            // Numbers stay legible on the fullest cells.
            color: {
              condition: {
                test: `datum[${JSON.stringify(unescapeField(count))}] > 0.55 * datum.most_of_run`,
                value: 'var(--on-accent)',
              },
              value: 'var(--text)',
            },
          },
        },
      ]),
    };
    const single: JsonObject = { ...matrix, title: text('title') };
    if (runs.length === 1) return single;
    const facet = { field: 'run', type: 'nominal', title: null };
    return {
      facet,
      columns: 2,
      spec: { width: { step: 18 }, height: { step: 18 }, ...matrix },
      title: text('title'),
    };
  },
};

/** The drawing of a chart that ships with wandb; null when its definition is somebody's own. */
export function presetSpec(chart: CustomChart, runs: ChartRun[]): JsonObject | null {
  const preset = PRESETS[chart.definition];
  if (!preset) return null;
  const spec = preset(
    name => escapeField(chart.fields[name] ?? ''),
    name => chart.strings[name] ?? null,
    runs,
  );
  const entries = Object.entries(spec).filter(
    (entry): entry is [string, Json] => entry[1] !== null,
  );
  return Object.fromEntries(entries);
}
