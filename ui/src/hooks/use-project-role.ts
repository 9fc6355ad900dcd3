import { useQuery } from '@tanstack/react-query';
import type { ProjectRef } from '~/api/client';
import { orgQueries } from '~/api/org-queries';
import type { RegistryRole } from '~/api/org-schema';
import { queries } from '~/api/queries';
import { registryOf } from '~/util/roles';

/** What the user may do in a project; null if nothing, or for as long as that is not known. */
export function useProjectRole({ entity, project }: ProjectRef): RegistryRole | null {
  const registry = registryOf(project);
  const { data: me } = useQuery(queries.me());
  const isOwn = me?.entity === entity;
  const entities = useQuery({ ...queries.entities(), enabled: !isOwn && registry === null });
  const found = useQuery({
    ...orgQueries.registry({ organization: entity, registry: registry ?? '' }),
    enabled: !isOwn && registry !== null,
  });
  if (isOwn) return 'admin';
  if (registry !== null) return found.data?.role ?? null;
  return entities.data?.items.find(item => item.name === entity)?.role ?? null;
}
