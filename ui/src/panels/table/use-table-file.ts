import { useQuery } from '@tanstack/react-query';
import { fileUrl, type RunRef } from '~/api/client';
import { callText } from '~/api/http';
import type { Json } from '~/api/schema';
import { readTable } from '~/table/model';

/** A table file of a run, once `path` is known. Files never change under one path of `media/table`. */
export function useTableFile(run: RunRef, path: string | undefined) {
  return useQuery({
    queryKey: ['table-file', run.entity, run.project, run.run, path],
    queryFn: async () => readTable(JSON.parse(await callText(fileUrl(run, path ?? ''))) as Json),
    enabled: path !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
