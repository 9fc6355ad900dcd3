import { useCallback, useLayoutEffect, useState, type RefObject } from 'react';

/** Browsers hold no taller element than some 17 million pixels; past that, scrolling is scaled. */
const MAX_HEIGHT = 16_000_000;

export interface FixedRows {
  /** Rows to draw: `[start, end)`. */
  start: number;
  end: number;
  /** Height of the scrolled element, and where row `start` stands in it. */
  height: number;
  offset: number;
  scrollTo: (row: number, align: 'center' | 'end') => void;
}

/** Windows over millions of rows of one height, where no measurement is needed. */
export function useFixedRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): FixedRows {
  const [view, setView] = useState({ top: 0, height: 600 });
  const total = count * rowHeight;
  const height = Math.min(total, MAX_HEIGHT);
  const scale = height > view.height ? (total - view.height) / (height - view.height) : 1;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const read = () => setView({ top: element.scrollTop, height: element.clientHeight });
    read();
    element.addEventListener('scroll', read, { passive: true });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', read);
      observer.disconnect();
    };
  }, [scroller]);
  const scrollTo = useCallback(
    (row: number, align: 'center' | 'end') => {
      const element = scroller.current;
      if (!element) return;
      const room =
        align === 'center'
          ? (element.clientHeight - rowHeight) / 2
          : element.clientHeight - rowHeight;
      element.scrollTop = (row * rowHeight - room) / scale;
    },
    [scroller, rowHeight, scale],
  );
  const virtualTop = view.top * scale;
  const start = Math.max(0, Math.floor(virtualTop / rowHeight) - 20);
  const end = Math.min(count, Math.ceil((virtualTop + view.height) / rowHeight) + 20);
  return { start, end, height, offset: view.top + start * rowHeight - virtualTop, scrollTo };
}
