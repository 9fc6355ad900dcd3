import type { JsonObject } from '~/api/schema';

/** A run whose rows a chart draws; the colour may be a variable of the theme. */
export interface ChartRun {
  name: string;
  color: string;
}

/** Makes a Vega-Lite definition; `field` is empty and `text` null where the script named none. */
export type Preset = (
  field: (name: string) => string,
  text: (name: string) => string | null,
  runs: ChartRun[],
) => JsonObject;

export function colorOfRuns(runs: ChartRun[]): JsonObject {
  const scale = { domain: runs.map(run => run.name), range: runs.map(run => run.color) };
  return { field: 'run', type: 'nominal', legend: null, scale };
}

export const RUN_DASH: JsonObject = { field: 'run', type: 'nominal', legend: null };

export const quantitative = (field: string, title?: string | null): JsonObject => ({
  field,
  type: 'quantitative',
  scale: { zero: false },
  ...(title ? { title } : {}),
});
