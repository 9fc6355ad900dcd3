import { useEffect, useRef, useState } from 'react';

const SETTLE_MS = 150;

/**
 * A draft of a value: shown at once, handed on after a pause, so that typing does not redraw a page of charts. The
 * draft stands until the value has caught up, or what is typed meanwhile would be lost.
 */
export function useSettling<T>(value: T, onChange: (value: T) => void): [T, (value: T) => void] {
  const [draft, setDraft] = useState<{ value: T } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  useEffect(() => {
    if (timer.current === null) setDraft(null);
    // A new value is what ends the draft.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [value]);
  const set = (next: T) => {
    setDraft({ value: next });
    clearTimeout(timer.current ?? undefined);
    timer.current = setTimeout(() => {
      timer.current = null;
      onChange(next);
    }, SETTLE_MS);
  };
  return [draft ? draft.value : value, set];
}
