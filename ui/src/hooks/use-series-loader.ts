import { useEffect, useMemo } from 'react';
import { api, type ProjectRef } from '~/api/client';
import { SeriesLoader } from '~/api/series-loader';

const loaders = new Map<string, SeriesLoader>();
const KEPT = 3;

/** The loader of a project's curves. The last few are kept, so that going to a run and back fetches nothing anew. */
export function useSeriesLoader({ entity, project }: ProjectRef): SeriesLoader {
  const loader = useMemo(() => {
    const id = `${entity}/${project}`;
    const made =
      loaders.get(id) ?? new SeriesLoader(request => api.series({ entity, project }, request));
    loaders.delete(id);
    loaders.set(id, made);
    return made;
  }, [entity, project]);
  useEffect(() => {
    for (const [id, old] of loaders) {
      if (loaders.size <= KEPT) break;
      if (old !== loader) loaders.delete(id);
    }
  }, [loader]);
  return loader;
}
