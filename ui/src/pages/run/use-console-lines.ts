import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RunRef } from '~/api/client';
import { queries } from '~/api/queries';
import type { ConsoleLine } from '~/api/schema';

const PAGE = 500;

export interface ConsoleWindow {
  lines: Map<number, ConsoleLine>;
  error: Error | null;
}

/** The lines `[start, end)` of a console, fetched by pages. Pages that may still change are asked again as `total` grows. */
export function useConsoleLines(
  ref: RunRef,
  start: number,
  end: number,
  total: number,
  live: boolean,
): ConsoleWindow {
  const pages = useMemo(() => {
    const first = Math.floor(start / PAGE);
    const last = Math.floor(Math.max(start, end - 1) / PAGE);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  }, [start, end]);
  return useQueries({
    queries: pages.map(page => {
      // Progress bars rewrite the last lines: the end of a live console is never settled.
      const settled = (page + 1) * PAGE < total - 200 || !live;
      const options = queries.consolePage(ref, page * PAGE, PAGE);
      return {
        ...options,
        queryKey: [
          ...options.queryKey,
          settled ? 'settled' : total,
        ] as unknown as typeof options.queryKey,
      };
    }),
    combine: results => ({
      lines: new Map(
        results.flatMap(result => result.data?.items ?? []).map(line => [line.number, line]),
      ),
      error: results.find(result => result.error)?.error ?? null,
    }),
  });
}
