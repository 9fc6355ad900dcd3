import type { RunState } from '~/api/schema';

/** What the quick search found, and where it leads. */
export interface Hit {
  href: string;
  title: string;
  where: string;
  kind: 'project' | 'run' | 'sweep' | 'artifact' | 'collection';
  /** Of a run. */
  state: RunState | null;
}

/**
 * The first `most` of all groups in their order. A group whose turn comes late has its first `least` among them
 * nonetheless: a thousand runs of a name do not hide the artifact of that name.
 */
export function shareOut<T>(groups: T[][], most: number, least: number): T[] {
  let left = most;
  return groups.flatMap((group, index) => {
    const reserved = groups
      .slice(index + 1)
      .reduce((sum, { length }) => sum + Math.min(length, least), 0);
    const taken = group.slice(0, Math.max(Math.min(least, left), left - reserved));
    left -= taken.length;
    return taken;
  });
}
