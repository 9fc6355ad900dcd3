import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RunRef } from '~/api/client';
import { CONSOLE_PAGE, queries } from '~/api/queries';
import type { ConsoleLine } from '~/api/schema';

export interface ConsoleWindow {
  lines: Map<number, ConsoleLine>;
  error: Error | null;
}

/** The lines `[start, end)` of a console, fetched by pages. */
export function useConsoleLines(
  ref: RunRef,
  start: number,
  end: number,
  total: number,
): ConsoleWindow {
  const pages = useMemo(() => {
    const first = Math.floor(start / CONSOLE_PAGE);
    const last = Math.floor(Math.max(start, end - 1) / CONSOLE_PAGE);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  }, [start, end]);
  return useQueries({
    queries: pages.map(page => queries.consolePage(ref, page, total)),
    combine: results => ({
      lines: new Map(
        results.flatMap(result => result.data?.items ?? []).map(line => [line.number, line]),
      ),
      error: results.find(result => result.error)?.error ?? null,
    }),
  });
}
