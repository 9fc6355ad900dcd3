import { MoreVertical } from 'lucide-react';
import { useState } from 'react';
import { useProjectEdits } from '~/api/project-edits';
import type { Role } from '~/api/org-schema';
import type { Project } from '~/api/schema';
import { IconButton } from '~/ui/Button';
import { InlineEdit } from '~/ui/InlineEdit';
import { Link } from '~/ui/Link';
import { ContextMenu, Menu, type MenuEntry } from '~/ui/Menu';
import { Sparkline } from '~/ui/Sparkline';
import { Ago } from '~/ui/Time';
import { copyText } from '~/util/clipboard';
import { formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { canManage, canWrite } from '~/util/roles';
import { DeleteProjectDialog } from './DeleteProjectDialog';

export interface ProjectRowProps {
  project: Project;
  /** What the user may do with it. */
  role: Role | null;
  /** Whose it is is told. */
  withEntity: boolean;
}

export function ProjectRow({ project, role, withEntity }: ProjectRowProps) {
  const { entity, name } = project;
  const edits = useProjectEdits();
  const [mode, setMode] = useState<'read' | 'describe' | 'delete'>('read');
  // A menu closes before what it opened may take the focus.
  const choose = (next: typeof mode) => () => setMode(next);
  const entries = (): MenuEntry[] => [
    { kind: 'link', label: 'Open in a new tab', href: paths.workspace(entity, name), newTab: true },
    ...(canWrite(role)
      ? [{ label: 'Describe', onSelect: choose('describe') } satisfies MenuEntry]
      : []),
    { label: 'Copy path', onSelect: () => void copyText(`${entity}/${name}`) },
    ...(canManage(role)
      ? ([
          { kind: 'line' },
          { label: 'Delete', danger: true, onSelect: choose('delete') },
        ] satisfies MenuEntry[])
      : []),
  ];
  return (
    <ContextMenu entries={entries}>
      <tr className="group/project h-10 border-b border-line hover:bg-surface [&_td]:px-4 max-sm:[&_td]:px-2 max-sm:[&_td:first-child]:pl-4">
        <td>
          <div className="flex min-w-0 items-baseline gap-2">
            <Link
              href={paths.workspace(entity, name)}
              className="max-w-full min-w-0 truncate font-medium hover:underline sm:max-w-[65%] sm:shrink-0"
              title={name}
            >
              {withEntity && <span className="font-normal text-ink-3">{entity} / </span>}
              {name}
            </Link>
            {mode === 'describe' ? (
              <InlineEdit
                label="Description"
                value={project.description}
                openAtFirst
                onSave={description => edits.describe(project, description)}
                onDone={() => setMode('read')}
                className="text-12"
              />
            ) : (
              <span
                className="min-w-0 truncate text-12 text-ink-3 max-sm:hidden"
                title={project.description || undefined}
              >
                {project.description}
              </span>
            )}
          </div>
        </td>
        <td className="tabular text-right whitespace-nowrap">
          {project.n_live_runs > 0 && (
            <span
              className="mr-2 text-12 text-accent"
              title={`${plural(project.n_live_runs, 'run')} running`}
            >
              <span className="pulse mr-1 inline-block size-1.5 rounded-full bg-accent align-middle" />
              {project.n_live_runs}
            </span>
          )}
          {formatInteger(project.n_runs)}
        </td>
        <td className="max-sm:hidden">
          <Sparkline
            values={project.activity}
            label={`${plural(
              project.activity.reduce((sum, day) => sum + day, 0),
              'run',
            )} started in 30 days`}
          />
        </td>
        <td className="text-ink-2">
          {project.last_activity_at ? <Ago time={project.last_activity_at} /> : 'none yet'}
        </td>
        <td className="px-1!">
          <Menu entries={entries}>
            <IconButton label={`Menu of ${name}`} small>
              <MoreVertical aria-hidden />
            </IconButton>
          </Menu>
          {mode === 'delete' && (
            <DeleteProjectDialog project={project} onClose={() => setMode('read')} />
          )}
        </td>
      </tr>
    </ContextMenu>
  );
}
