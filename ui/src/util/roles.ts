import type { Registry, RegistryRole, Role } from '~/api/org-schema';

/** From the one that may most. */
export const ROLES: Role[] = ['admin', 'member', 'viewer'];
export const REGISTRY_ROLES: RegistryRole[] = [...ROLES, 'restricted_viewer'];

type MaybeRole = RegistryRole | null | undefined;

/** Whether a role may log, edit and link. */
export function canWrite(role: MaybeRole): boolean {
  return role === 'admin' || role === 'member';
}

/** Whether a role may manage members and delete. */
export function canManage(role: MaybeRole): boolean {
  return role === 'admin';
}

export function roleLabel(role: RegistryRole): string {
  return role.replace('_', ' ');
}

const PREFIX = 'wandb-registry-';

/** The registry whose collections a project holds; null for any other project. */
export function registryOf(project: string): string | null {
  return project.startsWith(PREFIX) ? project.slice(PREFIX.length) : null;
}

/** The project that holds a registry's collections. */
export const registryProject = (registry: string): string => PREFIX + registry;

/** Whether versions of a type can be linked into a registry. */
export function takesType(
  registry: Pick<Registry, 'allow_all_artifact_types' | 'artifact_types'>,
  type: string,
): boolean {
  return registry.allow_all_artifact_types || registry.artifact_types.includes(type);
}
