import type { ProjectRef } from '~/api/client';
import type { RunEdits } from '~/api/run-edits';
import type { Run } from '~/api/schema';
import { downloadEntries } from './download-menu';
import type { MenuEntry } from '~/ui/Menu';
import { copyText } from '~/util/clipboard';
import { paths } from '~/util/paths';
import { runSpec } from '~/util/spec';

export interface RunMenuActions {
  onRename: () => void;
  onTags: () => void;
  onColor?: () => void;
  onOnly?: () => void;
  onDeleted?: () => void;
}

/** What can be done with a run, the same in the kebab, the right click and on the run's page; without edits, what reads. */
export function runMenu(
  ref: ProjectRef,
  run: Run,
  edits: RunEdits | null,
  actions: RunMenuActions,
): MenuEntry[] {
  const live = run.state === 'running' || run.state === 'pending';
  const entries: (MenuEntry | false)[] = [
    Boolean(actions.onOnly) && {
      label: 'Show only this run',
      onSelect: actions.onOnly as () => void,
    },
    Boolean(actions.onOnly) && {
      kind: 'link',
      label: 'Open in a new tab',
      href: paths.run(ref.entity, ref.project, run.id),
      newTab: true,
    },
    edits !== null && { label: 'Rename', onSelect: actions.onRename },
    edits !== null && { label: 'Edit tags', onSelect: actions.onTags },
    edits !== null &&
      Boolean(actions.onColor) && {
        label: 'Colour',
        onSelect: actions.onColor as () => void,
      },
    {
      kind: 'link',
      label: 'Lineage',
      href: paths.lineage(ref.entity, ref.project, runSpec({ ...ref, run: run.id })),
    },
    {
      kind: 'link',
      label: 'What changed?',
      href: paths.compare(ref.entity, ref.project, undefined, runSpec({ ...ref, run: run.id })),
    },
    { kind: 'line' },
    { label: 'Copy name', onSelect: () => void copyText(run.display_name) },
    { label: 'Copy path', onSelect: () => void copyText(`${ref.entity}/${ref.project}/${run.id}`) },
    { kind: 'line' },
    ...downloadEntries(ref, 'Rows', { runs: [run.id] }),
    edits !== null && { kind: 'line' },
    edits !== null &&
      live && {
        label: run.stop_requested ? 'Stop requested' : 'Stop',
        disabled: run.stop_requested,
        onSelect: () => edits.stop(run),
      },
    edits !== null && {
      label: 'Delete',
      danger: true,
      onSelect: () => {
        edits.remove([run]);
        actions.onDeleted?.();
      },
    },
  ];
  return entries.filter(entry => entry !== false);
}
