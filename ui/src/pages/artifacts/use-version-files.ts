import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { artifactQueries, MAX_LISTED_FILES } from '~/api/artifact-queries';
import type { ArtifactFile } from '~/api/schema';
import type { VersionRef } from '~/api/client';

export interface FileListing {
  /** By path; undefined before the first are there. */
  files: ArtifactFile[] | undefined;
  /** More of them are on their way. */
  isGrowing: boolean;
  /** There are more than are ever listed. */
  isCut: boolean;
  error: Error | null;
  retry: () => void;
}

/** The files of a version whose paths begin with `prefix`: the first at once, the others as they come. */
export function useVersionFiles(ref: VersionRef, prefix = ''): FileListing {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    artifactQueries.files(ref, prefix),
  );
  const files = useMemo(() => data?.pages.flatMap(page => page.items), [data]);
  const count = files?.length ?? 0;
  const isFull = count >= MAX_LISTED_FILES;
  const isGrowing = hasNextPage && !isFull && !error;
  useEffect(() => {
    if (isGrowing && !isFetchingNextPage) void fetchNextPage();
  }, [isGrowing, isFetchingNextPage, fetchNextPage]);
  return { files, isGrowing, isCut: hasNextPage && isFull, error, retry: () => void refetch() };
}
