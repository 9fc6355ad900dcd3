import { useMemo, useRef } from 'react';
import type { Quantity, SeriesSpec } from '~/api/series-loader';
import { curveId, useSeries } from '~/hooks/use-series';
import type { Columns } from '~/charts/columns';
import type { ChartLine } from '~/charts/draw-lines';
import type { Range } from '~/charts/scales';
import { usePanelContext, type PanelSpec } from '../panel';
import { DASHES, axisOf, quantitiesOf } from './model';

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
  const quantities = quantitiesOf(spec);
  const raw = useZoomedSeries(base, quantities, zoom, active);
  const smoothed = useZoomedSeries(smooth, quantities, zoom, active);
  const kept = useKept(smoothed.columns, smooth !== null, `${spec.id}|${JSON.stringify(axis)}`);

  return useMemo(() => {
    const lines: ChartLine[] = [];
    let nPoints = 0;
    let nUnsmoothed = 0;
    let exact = true;
    for (const run of runs) {
      quantities.forEach(({ text }, place) => {
        const id = curveId(place, run.id);
        const whole = raw.whole.get(id);
        const shown = raw.columns.get(id);
        if (!whole || !shown) return;
        nPoints += whole.nPoints;
        exact &&= shown.mean.length >= shown.nPoints;
        const front = kept.get(id) ?? null;
        if (front && !front.isSmoothed) nUnsmoothed += 1;
        lines.push({
          id: run.id,
          name: run.name,
          color: run.color,
          curve: quantities.length > 1 ? { name: text, dash: DASHES[place % DASHES.length] } : null,
          columns: shown,
          smoothed: front?.isSmoothed ? front : null,
        });
      });
    }
    const error = raw.error ?? smoothed.error;
    return { lines, loading: raw.loading, error, nPoints, nUnsmoothed, exact };
  }, [runs, quantities, raw, smoothed.error, kept]);
}

interface ZoomedSeries {
  /** By `curveId`, of the whole extent; none without points. */
  whole: Map<string, Columns>;
  /** By `curveId`, of the zoomed range where that has come, else of the whole extent. */
  columns: Map<string, Columns>;
  loading: boolean;
  error: Error | null;
}

function useZoomedSeries(
  base: SeriesSpec | null,
  quantities: Quantity[],
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
  const coarse = useSeries(loader, base, quantities, runIds, active);
  const zoomed = useSeries(loader, fine, quantities, runIds, active);
  return useMemo(() => {
    const whole = new Map([...coarse.columns].filter(([, found]) => found.mean.length > 0));
    const columns = new Map(whole);
    for (const [id, found] of zoomed.columns) {
      if (found.mean.length > 0 && whole.has(id)) columns.set(id, found);
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
