import type { CustomChart, Json, JsonObject } from '~/api/schema';
import type { TableData } from '~/table/model';

/** Not a kind of logged value: custom charts are named by a run's configuration. */
export const CHART_KIND = 'custom-chart';

export type ChartRow = Record<string, Json>;

/** Rows of a chart's table, each with the run it comes from under `run`, `name` and `id`. */
export function chartRows(table: TableData, run: { id: string; name: string }): ChartRow[] {
  return table.rows.map(row => {
    const cells = Object.fromEntries(
      table.columns.map((column, index) => [column, row[index] ?? null]),
    );
    return { ...cells, run: run.name, name: run.name, id: run.id };
  });
}

/** Replaces `${field:x}` and `${string:t}` in every text of a stored definition; what is unknown becomes empty. */
export function substitute(spec: Json, chart: CustomChart): Json {
  if (typeof spec === 'string') {
    return spec.replaceAll(
      /\$\{(field|string):([^}]*)\}/g,
      (_whole, kind: string, name: string) => {
        const values = kind === 'field' ? chart.fields : chart.strings;
        return escapeField(values[name] ?? '', kind === 'field');
      },
    );
  }
  if (Array.isArray(spec)) return spec.map(item => substitute(item, chart));
  if (spec === null || typeof spec !== 'object') return spec;
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [key, substitute(value, chart)]),
  );
}

/** Vega reads dots and brackets of a field name as a path. */
export function escapeField(name: string, isField = true): string {
  return isField ? name.replaceAll(/[.[\]\\]/g, '\\$&') : name;
}

export const unescapeField = (name: string): string => name.replaceAll(/\\([.[\]\\])/g, '$1');

/** Puts rows where a definition expects wandb's query: the data named `wandb`, or all its data. */
export function withData(spec: JsonObject, rows: ChartRow[]): JsonObject {
  const { data } = spec;
  if (Array.isArray(data)) {
    const named = data.map(entry => {
      const isOurs =
        entry !== null &&
        typeof entry === 'object' &&
        !Array.isArray(entry) &&
        entry.name === 'wandb';
      return isOurs
        ? { ...(entry as JsonObject), url: undefined as unknown as Json, values: rows }
        : entry;
    });
    return { ...spec, data: named as Json };
  }
  return { ...spec, data: { name: 'wandb', values: rows } };
}

/** A name for each run, with its id where several have the same. */
export function distinctNames(runs: { id: string; name: string }[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    runs.map(({ id, name }) => [id, counts.get(name) === 1 ? name : `${name} (${id})`]),
  );
}

/** A stored definition, as JSON or its text; null if it is none. */
export function parseDefinition(stored: Json): JsonObject | null {
  let value = stored;
  try {
    if (typeof stored === 'string') value = JSON.parse(stored) as Json;
  } catch {
    return null;
  }
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
}

export function isVegaLite(spec: JsonObject): boolean {
  return typeof spec.$schema === 'string' ? spec.$schema.includes('vega-lite') : !('marks' in spec);
}
