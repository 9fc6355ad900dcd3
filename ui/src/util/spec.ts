import type { RunRef, VersionRef } from '~/api/client';
import type { LineageNode } from '~/api/schema';

/** What can be compared and has a lineage: a run, or a version of an artifact. */
export type Spec = { kind: 'run'; ref: RunRef } | { kind: 'artifact'; ref: VersionRef };

export const runSpec = ({ entity, project, run }: RunRef): string =>
  `run:${entity}/${project}/${run}`;

export const versionSpec = ({ entity, project, collection, version }: VersionRef): string =>
  `artifact:${entity}/${project}/${collection}:${version}`;

export function nodeSpec({ run, artifact }: Pick<LineageNode, 'run' | 'artifact'>): string {
  if (run) return runSpec(run);
  return artifact ? versionSpec(artifact) : '';
}

/** Reads what an address names; null if it names nothing. */
export function parseSpec(text: string | undefined): Spec | null {
  const run = /^run:([^/]+)\/([^/]+)\/([^/]+)$/.exec(text ?? '');
  if (run) return { kind: 'run', ref: { entity: run[1], project: run[2], run: run[3] } };
  const artifact = /^artifact:([^/]+)\/([^/]+)\/([^/:]+):([^/:]+)$/.exec(text ?? '');
  if (!artifact) return null;
  const [, entity, project, collection, version] = artifact;
  return { kind: 'artifact', ref: { entity, project, collection, version } };
}
