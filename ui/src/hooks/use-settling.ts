import { useEffect, useRef, useState } from 'react';

const SETTLE_MS = 150;

/**
 * What of a draft was handed on and has not come back as the value yet. On a busy page a value arrives keys later than
 * it was typed, and must not take the place of what was typed since.
 */
export class HandedOn<T> {
  #values: T[] = [];

  add(value: T) {
    this.#values.push(value);
  }

  /** Whether `value` is the last that was handed on, or was set by somebody else. */
  isCaughtUpBy(value: T): boolean {
    const at = this.#values.indexOf(value);
    this.#values = at === -1 ? [] : this.#values.slice(at + 1);
    return this.#values.length === 0;
  }
}

/**
 * A draft of a value: shown at once, handed on after a pause, so that typing does not redraw a page of charts. The
 * draft stands until the value has caught up, or what is typed meanwhile would be lost.
 */
export function useSettling<T>(value: T, onChange: (value: T) => void): [T, (value: T) => void] {
  const [draft, setDraft] = useState<{ value: T } | null>(null);
  const [handedOn] = useState(() => new HandedOn<T>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  useEffect(() => {
    if (handedOn.isCaughtUpBy(value) && timer.current === null) setDraft(null);
  }, [handedOn, value]);
  const set = (next: T) => {
    setDraft({ value: next });
    clearTimeout(timer.current ?? undefined);
    timer.current = setTimeout(() => {
      timer.current = null;
      handedOn.add(next);
      onChange(next);
    }, SETTLE_MS);
  };
  return [draft ? draft.value : value, set];
}
