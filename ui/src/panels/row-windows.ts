import type { HistoryRow, RunKey } from '~/api/schema';

/** Where a run has logged a key. Rows without a step leave first and last unknown. */
export interface Extent {
  count: number;
  first: number | null;
  last: number | null;
}

/** Steps `[min, max]`, asked for at once. */
export interface StepWindow {
  min: number;
  max: number;
}

/** So many rows are asked for whole; of more, windows of about half to all of it. */
export const WHOLE_ROWS = 1000;

export function extentOf(key: RunKey | null): Extent | null {
  return key && key.count > 0
    ? { count: key.count, first: key.first_step, last: key.last_step }
    : null;
}

/**
 * The window that holds a step; null where all rows are one window.
 *
 * Windows lie on a grid of powers of two, so that a run that grows keeps those that are loaded already.
 */
export function windowAt({ count, first, last }: Extent, step: number): StepWindow | null {
  if (count <= WHOLE_ROWS || first === null || last === null) return null;
  const even = (WHOLE_ROWS * (last - first + 1)) / count;
  const size = 2 ** Math.floor(Math.log2(Math.max(1, even)));
  const min = Math.floor(Math.min(last, Math.max(first, step)) / size) * size;
  return { min, max: min + size - 1 };
}

function beside(extent: Extent, window: StepWindow, by: -1 | 1): StepWindow | null {
  const step = by < 0 ? window.min - 1 : window.max + 1;
  const isOutside = step < (extent.first ?? 0) || step > (extent.last ?? 0);
  return isOutside ? null : windowAt(extent, step);
}

/** The rows of a window, once they are there. */
export type LoadedRows = (window: StepWindow) => HistoryRow[] | undefined;

/**
 * The windows, oldest first, that tell what stood at a step: its own, those before it back to the newest row up to the
 * step, and then both neighbours, so that going on by one row need not wait.
 */
export function windowsAround(extent: Extent, step: number, loaded: LoadedRows): StepWindow[] {
  const here = windowAt(extent, step);
  if (!here) return [];
  const wanted = [here];
  let rows = loaded(here);
  if (rows) {
    const next = beside(extent, here, 1);
    if (next) wanted.push(next);
  }
  let oldest: StepWindow | null = here;
  let isFound = false;
  while (oldest && rows && !isFound) {
    isFound = rows.some(row => row.step !== null && row.step <= step);
    oldest = beside(extent, oldest, -1);
    if (oldest) wanted.unshift(oldest);
    rows = oldest ? loaded(oldest) : undefined;
  }
  return wanted;
}

/** The newest windows, oldest first, at most so many. */
export function newestWindows(extent: Extent, most: number): StepWindow[] {
  const windows: StepWindow[] = [];
  let window = windowAt(extent, extent.last ?? 0);
  while (window && windows.length < most) {
    windows.unshift(window);
    window = beside(extent, window, -1);
  }
  return windows;
}

/** What a reader can step through: known steps of `loaded`, and unknown ones in `all`. */
export interface StepRange {
  /** Ascending. */
  known: number[];
  loaded: StepWindow;
  all: StepWindow;
}

/** The step one on or back. Where the neighbour is not loaded yet, the nearest step that makes it so. */
export function stepBeside({ known, loaded, all }: StepRange, step: number, by: -1 | 1): number {
  const next = by > 0 ? known.find(other => other > step) : known.findLast(other => other < step);
  if (next !== undefined && next >= loaded.min && next <= loaded.max) return next;
  const edge = by > 0 ? loaded.max + 1 : loaded.min - 1;
  return edge < all.min || edge > all.max ? (next ?? step) : edge;
}
