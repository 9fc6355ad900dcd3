import type {
  Entity,
  Member,
  NewMember,
  Organization,
  OrganizationSummary,
  Registry,
  RegistryCollection,
  RegistryMembers,
  RegistryPatch,
  RegistryRole,
  Role,
  Team,
  TeamSummary,
} from '../src/api/org-schema';
import type { Json } from '../src/api/schema';
import { canManage, canWrite, registryOf, registryProject, takesType } from '../src/util/roles.ts';
import { collectionBody, linkVersion, page, versionBody } from './artifacts.ts';
import { Refusal, bodyOf, type Call } from './call.ts';
import { registryRole, roleIn, type MockGroup, type MockRegistry } from './groups.ts';
import type { World } from './world.ts';

const text = (value: Json | undefined): string => String(value ?? '').trim();

function notFound(kind: string, name: string): Refusal {
  return new Refusal(404, 'not_found', `${kind} \`${name}\` does not exist`);
}

const forbidden = (what: string, found: string | null, needed: string): Refusal =>
  new Refusal(
    403,
    'forbidden',
    `you have the role ${found ?? 'none'} in \`${what}\`, this needs the role ${needed}`,
  );

/** Users, teams and organizations have one space of names. */
function checkName(world: World, name: string): void {
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name))
    throw new Refusal(
      422,
      'invalid',
      `name \`${name}\` was given, expected letters, digits, \`.\`, \`_\` and \`-\``,
    );
  const isSame = (other: string): boolean => other.toLowerCase() === name.toLowerCase();
  const user = world.users.find(item => isSame(item.username));
  const group = world.groups.find(item => isSame(item.name));
  if (user || group)
    throw new Refusal(409, 'conflict', `${group?.kind ?? 'user'} \`${name}\` exists already`);
}

function isServerAdmin(world: World, username: string): boolean {
  return world.users.some(user => user.username === username && user.admin);
}

function memberBody(world: World, username: string, role: Role): Member {
  const user = world.users.find(item => item.username === username);
  return { username, email: user?.email ?? '', role };
}

const membersBody = (world: World, group: MockGroup): Member[] =>
  [...group.members].map(([username, role]) => memberBody(world, username, role));

const teamsOf = (world: World, organization: string): MockGroup[] =>
  world.groups.filter(item => item.organization === organization);

const projectsOf = (world: World, entity: string) =>
  world.projects.filter(project => project.entity === entity && registryOf(project.name) === null);

function organizationBody(world: World, group: MockGroup, username: string): Organization {
  return {
    name: group.name,
    created_at: group.created_at,
    role: group.members.get(username) ?? null,
    members: membersBody(world, group),
    teams: teamsOf(world, group.name).map(team => ({
      name: team.name,
      role: roleIn(world, team.name, username),
      n_members: team.members.size,
    })),
  };
}

function organizationSummary(
  world: World,
  group: MockGroup,
  username: string,
): OrganizationSummary {
  return {
    name: group.name,
    created_at: group.created_at,
    role: group.members.get(username) ?? null,
    n_members: group.members.size,
    n_teams: teamsOf(world, group.name).length,
    n_registries: world.registries.filter(item => item.organization === group.name).length,
  };
}

function teamBody(world: World, group: MockGroup, username: string): Team {
  return {
    name: group.name,
    organization: group.organization,
    created_at: group.created_at,
    role: roleIn(world, group.name, username),
    members: membersBody(world, group),
  };
}

function teamSummary(world: World, group: MockGroup, username: string): TeamSummary {
  const { members, ...body } = teamBody(world, group, username);
  return { ...body, n_members: members.length, n_projects: projectsOf(world, group.name).length };
}

export function listEntities(world: World, username: string): Entity[] {
  const groups = world.groups.flatMap(({ name, kind, organization }) => {
    const role = roleIn(world, name, username);
    return role ? [{ name, kind, role, organization }] : [];
  });
  return [{ name: username, kind: 'user', role: 'admin', organization: null }, ...groups];
}

function makeGroup(
  world: World,
  group: Pick<MockGroup, 'kind' | 'name' | 'organization'>,
  given: NewMember[],
  username: string,
): MockGroup {
  checkName(world, group.name);
  for (const member of given)
    if (!world.users.some(user => user.username === member.username))
      throw notFound('user', member.username);
  const members = new Map(given.map(member => [member.username, member.role]));
  if (![...members.values()].includes('admin') || !members.has(username))
    members.set(username, 'admin');
  const made = { ...group, created_at: new Date().toISOString(), members };
  world.groups.push(made);
  const parent = world.groups.find(item => item.name === group.organization);
  for (const name of members.keys())
    if (parent && !parent.members.has(name)) parent.members.set(name, 'member');
  return made;
}

