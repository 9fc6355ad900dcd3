import { useMemo, useRef } from 'react';
import type { SeriesSpec } from '~/api/series-loader';
import { useSeries } from '~/hooks/use-series';
import type { Columns } from '~/charts/columns';
import type { ChartLine } from '~/charts/draw-lines';
import type { Range } from '~/charts/scales';
import { smooth } from '~/charts/smoothing';
import { usePanelContext, type PanelSpec } from '../panel';
import { axisOf } from './model';

export interface PanelLines {
  lines: ChartLine[];
  loading: boolean;
  error: Error | null;
  nPoints: number;
  exact: boolean;
}

/** The curves of a panel: coarse ones of the whole extent, finer ones of the zoomed range once they are there. */
export function useLines(
  spec: PanelSpec,
  columns: number,
  zoom: Range | null,
  active: boolean,
): PanelLines {
  const { runs, loader, settings } = usePanelContext();
  const { axis, kind } = axisOf(settings.x, spec);
  const runIds = useMemo(() => runs.map(run => run.id), [runs]);
  const base = useMemo<SeriesSpec>(
    () => ({ stream: spec.stream, axis, columns }),
    [spec.stream, axis, columns],
  );
  const [low, high] = zoom ?? [undefined, undefined];
  const fine = useMemo<SeriesSpec | null>(() => {
    if (low === undefined || high === undefined) return null;
    const room = (high - low) * 0.02;
    return { ...base, min: low - room, max: high + room };
  }, [base, low, high]);
  const whole = useSeries(loader, base, spec.key, runIds, active);
  const zoomed = useSeries(loader, fine, spec.key, runIds, active);
  const smoothed = useRef(new WeakMap<Columns, { weight: number; values: Float64Array }>());

  return useMemo(() => {
    const weight =
      kind === 'number' || kind === 'duration' || kind === 'time' ? settings.smoothing : 0;
    const lines: ChartLine[] = [];
    let nPoints = 0;
    let exact = true;
    for (const run of runs) {
      const coarse = whole.columns.get(run.id);
      if (!coarse || coarse.mean.length === 0) continue;
      const finer = zoomed.columns.get(run.id);
      const shown = finer && finer.mean.length > 0 ? finer : coarse;
      nPoints += coarse.nPoints;
      exact &&= shown.mean.length >= shown.nPoints;
      const known = smoothed.current.get(shown);
      let values: Float64Array | null = null;
      if (weight > 0) {
        const extent = coarse.xMax[coarse.xMax.length - 1] - coarse.xMin[0];
        values =
          known?.weight === weight
            ? known.values
            : smooth(shown, weight, extent, shown === coarse ? undefined : coarse);
        smoothed.current.set(shown, { weight, values });
      }
      lines.push({
        id: run.id,
        name: run.name,
        color: run.color,
        columns: shown,
        smoothed: values,
      });
    }
    return { lines, loading: whole.loading, error: whole.error ?? zoomed.error, nPoints, exact };
  }, [runs, whole, zoomed, settings.smoothing, kind]);
}
