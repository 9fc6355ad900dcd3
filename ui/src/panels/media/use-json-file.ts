import { useQuery } from '@tanstack/react-query';
import { fileUrl, type RunRef } from '~/api/client';
import { callText } from '~/api/http';
import type { Json } from '~/api/schema';

/** A JSON file of a run. Files of media never change under one path. */
export function useJsonFile(run: RunRef, path: string) {
  return useQuery({
    queryKey: ['json-file', run.entity, run.project, run.run, path],
    queryFn: async ({ signal }) => JSON.parse(await callText(fileUrl(run, path), signal)) as Json,
    staleTime: Number.POSITIVE_INFINITY,
    // Such files are large: what is out of sight goes soon.
    gcTime: 60_000,
  });
}
