import { useEffect, useMemo, useReducer } from 'react';
import type { SeriesLoader, SeriesSpec } from '~/api/series-loader';
import type { Columns } from '~/charts/columns';

export interface SeriesState {
  columns: Map<string, Columns>;
  loading: boolean;
  error: Error | null;
}

/** The curves of one key for some runs, kept up to date while `active`. A null `spec` asks for nothing. */
export function useSeries(
  loader: SeriesLoader,
  spec: SeriesSpec | null,
  key: string,
  runs: string[],
  active: boolean,
): SeriesState {
  const [version, renew] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!spec || !active || runs.length === 0) return undefined;
    return loader.subscribe({ spec, key, runs }, renew);
  }, [loader, spec, key, runs, active]);
  return useMemo(() => {
    const columns = new Map<string, Columns>();
    if (!spec) return { columns, loading: false, error: null, version };
    for (const run of runs) {
      const found = loader.columns(spec, key, run);
      if (found) columns.set(run, found);
    }
    return { columns, ...loader.status({ spec, key, runs }), version };
  }, [loader, spec, key, runs, version]);
}
