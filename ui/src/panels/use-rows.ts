import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '~/api/queries';
import type { HistoryRow } from '~/api/schema';
import { usePanelContext, type PanelRun } from './panel';
import {
  extentOf,
  newestWindows,
  windowsAround,
  type Extent,
  type StepWindow,
} from './row-windows';

export interface Extents {
  /** By run, in their order: null where the run has not logged the key, undefined while that is not known. */
  extents: (Extent | null | undefined)[];
  error: Error | null;
  retry: () => void;
}

/** Where runs have logged a key. */
export function useExtents(runs: PanelRun[], key: string, active: boolean): Extents {
  const { ref } = usePanelContext();
  return useQueries({
    queries: runs.map(run => ({
      ...queries.runKey({ ...ref, run: run.id }, key),
      enabled: active,
    })),
    combine: results => ({
      extents: results.map(result =>
        result.data === undefined ? undefined : extentOf(result.data),
      ),
      error: results.find(result => result.error)?.error ?? null,
      retry: () => results.filter(result => result.error).forEach(result => void result.refetch()),
    }),
  });
}

/** What is known of a run's rows of a key. */
export interface KeyRows {
  extent: Extent | null;
  /** Ascending, without holes within `loaded`. */
  rows: HistoryRow[];
  /** The steps whose rows are here; null while none are. */
  loaded: StepWindow | null;
  /** Whether more rows are on their way. */
  isPending: boolean;
  /** A window held more rows than are fetched. */
  isCut: boolean;
  error: Error | null;
}

/** One request of a run: the steps of a window, or with null all of them. */
interface Wanted {
  place: number;
  window: StepWindow | null;
}

/** The rows round a step, of each run; without a step the newest. Long runs are read by windows, never whole. */
export function useRowsAt(
  runs: PanelRun[],
  extents: Extents['extents'],
  key: string,
  step: number | null,
  active: boolean,
): KeyRows[] {
  const { ref } = usePanelContext();
  const client = useQueryClient();
  const wanted = extents.flatMap((extent, place): Wanted[] => {
    if (!extent) return [];
    const run = { ...ref, run: runs[place].id };
    const windows = windowsAround(
      extent,
      step ?? extent.last ?? 0,
      window => client.getQueryData(queries.rows(run, key, window).queryKey)?.items,
    );
    return windows.length > 0
      ? windows.map(window => ({ place, window }))
      : [{ place, window: null }];
  });
  return useWanted(runs, extents, key, wanted, active);
}

/** The newest rows of one run: all, or where they are many those of the newest windows. */
export function useNewestRows(
  run: PanelRun | undefined,
  extent: Extent | null | undefined,
  key: string,
  mostWindows: number,
  active: boolean,
): KeyRows {
  const runs = useMemo(() => (run ? [run] : []), [run]);
  const windows = extent ? newestWindows(extent, mostWindows) : [];
  const all: Wanted[] = extent ? [{ place: 0, window: null }] : [];
  const wanted = windows.length > 0 ? windows.map((window): Wanted => ({ place: 0, window })) : all;
  const [rows] = useWanted(runs, run ? [extent] : [], key, wanted, active);
  return rows ?? NOTHING;
}

function useWanted(
  runs: PanelRun[],
  extents: Extents['extents'],
  key: string,
  wanted: Wanted[],
  active: boolean,
): KeyRows[] {
  const { ref } = usePanelContext();
  return useQueries({
    queries: wanted.map(({ place, window }) => ({
      ...queries.rows(
        { ...ref, run: runs[place].id },
        key,
        window ?? undefined,
        extents[place]?.last ?? undefined,
      ),
      enabled: active,
    })),
    // What is combined stays the same array while nothing in it changed.
    combine: results =>
      runs.map((_run, place): KeyRows => {
        const extent = extents[place];
        if (!extent) return { ...NOTHING, isPending: extent === undefined };
        const mine = results.filter((_result, index) => wanted[index].place === place);
        const windows = wanted
          .filter((want, index) => want.place === place && results[index].data)
          .map(want => want.window);
        return {
          extent,
          rows: mine.flatMap(result => result.data?.items ?? []),
          loaded: spanOf(windows),
          isPending: mine.some(result => result.isPending),
          isCut: mine.some(result => result.data?.isCut),
          error: mine.find(result => result.error)?.error ?? null,
        };
      }),
  });
}

/** From the first to the last of neighbouring windows. */
function spanOf(windows: (StepWindow | null)[]): StepWindow | null {
  if (windows.length === 0) return null;
  return {
    min: windows[0]?.min ?? Number.NEGATIVE_INFINITY,
    max: windows.at(-1)?.max ?? Number.POSITIVE_INFINITY,
  };
}

const NOTHING: KeyRows = {
  extent: null,
  rows: [],
  loaded: null,
  isPending: false,
  isCut: false,
  error: null,
};
