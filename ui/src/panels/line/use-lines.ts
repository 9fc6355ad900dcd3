import { useMemo, useRef } from 'react';
import type { SeriesSpec } from '~/api/series-loader';
import { useSeries } from '~/hooks/use-series';
import type { Columns } from '~/charts/columns';
import type { ChartLine } from '~/charts/draw-lines';
import type { Range } from '~/charts/scales';
import { usePanelContext, type PanelSpec } from '../panel';
import { axisOf } from './model';

export interface PanelLines {
  lines: ChartLine[];
  loading: boolean;
  error: Error | null;
  nPoints: number;
  /** Curves that should be smoothed, but are as logged. */
  nUnsmoothed: number;
  exact: boolean;
}

/** The curves of a panel: coarse ones of the whole extent, finer ones of the zoomed range once they are there. */
export function useLines(
  spec: PanelSpec,
  columns: number,
  zoom: Range | null,
  active: boolean,
): PanelLines {
  const { runs, settings } = usePanelContext();
  const { axis } = axisOf(settings.x, spec);
  const { smoothing } = settings;
  const base = useMemo<SeriesSpec>(
    () => ({ stream: spec.stream, axis, columns }),
    [spec.stream, axis, columns],
  );
  const smooth = useMemo<SeriesSpec | null>(
    () => smoothing && { ...base, smoothing },
    [base, smoothing],
  );
  const raw = useZoomedSeries(base, spec.key, zoom, active);
  const smoothed = useZoomedSeries(smooth, spec.key, zoom, active);
  const kept = useKept(smoothed.columns, smooth !== null, `${spec.key}|${JSON.stringify(axis)}`);

  return useMemo(() => {
    const lines: ChartLine[] = [];
    let nPoints = 0;
    let nUnsmoothed = 0;
    let exact = true;
    for (const run of runs) {
      const whole = raw.whole.get(run.id);
      const shown = raw.columns.get(run.id);
      if (!whole || !shown) continue;
      nPoints += whole.nPoints;
      exact &&= shown.mean.length >= shown.nPoints;
      const front = kept.get(run.id) ?? null;
      if (front && !front.isSmoothed) nUnsmoothed += 1;
      lines.push({
        id: run.id,
        name: run.name,
        color: run.color,
        columns: shown,
        smoothed: front?.isSmoothed ? front : null,
      });
    }
    const error = raw.error ?? smoothed.error;
    return { lines, loading: raw.loading, error, nPoints, nUnsmoothed, exact };
  }, [runs, raw, smoothed.error, kept]);
}

interface ZoomedSeries {
  /** By run, of the whole extent; none without points. */
  whole: Map<string, Columns>;
  /** By run, of the zoomed range where that has come, else of the whole extent. */
  columns: Map<string, Columns>;
  loading: boolean;
  error: Error | null;
}

function useZoomedSeries(
  base: SeriesSpec | null,
  key: string,
  zoom: Range | null,
  active: boolean,
): ZoomedSeries {
  const { runs, loader } = usePanelContext();
  const runIds = useMemo(() => runs.map(run => run.id), [runs]);
  const [low, high] = zoom ?? [undefined, undefined];
  const fine = useMemo<SeriesSpec | null>(() => {
    if (!base || low === undefined || high === undefined) return null;
    const room = (high - low) * 0.02;
    return { ...base, min: low - room, max: high + room };
  }, [base, low, high]);
  const coarse = useSeries(loader, base, key, runIds, active);
  const zoomed = useSeries(loader, fine, key, runIds, active);
  return useMemo(() => {
    const whole = new Map([...coarse.columns].filter(([, found]) => found.mean.length > 0));
    const columns = new Map(whole);
    for (const [run, found] of zoomed.columns) {
      if (found.mean.length > 0 && whole.has(run)) columns.set(run, found);
    }
    return { whole, columns, loading: coarse.loading, error: coarse.error ?? zoomed.error };
  }, [coarse, zoomed]);
}

/** Curves with those before them until they have come: while the slider moves, the old smoothing stays in sight. */
function useKept(
  columns: Map<string, Columns>,
  isWanted: boolean,
  curveId: string,
): Map<string, Columns> {
  const before = useRef({ curveId, columns });
  return useMemo(() => {
    const { current } = before;
    const old = isWanted && current.curveId === curveId ? current.columns : [];
    const kept = new Map([...old, ...columns]);
    before.current = { curveId, columns: kept };
    return kept;
  }, [columns, isWanted, curveId]);
}
