import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, fileUrl, type ProjectRef, type RunRef } from '~/api/client';
import { callText } from '~/api/http';
import { queries, queryClient } from '~/api/queries';
import type { CustomChart, Json, JsonObject } from '~/api/schema';
import { readTable, type TableData } from '~/table/model';
import type { PanelRun } from '../panel';
import { extentOf } from '../row-windows';
import { loggedTables } from '../table/model';
import { chartRows, distinctNames, parseDefinition, substitute, withData } from './model';
import { presetSpec } from './presets';

const MAX_RUNS = 10;

export interface CustomChartState {
  spec: JsonObject | null;
  /** Why the chart cannot be drawn though its tables are there. */
  undrawn: string | null;
  tables: { run: string; table: TableData }[];
  loading: boolean;
  error: Error | null;
  nRuns: number;
}

/** A custom chart of the shown runs: its definition with the newest table of each run put in. */
export function useCustomChart(
  ref: ProjectRef,
  runs: PanelRun[],
  name: string,
  active: boolean,
): CustomChartState {
  const asked = useMemo(() => runs.slice(0, MAX_RUNS), [runs]);
  const details = useQueries({
    queries: asked.map(run => ({ ...queries.run({ ...ref, run: run.id }), enabled: active })),
    combine: results => ({
      charts: results.map(result => result.data?.custom_charts[name] ?? null),
      pending: results.some(result => result.isPending),
      error: results.find(result => result.error)?.error ?? null,
    }),
  });
  const tables = useQueries({
    queries: asked.map((run, index) => {
      const chart = details.charts[index];
      const runRef = { ...ref, run: run.id };
      return {
        queryKey: [
          'chart-table',
          ref.entity,
          ref.project,
          run.id,
          chart?.table_key,
          run.run.n_history_rows,
        ],
        queryFn: () => fetchTable(runRef, chart),
        enabled: active && chart !== null,
        placeholderData: (old: TableData | undefined) => old,
      };
    }),
    combine: results => ({
      tables: results.map(result => result.data),
      pending: results.some(result => result.isPending && result.fetchStatus !== 'idle'),
      error: results.find(result => result.error)?.error ?? null,
    }),
  });
  const chart = details.charts.find(candidate => candidate !== null) ?? null;
  const names = useMemo(() => distinctNames(asked), [asked]);
  const drawn = useMemo(
    () =>
      asked
        .map((run, index) => ({
          name: names.get(run.id) ?? run.name,
          color: run.color,
          rows: chartRows(tables.tables[index] ?? NO_TABLE, {
            id: run.id,
            name: names.get(run.id) ?? run.name,
          }),
        }))
        .filter(run => run.rows.length > 0),
    [asked, names, tables.tables],
  );
  const preset = useMemo(() => chart && presetSpec(chart, drawn), [chart, drawn]);
  const definition = useQuery({
    ...queries.chartDefinition(chart?.definition ?? ''),
    enabled: active && chart !== null && !preset,
  });
  const { spec, undrawn } = useMemo((): Pick<CustomChartState, 'spec' | 'undrawn'> => {
    const rows = drawn.flatMap(run => run.rows);
    if (!chart || rows.length === 0) return NOT_YET;
    if (preset) return { spec: withData(preset, rows), undrawn: null };
    if (definition.error) return { spec: null, undrawn: definition.error.message };
    if (!definition.data) return NOT_YET;
    const parsed = parseDefinition(definition.data.spec);
    return parsed
      ? { spec: withData(substitute(parsed, chart) as JsonObject, rows), undrawn: null }
      : { spec: null, undrawn: `chart definition \`${chart.definition}\` is no Vega chart` };
  }, [chart, preset, definition.data, definition.error, drawn]);
  return {
    spec,
    undrawn,
    tables: asked.flatMap((run, index) => {
      const table = tables.tables[index];
      return table && table.rows.length > 0 ? [{ run: names.get(run.id) ?? run.name, table }] : [];
    }),
    loading:
      spec === null &&
      undrawn === null &&
      (details.pending || tables.pending || definition.fetchStatus === 'fetching'),
    error: details.error ?? tables.error,
    nRuns: asked.length,
  };
}

const NOT_YET = { spec: null, undrawn: null };
const NO_TABLE: TableData = { columns: [], rows: [] };

/** The newest table a run has logged for a chart. */
async function fetchTable(run: RunRef, chart: CustomChart | null): Promise<TableData> {
  if (!chart) return NO_TABLE;
  const { table_key: key } = chart;
  const info = await queryClient.fetchQuery(queries.runKey(run, key));
  // Only the newest is drawn: its rows are at the last step.
  const min_step = extentOf(info)?.last ?? undefined;
  const logged = await api.rows(run, { key: [key], min_step, limit: 1000 });
  const newest = loggedTables(logged.items, key).at(-1);
  if (!newest) return NO_TABLE;
  return readTable(JSON.parse(await callText(fileUrl(run, newest.path))) as Json);
}
