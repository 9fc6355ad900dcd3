import { plural } from '~/util/format';
import { paths } from '~/util/paths';
import type { GraphItem } from './clusters';
import type { LineageNode } from '~/api/schema';

/** The name of a run or a version. */
export function nameOf({ artifact, run }: LineageNode): string {
  return artifact ? `${artifact.collection}:${artifact.version}` : (run?.name ?? '');
}

/** What it is: the type of an artifact, the job type of a run. */
export function typeOf({ artifact, run }: LineageNode): string {
  return artifact ? artifact.type : (run?.job_type ?? 'run');
}

export function pageOf({ artifact, run }: LineageNode): string {
  if (artifact) return paths.version(artifact);
  return run ? paths.run(run.entity, run.project, run.run) : '';
}

/** The name of an item; of a cluster, how many of what. */
export function labelOf({ members, kind }: GraphItem): string {
  if (members.length === 1) return nameOf(members[0]);
  const noun = kind === 'run' ? 'run' : 'version';
  return plural(members.length, noun);
}

/** What an item is, in words for those who do not see it; begins with what others see written on it. */
export function describe(item: GraphItem): string {
  const [first] = item.members;
  if (item.members.length > 1) return `${labelOf(item)} ${typeOf(first)}, folded. Unfold`;
  if (first.run) return `${nameOf(first)}, ${typeOf(first)} run, ${first.run.state}`;
  return [nameOf(first), typeOf(first), ...(first.artifact?.aliases ?? [])].join(' ');
}
