import type { ProjectRef } from '~/api/client';
import type { MenuEntry } from '~/ui/Menu';
import { paths } from '~/util/paths';
import { runSpec } from '~/util/spec';

/** Leads to the comparison of two runs, newest first as they are listed: the older one is what the newer changed from. */
export function compareEntries(ref: ProjectRef, runs: string[]): MenuEntry[] {
  if (runs.length !== 2) return [];
  const [right, left] = runs.map(run => runSpec({ ...ref, run }));
  return [
    {
      kind: 'link',
      label: 'What changed between the two?',
      href: paths.compare(ref.entity, ref.project, left, right),
    },
    { kind: 'line' },
  ];
}
