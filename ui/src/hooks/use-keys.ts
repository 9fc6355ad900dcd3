import { keepPreviousData, useQuery, type UseQueryOptions } from '@tanstack/react-query';
import type { KeyListing } from '~/api/queries';

/** What a page shows of its keys where there are more than panels are made of. */
export interface KeyCount {
  /** Keys that panels are made of. */
  listed: number;
  /** Keys that match the search; all without one. */
  matching: number;
  total: number;
}

/**
 * The keys that panels are made of. Where there are more of them than are listed, the search is the server's; else all
 * are here, and the page searches them itself.
 */
export function useKeys<T, Key extends readonly unknown[]>(
  queryFor: (search: string) => UseQueryOptions<KeyListing<T>, Error, KeyListing<T>, Key>,
  search = '',
) {
  const first = useQuery(queryFor(''));
  const asked = first.data?.isCut ? search : '';
  const found = useQuery({ ...queryFor(asked), placeholderData: keepPreviousData });
  const count: KeyCount | null = first.data?.isCut
    ? {
        listed: found.data?.items.length ?? 0,
        matching: found.data?.total ?? 0,
        total: first.data.total,
      }
    : null;
  return { data: found.data, error: found.error ?? first.error, refetch: found.refetch, count };
}
