import type { EntityKind, RegistryAccess, RegistryRole, Role } from '../src/api/org-schema';
import { REGISTRY_ROLES, registryOf } from '../src/util/roles.ts';
import type { World } from './world.ts';

/** An organization or a team. */
export interface MockGroup {
  kind: Exclude<EntityKind, 'user'>;
  name: string;
  organization: string | null;
  created_at: string;
  members: Map<string, Role>;
}

export interface MockRegistry {
  organization: string;
  name: string;
  description: string;
  access: RegistryAccess;
  allow_all_artifact_types: boolean;
  artifact_types: string[];
  protected_aliases: string[];
  created_at: string;
  updated_at: string;
  users: Map<string, RegistryRole>;
  teams: Map<string, RegistryRole>;
}

const DAY = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString();

export const LONG_USER = 'katherine.coleman.goble.johnson-of-langley-research';
const LONG_TEAM = 'ranking-and-recommendation-of-everything-we-have-ever-shown-to-anybody';
const LONG_REGISTRY = 'benchmarks-that-every-team-reports-before-a-release-and-nobody-may-skip';

export function makeGroups(): MockGroup[] {
  const made: MockGroup[] = [];
  const add = (
    kind: MockGroup['kind'],
    name: string,
    organization: string | null,
    days: number,
    members: Record<string, Role>,
  ) =>
    made.push({
      kind,
      name,
      organization,
      created_at: daysAgo(days),
      members: new Map(Object.entries(members)),
    });
  add('organization', 'acme', null, 80, {
    ada: 'admin',
    alan: 'member',
    barbara: 'member',
    grace: 'viewer',
    [LONG_USER]: 'viewer',
  });
  add('organization', 'open-lab', null, 30, {
    barbara: 'admin',
    ada: 'viewer',
    [LONG_USER]: 'viewer',
  });
  add('team', 'perception', 'acme', 75, { ada: 'admin', alan: 'member', grace: 'viewer' });
  add('team', LONG_TEAM, 'acme', 12, { barbara: 'admin', ada: 'member', [LONG_USER]: 'member' });
  add('team', 'weekend', null, 5, { grace: 'admin', ada: 'member' });
  add('team', 'weather', 'open-lab', 28, {
    barbara: 'admin',
    ada: 'viewer',
    [LONG_USER]: 'viewer',
  });
  return made;
}

export function makeRegistries(): MockRegistry[] {
  const made: MockRegistry[] = [];
  const add = (name: string, days: number, start: Partial<MockRegistry>) =>
    made.push({
      organization: 'acme',
      name,
      description: '',
      access: 'private',
      allow_all_artifact_types: false,
      artifact_types: [],
      protected_aliases: [],
      created_at: daysAgo(days),
      updated_at: daysAgo(days / 20),
      users: new Map(),
      teams: new Map(),
      ...start,
    });
  add('models', 70, {
    description: 'What runs in cars: production is what the fleet has, staging what comes next.',
    artifact_types: ['model'],
    protected_aliases: ['production'],
    users: new Map([['alan', 'admin']]),
    teams: new Map([['perception', 'member']]),
  });
  add('datasets', 68, {
    description: 'Labelled data that left quality control 🦦',
    access: 'restricted',
    artifact_types: ['dataset'],
    users: new Map([['grace', 'restricted_viewer']]),
    teams: new Map([['perception', 'member']]),
  });
  add(LONG_REGISTRY, 9, {
    allow_all_artifact_types: true,
    description:
      'Everything that is reported before a release: tables, plots and the checkpoints that they were made from, from all teams, for as long as the release is supported.',
  });
  add('broken', 3, { description: 'Every list of this registry fails', artifact_types: ['model'] });
  add('forecasts', 20, { organization: 'open-lab', allow_all_artifact_types: true });
  return made;
}

/** The role of a user in whatever projects belong to; null if they do not see it. */
export function roleIn(world: World, entity: string, username: string): Role | null {
  if (entity === username) return 'admin';
  const group = world.groups.find(item => item.name === entity);
  const parent = world.groups.find(item => item.name === group?.organization);
  if (parent?.members.get(username) === 'admin') return 'admin';
  return group?.members.get(username) ?? null;
}

/** The highest of the roles that a user has in a registry. */
export function registryRole(
  world: World,
  registry: MockRegistry,
  username: string,
): RegistryRole | null {
  const inherited = roleIn(world, registry.organization, username);
  const held: (RegistryRole | null | undefined)[] = [
    registry.access === 'private' || inherited === 'admin' ? inherited : null,
    registry.users.get(username),
    ...[...registry.teams]
      .filter(([team]) => roleIn(world, team, username) !== null)
      .map(([, role]) => role),
  ];
  return REGISTRY_ROLES.find(role => held.includes(role)) ?? null;
}

/** What a user may do in a project; null if they do not see it. */
export function projectRole(
  world: World,
  entity: string,
  project: string,
  username: string | null,
): RegistryRole | null {
  if (username === null) return null;
  const name = registryOf(project);
  const registry = world.registries.find(
    item => item.organization === entity && item.name === name,
  );
  return registry ? registryRole(world, registry, username) : roleIn(world, entity, username);
}
