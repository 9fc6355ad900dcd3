/** The one place that knows the addresses of pages. */

export type RunTab = 'overview' | 'charts' | 'system' | 'console' | 'files' | 'artifacts';
export type VersionTab = 'overview' | 'files' | 'usage' | 'lineage' | 'history';
export type OrganizationTab = 'registries' | 'teams' | 'members' | 'settings';
export type RegistryTab = 'collections' | 'members' | 'settings';

/** A version as far as its address goes. */
export interface VersionPlace {
  entity: string;
  project: string;
  type: string;
  collection: string;
  version: string;
}

const join = (...segments: string[]): string => `/${segments.map(encodeURIComponent).join('/')}`;

const withSearch = (path: string, search: Record<string, string | undefined>): string => {
  const parts = Object.entries(search).filter(([, value]) => value !== undefined);
  const text = parts.map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`).join('&');
  return text ? `${path}?${text}` : path;
};

export const paths = {
  projects: () => '/',
  signIn: () => '/sign-in',
  quickstart: () => '/quickstart',
  authorize: () => '/authorize',
  settings: () => '/settings',
  orgs: () => '/orgs',
  organization: (organization: string, tab?: OrganizationTab) =>
    withSearch(join('orgs', organization), { tab: tab === 'registries' ? undefined : tab }),
  registry: (organization: string, registry: string, tab?: RegistryTab) =>
    withSearch(join('orgs', organization, 'registry', registry), {
      tab: tab === 'collections' ? undefined : tab,
    }),
  team: (team: string) => join('teams', team),
  /** The projects of a user, a team or an organization. */
  entity: (entity: string) => join(entity),
  workspace: (entity: string, project: string) => join(entity, project),
  runs: (entity: string, project: string) => join(entity, project, 'runs'),
  run: (entity: string, project: string, run: string, tab?: RunTab) =>
    join(entity, project, 'runs', run) + (tab && tab !== 'overview' ? `?tab=${tab}` : ''),
  artifacts: (entity: string, project: string, type?: string) =>
    withSearch(join(entity, project, 'artifacts'), { type }),
  collection: (place: Omit<VersionPlace, 'version'>) =>
    join(place.entity, place.project, 'artifacts', place.type, place.collection),
  version: (
    { entity, project, type, collection, version }: VersionPlace,
    search: { tab?: VersionTab; file?: string; with?: string } = {},
  ) => withSearch(join(entity, project, 'artifacts', type, collection, version), search),
  sweeps: (entity: string, project: string) => join(entity, project, 'sweeps'),
  sweep: (entity: string, project: string, sweep: string) => join(entity, project, 'sweeps', sweep),
  /** Without runs to start from, or from the config of another sweep. */
  newSweep: (entity: string, project: string, from?: string) =>
    withSearch(join(entity, project, 'sweeps', 'new'), { from }),
  lineage: (entity: string, project: string, of: string) =>
    withSearch(join(entity, project, 'lineage'), { of }),
  compare: (entity: string, project: string, left?: string, right?: string) =>
    withSearch(join(entity, project, 'compare'), { left, right }),
  consoleLine: (entity: string, project: string, run: string, line: number) =>
    `${join(entity, project, 'runs', run)}?tab=console&line=${line}`,
};
