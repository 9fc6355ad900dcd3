import { useEffect, useRef, useState } from 'react';

const SETTLE_MS = 150;

/** A draft of a value: shown at once, handed on after a pause, so that typing does not redraw a page of charts. */
export function useSettling<T>(value: T, onChange: (value: T) => void): [T, (value: T) => void] {
  const [draft, setDraft] = useState<{ value: T } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (next: T) => {
    setDraft({ value: next });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      onChange(next);
      setDraft(null);
    }, SETTLE_MS);
  };
  return [draft ? draft.value : value, set];
}
