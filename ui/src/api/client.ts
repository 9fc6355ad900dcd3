import { apiPath, callBytes, callJson, withQuery } from './http';
import type * as Wire from './schema';

/** Names a run everywhere in the app. */
export interface RunRef {
  entity: string;
  project: string;
  run: string;
}

export interface ProjectRef {
  entity: string;
  project: string;
}

const runPath = (ref: RunRef, ...rest: string[]): string =>
  apiPath('runs', ref.entity, ref.project, ref.run, ...rest);
const projectPath = (ref: ProjectRef, ...rest: string[]): string =>
  apiPath('projects', ref.entity, ref.project, ...rest);

/** Address of a run file, to be used as `src` of an image or `href` of a download. */
export function fileUrl(ref: RunRef, path: string, download = false): string {
  return withQuery(runPath(ref, 'files', ...path.split('/')), { download: download || undefined });
}

export function consoleDownloadUrl(ref: RunRef): string {
  return runPath(ref, 'console.txt');
}

/** Address of rows as a file, to be used as `href` of a download. */
export function downloadUrl(ref: ProjectRef, query: Wire.DownloadQuery): string {
  return withQuery(projectPath(ref, 'download'), { ...query });
}

export function liveUrl(projects: string[]): string {
  return withQuery(apiPath('live'), { project: projects });
}

export const api = {
  server: () => callJson<Wire.ServerInfo>('GET', apiPath('server')),
  me: () => callJson<Wire.Me>('GET', apiPath('me')),
  signIn: (username: string, password: string) =>
    callJson<Wire.Me>('POST', apiPath('session'), { body: { username, password } }),
  signInByLink: (token: string) =>
    callJson<Wire.Me>('POST', apiPath('session', 'link'), { body: { token } }),
  signOut: () => callJson<void>('DELETE', apiPath('session')),
  setPassword: (body: { current_password?: string; new_password: string }) =>
    callJson<void>('PUT', apiPath('me', 'password'), { body }),

  users: () => callJson<Wire.List<Wire.User>>('GET', apiPath('users')),
  addUser: (body: { username: string; email: string; password?: string; admin?: boolean }) =>
    callJson<Wire.User>('POST', apiPath('users'), { body }),
  removeUser: (username: string) => callJson<void>('DELETE', apiPath('users', username)),

  apiKeys: () => callJson<Wire.List<Wire.ApiKey>>('GET', apiPath('api-keys')),
  addApiKey: (name: string) =>
    callJson<Wire.NewApiKey>('POST', apiPath('api-keys'), { body: { name } }),
  removeApiKey: (id: string) => callJson<void>('DELETE', apiPath('api-keys', id)),

  projects: () => callJson<Wire.List<Wire.Project>>('GET', apiPath('projects')),
  project: (ref: ProjectRef) => callJson<Wire.Project>('GET', projectPath(ref)),
  patchProject: (ref: ProjectRef, body: Wire.ProjectPatch) =>
    callJson<Wire.Project>('PATCH', projectPath(ref), { body }),
  deleteProject: (ref: ProjectRef) => callJson<void>('DELETE', projectPath(ref)),
  runs: (ref: ProjectRef, query: { cursor?: string; limit?: number; deleted?: boolean }) =>
    callJson<Wire.Page<Wire.Run>>('GET', projectPath(ref, 'runs'), { query }),
  projectKeys: (ref: ProjectRef, query: Wire.KeysQuery) =>
    callJson<Wire.ProjectKeyPage>('GET', projectPath(ref, 'keys'), { query: { ...query } }),
  series: (ref: ProjectRef, body: Wire.SeriesRequest) =>
    callBytes('POST', projectPath(ref, 'series'), { body }),

  run: (ref: RunRef) => callJson<Wire.RunDetail>('GET', runPath(ref)),
  patchRun: (ref: RunRef, body: Wire.RunPatch) =>
    callJson<Wire.Run>('PATCH', runPath(ref), { body }),
  deleteRun: (ref: RunRef) => callJson<void>('DELETE', runPath(ref)),
  purgeRun: (ref: RunRef) => callJson<void>('DELETE', runPath(ref), { query: { purge: true } }),
  restoreRun: (ref: RunRef) => callJson<Wire.Run>('POST', runPath(ref, 'restore')),
  stopRun: (ref: RunRef) => callJson<Wire.Run>('POST', runPath(ref, 'stop')),
  runKeys: (ref: RunRef, stream: Wire.Stream, query: Wire.KeysQuery = {}) =>
    callJson<Wire.Page<Wire.RunKey>>('GET', runPath(ref, 'keys'), {
      query: { stream, ...query },
    }),
  rows: (ref: RunRef, query: Wire.RowsQuery, signal?: AbortSignal) =>
    callJson<Wire.Page<Wire.HistoryRow>>('GET', runPath(ref, 'rows'), {
      query: { ...query },
      signal,
    }),
  console: (ref: RunRef, query: Wire.ConsoleQuery) =>
    callJson<Wire.ConsolePage>('GET', runPath(ref, 'console'), { query: { ...query } }),
  files: (ref: RunRef, query: { prefix?: string; cursor?: string; limit?: number }) =>
    callJson<Wire.Page<Wire.RunFile>>('GET', runPath(ref, 'files'), { query }),
  problems: (ref: RunRef) => callJson<Wire.List<Wire.Problem>>('GET', runPath(ref, 'problems')),
  alerts: (ref: RunRef) => callJson<Wire.List<Wire.Alert>>('GET', runPath(ref, 'alerts')),
  chartDefinition: (entity: string, name: string) =>
    callJson<Wire.ChartDefinition>('GET', apiPath('chart-definitions', entity, name)),
};
