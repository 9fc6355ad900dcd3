import type { ArtifactFile, DiffChange } from '~/api/schema';

export interface FileDifference {
  path: string;
  change: DiffChange;
  left: ArtifactFile | null;
  right: ArtifactFile | null;
}

export interface FileDiff {
  /** By path. */
  differences: FileDifference[];
  nSame: number;
}

/** Whether two entries of a path hold the same content. Without digests, what is known of them must agree. */
function isSame(left: ArtifactFile, right: ArtifactFile): boolean {
  if (left.md5 !== null && right.md5 !== null) return left.md5 === right.md5;
  return left.size_bytes === right.size_bytes && left.reference === right.reference;
}

/** What became of the files of one version in another. */
export function diffFiles(left: ArtifactFile[], right: ArtifactFile[]): FileDiff {
  const before = new Map(left.map(file => [file.path, file]));
  const after = new Map(right.map(file => [file.path, file]));
  const differences: FileDifference[] = [];
  let nSame = 0;
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(path) ?? null, after.get(path) ?? null];
    if (old && now && isSame(old, now)) nSame += 1;
    else
      differences.push({
        path,
        change: !old ? 'added' : now ? 'changed' : 'removed',
        left: old,
        right: now,
      });
  }
  differences.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { differences, nSame };
}
