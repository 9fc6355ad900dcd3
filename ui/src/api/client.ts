import { apiPath, callBytes, callJson, callText, withQuery } from './http';
import type { Entity } from './org-schema';
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

/** Names a collection of artifacts. */
export interface CollectionRef extends ProjectRef {
  collection: string;
}

export interface VersionRef extends CollectionRef {
  /** A version or an alias. */
  version: string;
}

/** What holds files: a run or a version of an artifact. */
export type FileOwner = RunRef | VersionRef;

const runPath = (ref: RunRef, ...rest: string[]): string =>
  apiPath('runs', ref.entity, ref.project, ref.run, ...rest);
const projectPath = (ref: ProjectRef, ...rest: string[]): string =>
  apiPath('projects', ref.entity, ref.project, ...rest);

const collectionPath = (ref: CollectionRef, ...rest: string[]): string =>
  apiPath('collections', ref.entity, ref.project, ref.collection, ...rest);
const versionPath = (ref: VersionRef, ...rest: string[]): string =>
  apiPath('artifacts', ref.entity, ref.project, ref.collection, ref.version, ...rest);

/** Address of a file, to be used as `src` of an image or `href` of a download. */
export function fileUrl(owner: FileOwner, path: string, download = false): string {
  const segments = ['files', ...path.split('/')];
  const address = 'run' in owner ? runPath(owner, ...segments) : versionPath(owner, ...segments);
  return withQuery(address, { download: download || undefined });
}

/** Tells owners of files apart in the keys of queries. */
export function ownerKey(owner: FileOwner): string[] {
  return 'run' in owner
    ? [owner.entity, owner.project, owner.run]
    : [owner.entity, owner.project, 'artifact', owner.collection, owner.version];
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

/** The files of an owner whose paths begin with `prefix`. */
export function listFiles(
  owner: FileOwner,
  query: { prefix?: string; limit?: number; cursor?: string },
): Promise<Wire.Page<{ path: string; size_bytes: number | null }>> {
  return 'run' in owner ? api.files(owner, query) : api.versionFiles(owner, query);
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

  entities: () => callJson<Wire.List<Entity>>('GET', apiPath('entities')),
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

  artifactTypes: (ref: ProjectRef) =>
    callJson<Wire.List<Wire.ArtifactType>>('GET', projectPath(ref, 'artifact-types')),
  collections: (
    ref: ProjectRef,
    query: { type?: string; search?: string; limit?: number; cursor?: string },
  ) => callJson<Wire.Page<Wire.Collection>>('GET', projectPath(ref, 'collections'), { query }),
  collection: (ref: CollectionRef) => callJson<Wire.Collection>('GET', collectionPath(ref)),
  patchCollection: (ref: CollectionRef, body: Wire.CollectionPatch) =>
    callJson<Wire.Collection>('PATCH', collectionPath(ref), { body }),
  /** Versions with aliases of their own go only if `aliases` says so. */
  deleteCollection: (ref: CollectionRef, aliases: boolean) =>
    callJson<void>('DELETE', collectionPath(ref), { query: { aliases: aliases || undefined } }),
  versions: (ref: CollectionRef, query: { limit?: number; cursor?: string }) =>
    callJson<Wire.Page<Wire.Version>>('GET', collectionPath(ref, 'versions'), { query }),
  version: (ref: VersionRef) => callJson<Wire.Version>('GET', versionPath(ref)),
  /** What `version` gives, as text. */
  versionText: (ref: VersionRef) => callText(versionPath(ref)),
  patchVersion: (ref: VersionRef, body: Wire.VersionPatch) =>
    callJson<Wire.Version>('PATCH', versionPath(ref), { body }),
  deleteVersion: (ref: VersionRef, aliases: boolean) =>
    callJson<void>('DELETE', versionPath(ref), { query: { aliases: aliases || undefined } }),
  versionFiles: (ref: VersionRef, query: { prefix?: string; limit?: number; cursor?: string }) =>
    callJson<Wire.Page<Wire.ArtifactFile>>('GET', versionPath(ref, 'files'), { query }),
  versionRows: (ref: VersionRef, path: string, query: { from: number; limit: number }) =>
    callJson<Wire.TableRows>('GET', versionPath(ref, 'rows', ...path.split('/')), { query }),
  versionHistory: (ref: VersionRef) =>
    callJson<Wire.List<Wire.VersionEvent>>('GET', versionPath(ref, 'history')),
  runArtifacts: (ref: RunRef) => callJson<Wire.RunArtifacts>('GET', runPath(ref, 'artifacts')),
  lineage: (query: { of: string; up?: number; down?: number; limit: number }) =>
    callJson<Wire.Lineage>('GET', apiPath('lineage'), { query }),
  diff: (left: string, right: string) =>
    callJson<Wire.Diff>('GET', apiPath('diff'), { query: { left, right } }),
};
