import { useProjectEdits } from '~/api/project-edits';
import type { Project } from '~/api/schema';
import { DeleteDialog } from '~/ui/DeleteDialog';
import { plural } from '~/util/format';

export interface DeleteProjectDialogProps {
  project: Project;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks for the project's name before everything in it goes for good. */
export function DeleteProjectDialog({ project, onClose, onDeleted }: DeleteProjectDialogProps) {
  const edits = useProjectEdits();
  return (
    <DeleteDialog
      name={project.name}
      onDelete={() => edits.remove(project)}
      onClose={onClose}
      onDeleted={onDeleted}
    >
      <p>
        {project.n_runs === 0
          ? 'The project has no runs outside its bin. The bin goes with it, '
          : `${plural(project.n_runs, 'run')} and those in the bin go with it, `}
        with all their rows, files and console lines. <b>This cannot be undone.</b>
      </p>
      {project.n_live_runs > 0 && (
        <p className="text-warn">
          {plural(project.n_live_runs, 'run')} {project.n_live_runs === 1 ? 'is' : 'are'} still
          running.
        </p>
      )}
    </DeleteDialog>
  );
}
