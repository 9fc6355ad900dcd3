import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import { offerUndo } from '~/stores/undo';
import type { RunSearch, WorkspaceSearch } from './search';

type AnySearch = WorkspaceSearch & RunSearch;

/** The page's part of the address and a way to change it in place. Changes are merged; `undefined` removes. */
export function useAddress<T extends object>(): [T, (change: Partial<T>) => void] {
  const all: unknown = useSearch({ strict: false });
  const search = all as T;
  const navigate = useNavigate();
  const change = useCallback(
    (changes: Partial<T>) =>
      void navigate({
        to: '.',
        search: (old: T) => ({ ...old, ...changes }),
        replace: true,
        resetScroll: false,
      } as Parameters<typeof navigate>[0]),
    [navigate],
  );
  return [search, change];
}

/** `useAddress` of a workspace and of a run. */
export const usePageSearch = (): [AnySearch, (change: Partial<AnySearch>) => void] =>
  useAddress<AnySearch>();

type UndoableChange = (changes: Partial<AnySearch>, done?: string) => void;

/** As `usePageSearch`; a change that says what it did can be taken back for as long as the page is there. */
export function useUndoableSearch(): [AnySearch, UndoableChange] {
  const [search, change] = usePageSearch();
  const latest = useRef(search);
  latest.current = search;
  const offers = useRef<(() => void)[]>([]);
  useEffect(() => () => offers.current.forEach(forget => forget()), []);
  const changeUndoably = useCallback<UndoableChange>(
    (changes, done) => {
      const before = Object.fromEntries(
        Object.keys(changes).map(name => [name, latest.current[name as keyof AnySearch]]),
      );
      change(changes);
      if (done === undefined) return;
      offers.current.push(
        offerUndo({
          text: done,
          undo: () => change(before),
          subject: 'shown runs',
          quiet: done === '',
        }),
      );
    },
    [change],
  );
  return [search, changeUndoably];
}
