import { useQuery } from '@tanstack/react-query';
import type { ProjectRef } from '~/api/client';
import type { RegistryRole } from '~/api/org-schema';
import { queries } from '~/api/queries';
import { useRegistry } from './use-registry';

/** What the user may do in a project; null if nothing, or for as long as that is not known. */
export function useProjectRole(ref: ProjectRef): RegistryRole | null {
  const { registry, role } = useRegistry(ref);
  const { data: me } = useQuery(queries.me());
  const isOwn = me?.entity === ref.entity;
  const entities = useQuery({ ...queries.entities(), enabled: !isOwn && registry === null });
  if (isOwn) return 'admin';
  if (registry !== null) return role;
  return entities.data?.items.find(item => item.name === ref.entity)?.role ?? null;
}
