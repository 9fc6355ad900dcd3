import { apiPath, callJson } from './http';
import type * as Org from './org-schema';
import type { List, Page, Version } from './schema';

/** Names a registry everywhere in the app. */
export interface RegistryRef {
  organization: string;
  registry: string;
}

const organizationPath = (name: string, ...rest: string[]): string =>
  apiPath('organizations', name, ...rest);
const teamPath = (name: string, ...rest: string[]): string => apiPath('teams', name, ...rest);
const registryPath = (ref: RegistryRef, ...rest: string[]): string =>
  organizationPath(ref.organization, 'registries', ref.registry, ...rest);

/** Operations on organizations, teams and registries. */
export const orgApi = {
  organizations: () => callJson<List<Org.OrganizationSummary>>('GET', apiPath('organizations')),
  addOrganization: (body: Org.NewOrganization) =>
    callJson<Org.Organization>('POST', apiPath('organizations'), { body }),
  organization: (name: string) => callJson<Org.Organization>('GET', organizationPath(name)),
  deleteOrganization: (name: string) => callJson<void>('DELETE', organizationPath(name)),
  putOrganizationMember: (name: string, username: string, role: Org.Role) =>
    callJson<Org.Member>('PUT', organizationPath(name, 'members', username), { body: { role } }),
  removeOrganizationMember: (name: string, username: string) =>
    callJson<void>('DELETE', organizationPath(name, 'members', username)),

  teams: () => callJson<List<Org.TeamSummary>>('GET', apiPath('teams')),
  addTeam: (body: Org.NewTeam) => callJson<Org.Team>('POST', apiPath('teams'), { body }),
  team: (name: string) => callJson<Org.Team>('GET', teamPath(name)),
  /** A team that has projects goes only with them. */
  deleteTeam: (name: string, withProjects: boolean) =>
    callJson<void>('DELETE', teamPath(name), {
      query: { projects: withProjects ? 'delete' : undefined },
    }),
  putTeamMember: (name: string, username: string, role: Org.Role) =>
    callJson<Org.Member>('PUT', teamPath(name, 'members', username), { body: { role } }),
  removeTeamMember: (name: string, username: string) =>
    callJson<void>('DELETE', teamPath(name, 'members', username)),

  registries: (organization: string) =>
    callJson<List<Org.Registry>>('GET', organizationPath(organization, 'registries')),
  addRegistry: (organization: string, body: Org.NewRegistry) =>
    callJson<Org.Registry>('POST', organizationPath(organization, 'registries'), { body }),
  registry: (ref: RegistryRef) => callJson<Org.Registry>('GET', registryPath(ref)),
  patchRegistry: (ref: RegistryRef, body: Org.RegistryPatch) =>
    callJson<Org.Registry>('PATCH', registryPath(ref), { body }),
  deleteRegistry: (ref: RegistryRef) => callJson<void>('DELETE', registryPath(ref)),
  registryMembers: (ref: RegistryRef) =>
    callJson<Org.RegistryMembers>('GET', registryPath(ref, 'members')),
  putRegistryUser: (ref: RegistryRef, username: string, role: Org.RegistryRole) =>
    callJson<unknown>('PUT', registryPath(ref, 'members', username), { body: { role } }),
  removeRegistryUser: (ref: RegistryRef, username: string) =>
    callJson<void>('DELETE', registryPath(ref, 'members', username)),
  putRegistryTeam: (ref: RegistryRef, team: string, role: Org.RegistryRole) =>
    callJson<unknown>('PUT', registryPath(ref, 'teams', team), { body: { role } }),
  removeRegistryTeam: (ref: RegistryRef, team: string) =>
    callJson<void>('DELETE', registryPath(ref, 'teams', team)),
  registryCollections: (
    ref: RegistryRef,
    query: { search?: string; limit?: number; cursor?: string },
  ) => callJson<Page<Org.RegistryCollection>>('GET', registryPath(ref, 'collections'), { query }),
  link: (ref: RegistryRef, collection: string, body: Org.NewLink) =>
    callJson<Version>('POST', registryPath(ref, 'collections', collection, 'versions'), { body }),
};
