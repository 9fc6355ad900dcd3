import { useQuery } from '@tanstack/react-query';
import type { ProjectRef } from '~/api/client';
import { ApiError } from '~/api/http';
import { orgQueries } from '~/api/org-queries';
import type { RegistryRole } from '~/api/org-schema';
import { queries } from '~/api/queries';
import { registryOf } from '~/util/roles';

export interface ProjectRegistry {
  /** Null where a project is one like any other. For as long as that is not known, its name decides. */
  registry: string | null;
  /** What the user may do in the registry; null if nothing, or for as long as that is not known. */
  role: RegistryRole | null;
}

/** The registry whose collections a project holds. Anybody may give a project such a name; organizations alone have registries. */
export function useRegistry({ entity, project }: ProjectRef): ProjectRegistry {
  const named = registryOf(project);
  const { data: me } = useQuery(queries.me());
  const isOwn = me?.entity === entity;
  const { data, error } = useQuery({
    ...orgQueries.registry({ organization: entity, registry: named ?? '' }),
    enabled: named !== null && !isOwn,
  });
  const isMissing = error instanceof ApiError && error.status === 404;
  return { registry: isOwn || isMissing ? null : named, role: data?.role ?? null };
}
