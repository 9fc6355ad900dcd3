import { useEffect, useMemo, useReducer } from 'react';
import type { Quantity, SeriesLoader, SeriesSpec, SeriesStatus } from '~/api/series-loader';
import type { Columns } from '~/charts/columns';

/** Names a curve of several quantities of several runs or groups. */
export const curveId = (quantityPlace: number, line: string): string => `${quantityPlace} ${line}`;

export interface SeriesState extends SeriesStatus {
  /** By `curveId`. */
  columns: Map<string, Columns>;
}

/** The curves of some quantities of some runs or groups, kept up to date while `active`. A null `spec` asks for nothing. */
export function useSeries(
  loader: SeriesLoader,
  spec: SeriesSpec | null,
  quantities: Quantity[],
  lines: string[],
  active: boolean,
): SeriesState {
  const [version, renew] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!spec || !active || lines.length === 0) return undefined;
    return loader.subscribe({ spec, quantities, lines }, renew);
  }, [loader, spec, quantities, lines, active]);
  return useMemo(() => {
    const columns = new Map<string, Columns>();
    if (!spec) return { columns, loading: false, error: null, damaged: [], version };
    quantities.forEach((quantity, place) => {
      for (const line of lines) {
        const found = loader.columns(spec, quantity, line);
        if (found) columns.set(curveId(place, line), found);
      }
    });
    return { columns, ...loader.status({ spec, quantities, lines }), version };
  }, [loader, spec, quantities, lines, version]);
}
