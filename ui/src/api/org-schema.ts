/** Shapes of the operations on organizations, teams and registries. */
import type { components } from './generated';
import type { Answer } from './schema';

type Schemas = components['schemas'];

export type Role = Schemas['Role'];
export type RegistryRole = Schemas['RegistryRole'];
export type EntityKind = Schemas['EntityKind'];
export type RegistryAccess = Schemas['RegistryAccess'];

/** What projects belong to, and what the caller may do there. */
export type Entity = Answer<Schemas['Entity']>;
export type Member = Answer<Schemas['Member']>;
export type NewMember = Schemas['NewMember'];

/** The role is null for an administrator of the server who is no member, here and below. */
export type OrganizationSummary = Answer<Schemas['OrganizationSummary']>;
export type OrganizationTeam = Answer<Schemas['OrganizationTeam']>;
export type Organization = Omit<Answer<Schemas['Organization']>, 'teams'> & {
  teams: OrganizationTeam[];
};
export type NewOrganization = Schemas['NewOrganization'];
export type TeamSummary = Answer<Schemas['TeamSummary']>;
export type Team = Answer<Schemas['Team']>;
export type NewTeam = Schemas['NewTeam'];

export type Registry = Answer<Schemas['Registry']>;
export type NewRegistry = Schemas['NewRegistry'];
/** What is left out stays. */
export type RegistryPatch = {
  [K in keyof Schemas['RegistryPatch']]?: NonNullable<Schemas['RegistryPatch'][K]>;
};
export type RegistryUser = Omit<Answer<Schemas['RegistryMember']>, 'via'> & {
  via: 'own' | 'organization';
};
export type RegistryTeam = Answer<Schemas['RegistryTeam']>;
export interface RegistryMembers {
  users: RegistryUser[];
  teams: RegistryTeam[];
}
/** The version that a link is to. */
export type LinkSource = Answer<Schemas['LinkedVersion']>;
/** The source is null where the caller may not see it. */
export type RegistryVersion = Omit<Answer<Schemas['LatestLink']>, 'source'> & {
  source: LinkSource | null;
};
export type RegistryCollection = Omit<Answer<Schemas['RegistryCollection']>, 'latest'> & {
  latest: RegistryVersion | null;
};
/** The artifact is `entity/project/collection:alias`. */
export type NewLink = Schemas['NewLink'];