/** Sets or takes the role of a member of an organization or a team. */
async function changeMember(call: Call, group: MockGroup): Promise<unknown> {
  const { world, method, path, request } = call;
  const username = call.username ?? '';
  const name = path[3];
  const own = roleIn(world, group.name, username);
  const isLeaving = method === 'DELETE' && name === username;
  if (!isLeaving && !canManage(own) && !isServerAdmin(world, username))
    throw forbidden(group.name, own, 'admin');
  const role = method === 'PUT' ? ((await bodyOf(request)).role as Role) : null;
  if (!world.users.some(user => user.username === name)) throw notFound('user', name);
  const admins = [...group.members].filter(([, held]) => held === 'admin');
  if (admins.length === 1 && admins[0][0] === name && role !== 'admin')
    throw new Refusal(
      409,
      'conflict',
      `\`${name}\` is the last admin of ${group.kind} \`${group.name}\`, which needs one`,
      'make somebody else an admin first',
    );
  if (role) {
    group.members.set(name, role);
    return memberBody(world, name, role);
  }
  if (!group.members.delete(name)) throw notFound('member', name);
  if (group.kind === 'organization') {
    for (const team of teamsOf(world, group.name)) team.members.delete(name);
    for (const registry of world.registries)
      if (registry.organization === group.name) registry.users.delete(name);
  }
  return null;
}

export async function answerOrganizations(call: Call): Promise<unknown> {
  const { world, method, path, request } = call;
  const username = call.username ?? '';
  const isAdmin = isServerAdmin(world, username);
  if (path.length === 1) {
    if (method === 'GET')
      return {
        items: world.groups
          .filter(item => item.kind === 'organization' && (isAdmin || item.members.has(username)))
          .map(item => organizationSummary(world, item, username)),
      };
    const body = await bodyOf(request);
    const made = makeGroup(
      world,
      { kind: 'organization', name: text(body.name), organization: null },
      (body.members ?? []) as unknown as NewMember[],
      username,
    );
    return organizationBody(world, made, username);
  }
  const group = world.groups.find(item => item.kind === 'organization' && item.name === path[1]);
  if (!group || (!isAdmin && !group.members.has(username))) throw notFound('organization', path[1]);
  if (path[2] === 'members') return changeMember(call, group);
  if (path[2] === 'registries') return answerRegistries(call, group);
  if (method === 'DELETE') {
    const teams = teamsOf(world, group.name).map(item => `\`${item.name}\``);
    const registries = world.registries
      .filter(item => item.organization === group.name)
      .map(item => `\`${item.name}\``);
    if (teams.length > 0 || registries.length > 0)
      throw new Refusal(
        409,
        'conflict',
        `organization \`${group.name}\` still has ${[
          teams.length > 0 && `the teams ${teams.join(', ')}`,
          registries.length > 0 && `the registries ${registries.join(', ')}`,
        ]
          .filter(Boolean)
          .join(' and ')}`,
        'delete these first',
      );
    world.groups = world.groups.filter(item => item !== group);
    return null;
  }
  return organizationBody(world, group, username);
}

export async function answerTeams(call: Call): Promise<unknown> {
  const { world, method, path, query, request } = call;
  const username = call.username ?? '';
  const isAdmin = isServerAdmin(world, username);
  if (path.length === 1) {
    if (method === 'GET')
      return {
        items: world.groups
          .filter(item => item.kind === 'team' && item.members.has(username))
          .map(item => teamSummary(world, item, username)),
      };
    const body = await bodyOf(request);
    const organization = body.organization ? text(body.organization) : null;
    if (organization && !isAdmin && !canManage(roleIn(world, organization, username)))
      throw forbidden(organization, roleIn(world, organization, username), 'admin');
    const made = makeGroup(
      world,
      { kind: 'team', name: text(body.name), organization },
      (body.members ?? []) as unknown as NewMember[],
      username,
    );
    return teamBody(world, made, username);
  }
  const group = world.groups.find(item => item.kind === 'team' && item.name === path[1]);
  if (!group || (!isAdmin && !roleIn(world, group.name, username))) throw notFound('team', path[1]);
  if (path[2] === 'members') return changeMember(call, group);
  if (method === 'DELETE') {
    const projects = projectsOf(world, group.name);
    if (projects.length > 0 && query.get('projects') !== 'delete')
      throw new Refusal(
        409,
        'conflict',
        `team \`${group.name}\` still has ${projects.length} projects`,
        'delete these first, or with the team',
      );
    world.groups = world.groups.filter(item => item !== group);
    world.projects = world.projects.filter(project => project.entity !== group.name);
    return null;
  }
  return teamBody(world, group, username);
}

