import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import type { RunRef } from '~/api/client';
import { queries } from '~/api/queries';
import { useDebounced } from '~/hooks/use-debounced';
import { formatInteger } from '~/util/format';
import { countMatches, finderOf, neighbour } from './console-matches';

/** Search over all lines, done by the server; goes from match to match. */
export function useConsoleSearch(
  ref: RunRef,
  scrollTo: (row: number, align: 'center') => void,
  onGo: () => void,
) {
  const [text, setText] = useState('');
  const [isPattern, setIsPattern] = useState(false);
  const [current, setCurrent] = useState<number | null>(null);
  const settled = useDebounced(text.trim(), 250);
  const search = useMemo(() => ({ text: settled, isPattern }), [settled, isPattern]);
  const latest = useRef(search);
  latest.current = search;
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...queries.consoleSearch(ref, search),
    enabled: settled !== '',
  });
  const pages = useMemo(() => (settled && data ? data.pages : []), [settled, data]);
  const matches = useMemo(() => pages.flatMap(page => page.lines), [pages]);
  const finder = useMemo(() => finderOf({ text: text.trim(), isPattern }), [text, isPattern]);

  const go = async (backwards: boolean) => {
    let next = neighbour(matches, current, backwards, hasNextPage);
    if (next === 'more') {
      // A refetch of a live console that goes on meanwhile gives way: joined, it would not bring the next page.
      const more = await fetchNextPage();
      if (latest.current !== search || more.isError) return;
      const all = more.data?.pages.flatMap(page => page.lines) ?? [];
      next = neighbour(all, current, backwards, false);
    }
    if (typeof next !== 'number') return;
    setCurrent(next);
    onGo();
    scrollTo(next, 'center');
  };
  const summary = useMemo(() => {
    if (pages.length === 0 || isFetchingNextPage) return '…';
    const { found, isMore } = countMatches(pages);
    if (found === 0 && !isMore) return 'no match';
    const place = current === null ? -1 : matches.indexOf(current);
    const all = `${formatInteger(found)}${isMore ? '+' : ''}`;
    return place < 0 ? all : `${formatInteger(place + 1)} of ${all}`;
  }, [pages, matches, current, isFetchingNextPage]);
  return {
    text,
    setText: (value: string) => {
      setText(value);
      setCurrent(null);
    },
    isPattern,
    setIsPattern: (value: boolean) => {
      setIsPattern(value);
      setCurrent(null);
    },
    go: (backwards: boolean) => void go(backwards),
    current,
    finder,
    error: settled ? error : null,
    summary,
  };
}
