import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { RunSearch, WorkspaceSearch } from './search';

type AnySearch = WorkspaceSearch & RunSearch;

/** The page's part of the address and a way to change it in place. Changes are merged; `undefined` removes. */
export function usePageSearch(): [AnySearch, (change: Partial<AnySearch>) => void] {
  const search = useSearch({ strict: false }) as AnySearch;
  const navigate = useNavigate();
  const change = useCallback(
    (changes: Partial<AnySearch>) =>
      void navigate({
        to: '.',
        search: (old: AnySearch) => ({ ...old, ...changes }),
        replace: true,
        resetScroll: false,
      } as Parameters<typeof navigate>[0]),
    [navigate],
  );
  return [search, change];
}