function collectionsOf(world: World, registry: MockRegistry) {
  return world.collections.filter(
    item =>
      item.entity === registry.organization && item.project === registryProject(registry.name),
  );
}

function membersOf(world: World, registry: MockRegistry): RegistryMembers {
  const own = [...registry.users].map(([username, role]) => ({
    ...memberBody(world, username, 'viewer'),
    role,
    via: 'own' as const,
  }));
  const parent = world.groups.find(item => item.name === registry.organization);
  const inherited = [...(parent?.members ?? [])]
    .filter(([name, role]) => registry.access === 'private' || role === 'admin' || !name)
    .filter(([name]) => !registry.users.has(name))
    .map(([name, role]) => ({
      ...memberBody(world, name, role),
      via: 'organization' as const,
    }));
  return {
    users: [...own, ...inherited],
    teams: [...registry.teams].map(([name, role]) => ({
      name,
      role,
      n_members: world.groups.find(item => item.name === name)?.members.size ?? 0,
    })),
  };
}

/** As a user who may see it is told. */
function registryBody(world: World, registry: MockRegistry, username: string): Registry {
  const { users: _users, teams: _teams, ...body } = registry;
  const collections = collectionsOf(world, registry);
  const members = membersOf(world, registry);
  return {
    ...body,
    project: registryProject(registry.name),
    role: registryRole(world, registry, username) ?? 'admin',
    n_collections: collections.length,
    n_versions: collections.reduce((sum, item) => sum + collectionBody(item).n_versions, 0),
    n_members: members.users.length + members.teams.length,
  };
}

async function answerRegistries(call: Call, group: MockGroup): Promise<unknown> {
  const { world, method, path, request } = call;
  const username = call.username ?? '';
  const mayManage =
    isServerAdmin(world, username) || canManage(roleIn(world, group.name, username));
  const all = world.registries.filter(item => item.organization === group.name);
  if (path.length === 3 && method === 'GET')
    return {
      items: all
        .filter(item => registryRole(world, item, username))
        .map(item => registryBody(world, item, username)),
    };
  if (path.length === 3) {
    if (!mayManage) throw forbidden(group.name, roleIn(world, group.name, username), 'admin');
    const body = await bodyOf(request);
    const made: MockRegistry = {
      organization: group.name,
      name: text(body.name),
      description: text(body.description),
      access: body.access === 'restricted' ? 'restricted' : 'private',
      allow_all_artifact_types: body.allow_all_artifact_types === true,
      artifact_types: (body.artifact_types ?? []) as string[],
      protected_aliases: [],
      created_at: new Date().toISOString(),
      updated_at: new Date().toISOString(),
      users: new Map(),
      teams: new Map(),
    };
    if (all.some(item => item.name === made.name))
      throw new Refusal(
        409,
        'conflict',
        `registry \`${made.name}\` exists already in \`${group.name}\``,
      );
    world.registries.push(made);
    world.addProject(group.name, registryProject(made.name), made.description, 0);
    return registryBody(world, made, username);
  }
  const registry = all.find(item => item.name === path[3]);
  const role = registry ? registryRole(world, registry, username) : null;
  if (!registry || (!role && !mayManage)) throw notFound('registry', path[3]);
  const needAdmin = () => {
    if (!mayManage && !canManage(role)) throw forbidden(registry.name, role, 'admin');
  };
  switch (path[4]) {
    case undefined:
      if (method === 'GET') return registryBody(world, registry, username);
      needAdmin();
      if (method === 'DELETE') {
        const gone = collectionsOf(world, registry);
        world.collections = world.collections.filter(item => !gone.includes(item));
        world.registries = world.registries.filter(item => item !== registry);
        return null;
      }
      patchRegistry(world, registry, (await bodyOf(request)) as RegistryPatch);
      return registryBody(world, registry, username);
    case 'members':
    case 'teams':
      if (method === 'GET') return membersOf(world, registry);
      if (method !== 'DELETE' || path[5] !== username) needAdmin();
      return changeRegistryMember(call, registry);
    default:
      return answerRegistryCollections(call, registry, role);
  }
}

