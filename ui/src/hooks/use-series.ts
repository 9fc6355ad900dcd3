import { useEffect, useMemo, useReducer } from 'react';
import type { Quantity, SeriesLoader, SeriesSpec } from '~/api/series-loader';
import type { Columns } from '~/charts/columns';

/** Names a curve of several quantities of several runs. */
export const curveId = (quantityPlace: number, run: string): string => `${quantityPlace} ${run}`;

export interface SeriesState {
  /** By `curveId`. */
  columns: Map<string, Columns>;
  loading: boolean;
  error: Error | null;
}

/** The curves of some quantities of some runs, kept up to date while `active`. A null `spec` asks for nothing. */
export function useSeries(
  loader: SeriesLoader,
  spec: SeriesSpec | null,
  quantities: Quantity[],
  runs: string[],
  active: boolean,
): SeriesState {
  const [version, renew] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!spec || !active || runs.length === 0) return undefined;
    return loader.subscribe({ spec, quantities, runs }, renew);
  }, [loader, spec, quantities, runs, active]);
  return useMemo(() => {
    const columns = new Map<string, Columns>();
    if (!spec) return { columns, loading: false, error: null, version };
    quantities.forEach((quantity, place) => {
      for (const run of runs) {
        const found = loader.columns(spec, quantity, run);
        if (found) columns.set(curveId(place, run), found);
      }
    });
    return { columns, ...loader.status({ spec, quantities, runs }), version };
  }, [loader, spec, quantities, runs, version]);
}
