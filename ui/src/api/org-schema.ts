/** Types of the operations on organizations, teams and registries, named as in the OpenAPI document. */

export type Role = 'admin' | 'member' | 'viewer';
export type RegistryRole = Role | 'restricted_viewer';
export type EntityKind = 'user' | 'team' | 'organization';
export type RegistryAccess = 'private' | 'restricted';

/** What projects belong to, and what the caller may do there. */
export interface Entity {
  name: string;
  kind: EntityKind;
  role: Role;
  /** Of a team. */
  organization: string | null;
}

export interface Member {
  username: string;
  /** May be empty. */
  email: string;
  role: Role;
}

export interface NewMember {
  username: string;
  role: Role;
}

export interface OrganizationSummary {
  name: string;
  created_at: string;
  /** Null for an administrator of the server who is no member. */
  role: Role | null;
  n_members: number;
  n_teams: number;
  n_registries: number;
}

export interface OrganizationTeam {
  name: string;
  role: Role | null;
  n_members: number;
}

export interface Organization {
  name: string;
  created_at: string;
  role: Role | null;
  members: Member[];
  teams: OrganizationTeam[];
}

export interface NewOrganization {
  name: string;
  members?: NewMember[];
}

export interface TeamSummary {
  name: string;
  organization: string | null;
  role: Role | null;
  n_members: number;
  n_projects: number;
  created_at: string;
}

export interface Team {
  name: string;
  organization: string | null;
  created_at: string;
  role: Role | null;
  members: Member[];
}

export interface NewTeam {
  name: string;
  organization?: string;
  members?: NewMember[];
}

export interface Registry {
  organization: string;
  name: string;
  /** The project that holds its collections. */
  project: string;
  description: string;
  access: RegistryAccess;
  allow_all_artifact_types: boolean;
  artifact_types: string[];
  role: RegistryRole | null;
  n_collections: number;
  n_versions: number;
  n_members: number;
  created_at: string;
  updated_at: string;
}

export interface NewRegistry {
  name: string;
  description?: string;
  access?: RegistryAccess;
  artifact_types?: string[];
  allow_all_artifact_types?: boolean;
}

export interface RegistryPatch {
  name?: string;
  description?: string;
  access?: RegistryAccess;
  allow_all_artifact_types?: boolean;
  add_artifact_types?: string[];
}

export interface RegistryUser {
  username: string;
  /** May be empty. */
  email: string;
  role: RegistryRole;
  /** A role of their own in the registry, or that of the organization. */
  via: 'own' | 'organization';
}

export interface RegistryTeam {
  name: string;
  role: RegistryRole;
  n_members: number;
}

export interface RegistryMembers {
  users: RegistryUser[];
  teams: RegistryTeam[];
}

export interface LinkSource {
  entity: string;
  project: string;
  collection: string;
  version: string;
}

export interface RegistryVersion {
  version: string;
  linked_at: string;
  linked_by: string | null;
  aliases: string[];
  /** Null where the caller may not see it. */
  source: LinkSource | null;
}

export interface RegistryCollection {
  name: string;
  type: string;
  description: string | null;
  tags: string[];
  n_versions: number;
  latest: RegistryVersion | null;
  created_at: string;
  updated_at: string;
}

export interface NewLink {
  /** `entity/project/collection:alias` */
  artifact: string;
  aliases?: string[];
}
