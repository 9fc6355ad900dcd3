import { useQuery } from '@tanstack/react-query';
import { fileUrl, ownerKey, type FileOwner } from '~/api/client';
import { callText } from '~/api/http';
import type { Json } from '~/api/schema';

/** A JSON file of a run. Files of media never change under one path. */
export function useJsonFile(owner: FileOwner, path: string) {
  return useQuery({
    queryKey: ['json-file', ...ownerKey(owner), path],
    queryFn: async ({ signal }) => JSON.parse(await callText(fileUrl(owner, path), signal)) as Json,
    staleTime: Number.POSITIVE_INFINITY,
    // Such files are large: what is out of sight goes soon.
    gcTime: 60_000,
  });
}
