import { useMemo, useRef } from 'react';
import type { Quantity, SeriesGroups, SeriesSpec } from '~/api/series-loader';
import type { RunError } from '~/api/schema';
import { curveId, useSeries } from '~/hooks/use-series';
import type { Columns } from '~/charts/columns';
import type { ChartLine } from '~/charts/draw-lines';
import type { Range } from '~/charts/scales';
import { usePanelContext, type PanelSpec } from '../panel';
import { BANDS, groupColumns } from './groups';
import { DASHES, axisOf, quantitiesOf } from './model';

export interface PanelLines {
  lines: ChartLine[];
  loading: boolean;
  error: Error | null;
  /** Runs that are missing in the curves. */
  damaged: RunError[];
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
  const { runs, groups, settings } = usePanelContext();
  const { axis } = axisOf(settings.x, spec);
  const { smoothing, groupLook } = settings;
  const owners = groups ?? runs;
  const members = useMemo<SeriesGroups | undefined>(
    () => (groups?.length ? new Map(groups.map(group => [group.id, group.runs])) : undefined),
    [groups],
  );
  const base = useMemo<SeriesSpec>(
    () => ({ stream: spec.stream, axis, columns, groups: members }),
    [spec.stream, axis, columns, members],
  );
  const smooth = useMemo<SeriesSpec | null>(
    () => smoothing && { ...base, smoothing },
    [base, smoothing],
  );
  const quantities = quantitiesOf(spec);
  const curves = `${spec.id} ${JSON.stringify(axis)}`;
  const raw = useZoomedSeries(base, quantities, curves, zoom, active);
  const smoothed = useZoomedSeries(smooth, quantities, curves, zoom, active);

  return useMemo(() => {
    const lines: ChartLine[] = [];
    let nPoints = 0;
    let nUnsmoothed = 0;
    let exact = true;
    const band = BANDS.find(({ value }) => value === groupLook.band)?.short;
    for (const owner of owners) {
      quantities.forEach(({ text }, place) => {
        const id = curveId(place, owner.id);
        const whole = raw.whole.get(id);
        const shown = raw.columns.get(id);
        if (!whole || !shown) return;
        nPoints += whole.nPoints;
        exact &&= shown.mean.length >= shown.nPoints;
        const front = smoothed.columns.get(id) ?? null;
        if (front && !front.isSmoothed) nUnsmoothed += 1;
        lines.push({
          id: owner.id,
          name: owner.name,
          color: owner.color,
          band: shown.group ? band : undefined,
          curve: quantities.length > 1 ? { name: text, dash: DASHES[place % DASHES.length] } : null,
          columns: groupColumns(shown, groupLook),
          smoothed: front?.isSmoothed ? groupColumns(front, groupLook) : null,
        });
      });
    }
    const error = raw.error ?? smoothed.error;
    const damaged = merged(raw.damaged, smoothed.damaged);
    return { lines, loading: raw.loading, error, damaged, nPoints, nUnsmoothed, exact };
  }, [owners, groupLook, quantities, raw, smoothed]);
}

interface ZoomedSeries {
  /** By `curveId`, of the whole extent; none without points. */
  whole: Map<string, Columns>;
  /** By `curveId`, of the zoomed range where that has come, else of the whole extent. */
  columns: Map<string, Columns>;
  loading: boolean;
  error: Error | null;
  damaged: RunError[];
}

function useZoomedSeries(
  base: SeriesSpec | null,
  quantities: Quantity[],
  curves: string,
  zoom: Range | null,
  active: boolean,
): ZoomedSeries {
  const { runs, groups, loader } = usePanelContext();
  const lines = useMemo(() => (groups ?? runs).map(owner => owner.id), [groups, runs]);
  const [low, high] = zoom ?? [undefined, undefined];
  const fine = useMemo<SeriesSpec | null>(() => {
    if (!base || low === undefined || high === undefined) return null;
    const room = (high - low) * 0.02;
    return { ...base, min: low - room, max: high + room };
  }, [base, low, high]);
  const coarse = useSeries(loader, base, quantities, lines, active);
  const zoomed = useSeries(loader, fine, quantities, lines, active);
  const kept = useKept(coarse.columns, base !== null, curves);
  return useMemo(() => {
    const whole = new Map([...kept].filter(([, found]) => found.mean.length > 0));
    const columns = new Map(whole);
    for (const [id, found] of zoomed.columns) {
      if (found.mean.length > 0 && whole.has(id)) columns.set(id, found);
    }
    const error = coarse.error ?? zoomed.error;
    const damaged = merged(coarse.damaged, zoomed.damaged);
    return { whole, columns, loading: coarse.loading, error, damaged };
  }, [coarse.loading, coarse.error, coarse.damaged, kept, zoomed]);
}

/** Each run once. */
function merged(some: RunError[], others: RunError[]): RunError[] {
  return [...new Map([...some, ...others].map(one => [one.run, one])).values()];
}

/**
 * Curves, and those before them until they have come: while the slider moves or a group changes, the old ones stay in
 * sight. What is another axis or another panel has another `curves`.
 */
function useKept(
  columns: Map<string, Columns>,
  isWanted: boolean,
  curves: string,
): Map<string, Columns> {
  const before = useRef({ curves, columns });
  return useMemo(() => {
    const { current } = before;
    const old = isWanted && current.curves === curves ? current.columns : [];
    const kept = new Map([...old, ...columns]);
    before.current = { curves, columns: kept };
    return kept;
  }, [columns, isWanted, curves]);
}
