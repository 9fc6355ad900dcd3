/** The one place that knows the addresses of pages. */

export type RunTab = 'overview' | 'charts' | 'system' | 'console' | 'files';

const join = (...segments: string[]): string => `/${segments.map(encodeURIComponent).join('/')}`;

export const paths = {
  projects: () => '/',
  signIn: () => '/sign-in',
  quickstart: () => '/quickstart',
  authorize: () => '/authorize',
  settings: () => '/settings',
  workspace: (entity: string, project: string) => join(entity, project),
  runs: (entity: string, project: string) => join(entity, project, 'runs'),
  run: (entity: string, project: string, run: string, tab?: RunTab) =>
    join(entity, project, 'runs', run) + (tab && tab !== 'overview' ? `?tab=${tab}` : ''),
  consoleLine: (entity: string, project: string, run: string, line: number) =>
    `${join(entity, project, 'runs', run)}?tab=console&line=${line}`,
};
