import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { MoreVertical } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ProjectRef } from '~/api/client';
import { useProjectEdits } from '~/api/project-edits';
import { queries } from '~/api/queries';
import { useProjectRole } from '~/hooks/use-project-role';
import { IconButton } from '~/ui/Button';
import { InlineEdit } from '~/ui/InlineEdit';
import { Menu } from '~/ui/Menu';
import { copyText } from '~/util/clipboard';
import { canManage, canWrite } from '~/util/roles';
import { downloadEntries } from '~/workspace/download-menu';
import { DeleteProjectDialog } from './DeleteProjectDialog';
import { PageHead } from './PageHead';
import { ProjectNav } from './ProjectNav';
import { Trail, useProjectSteps } from './Trail';

export interface WorkspaceHeadProps {
  projectRef: ProjectRef;
  children?: ReactNode;
}

/** The head of a project's page: which it is, what it is about, what can be done with it. */
export function WorkspaceHead({ projectRef, children }: WorkspaceHeadProps) {
  const { entity, project: name } = projectRef;
  const { data: project } = useQuery(queries.project(projectRef));
  const edits = useProjectEdits();
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  const role = useProjectRole(projectRef);
  const [above, here] = useProjectSteps(projectRef);
  return (
    <PageHead
      title={
        <span className="flex min-w-0 items-baseline gap-2">
          <span className="min-w-0 shrink-0 truncate max-sm:shrink sm:max-w-[65%]">
            <Trail steps={[above]} />
            <span className="font-normal text-ink-3"> / </span>
            <span title={here[0]}>{here[0]}</span>
          </span>
          {project && (
            <span className="min-w-0 flex-1 pl-1.5 text-12 font-normal text-ink-3 max-sm:hidden">
              <InlineEdit
                label="Description"
                value={project.description}
                placeholder="Add a description"
                onSave={
                  canWrite(role) ? description => edits.describe(project, description) : undefined
                }
                className="text-ink-3"
              />
            </span>
          )}
        </span>
      }
    >
      <ProjectNav projectRef={projectRef} />
      {children}
      {project && (
        <Menu
          entries={() => [
            { label: 'Copy path', onSelect: () => void copyText(`${entity}/${name}`) },
            { kind: 'line' },
            ...downloadEntries(projectRef, 'Rows of all runs', { runs: 'all' }),
            ...(canManage(role)
              ? ([
                  { kind: 'line' },
                  { label: 'Delete project', danger: true, onSelect: () => setDeleting(true) },
                ] as const)
              : []),
          ]}
        >
          <IconButton label="Menu of this project">
            <MoreVertical aria-hidden />
          </IconButton>
        </Menu>
      )}
      {project && isDeleting && (
        <DeleteProjectDialog
          project={project}
          onClose={() => setDeleting(false)}
          onDeleted={() => void navigate({ to: '/' })}
        />
      )}
    </PageHead>
  );
}