function patchRegistry(world: World, registry: MockRegistry, patch: RegistryPatch): void {
  const { add_artifact_types: added = [], ...change } = patch;
  if (change.description === 'refuse me')
    throw new Refusal(422, 'invalid', 'this description is refused');
  if (change.name !== undefined) {
    const { name, organization } = registry;
    if (
      world.registries.some(item => item.organization === organization && item.name === change.name)
    )
      throw new Refusal(409, 'conflict', `registry \`${change.name}\` exists already`);
    for (const item of collectionsOf(world, registry)) item.project = registryProject(change.name);
    for (const project of world.projects)
      if (project.entity === organization && project.name === registryProject(name))
        project.name = registryProject(change.name);
  }
  Object.assign(registry, change, { updated_at: new Date().toISOString() });
  registry.artifact_types = [...new Set([...registry.artifact_types, ...added])];
}

async function changeRegistryMember(call: Call, registry: MockRegistry): Promise<unknown> {
  const { world, method, path, request } = call;
  const [, , , , kind, name] = path;
  const list = kind === 'teams' ? registry.teams : registry.users;
  if (method === 'DELETE') {
    if (!list.delete(name)) throw notFound(kind === 'teams' ? 'team' : 'member', name);
    return null;
  }
  const parent = world.groups.find(item => item.name === registry.organization);
  const isKnown =
    kind === 'teams'
      ? teamsOf(world, registry.organization).some(team => team.name === name)
      : parent?.members.has(name);
  if (!isKnown)
    throw new Refusal(
      422,
      'invalid',
      `${kind === 'teams' ? 'team' : 'user'} \`${name}\` is not in the organization \`${registry.organization}\``,
    );
  const role = (await bodyOf(request)).role as RegistryRole;
  list.set(name, role);
  return kind === 'teams' ? { name, role, n_members: 0 } : { username: name, role, via: 'own' };
}

async function answerRegistryCollections(
  call: Call,
  registry: MockRegistry,
  role: RegistryRole | null,
): Promise<unknown> {
  const { world, method, path, query, request } = call;
  const username = call.username ?? '';
  if (registry.name === 'broken')
    throw new Refusal(
      503,
      'database_unavailable',
      'the database does not answer',
      'try again in a moment',
    );
  if (method === 'GET') {
    const search = (query.get('search') ?? '').toLowerCase();
    const found = collectionsOf(world, registry).filter(item =>
      item.name.toLowerCase().includes(search),
    );
    const { items, ...rest } = page(found, query);
    return { ...rest, items: items.map(item => cardOf(world, item, username)) };
  }
  if (!canWrite(role)) throw forbidden(registry.name, role, 'member');
  const body = await bodyOf(request);
  const [, entity, project, name, wanted] =
    /^([^/]+)\/([^/]+)\/([^:]+):(.+)$/.exec(text(body.artifact)) ?? [];
  const source = world.collections.find(
    item => item.entity === entity && item.project === project && item.name === name,
  );
  if (!source || !roleIn(world, entity, username)) throw notFound('artifact', text(body.artifact));
  if (!takesType(registry, source.type))
    throw new Refusal(
      422,
      'invalid',
      `registry \`${registry.name}\` takes artifacts of type ${registry.artifact_types
        .map(type => `\`${type}\``)
        .join(', ')}, \`${name}\` is of type \`${source.type}\``,
    );
  const place = { entity: registry.organization, project: registryProject(registry.name) };
  return linkVersion(world, { ...place, collection: path[5] }, source.type, {
    source: { entity, project, collection: name, version: wanted },
    aliases: (body.aliases ?? []) as string[],
    by: username,
  });
}

function cardOf(
  world: World,
  collection: World['collections'][number],
  username: string,
): RegistryCollection {
  const { name, type, description, tags, n_versions, latest, created_at, updated_at } =
    collectionBody(collection);
  const aliases = Object.entries(collection.aliases)
    .map(([alias, version]) => ({ alias, version }))
    .toSorted((a, b) => b.version - a.version)
    .map(({ alias, version }) => ({ alias, version: `v${version}` }));
  const card = { name, type, description, tags, n_versions, aliases, created_at, updated_at };
  if (!latest) return { ...card, latest: null };
  const number = Number(latest.version.slice(1));
  const { source } = versionBody(world, collection, number);
  return {
    ...card,
    latest: {
      version: latest.version,
      aliases: latest.aliases,
      linked_at: latest.created_at,
      linked_by: collection.links.get(number)?.by ?? 'alan',
      source: source && roleIn(world, source.entity, username) ? source : null,
    },
  };
}
