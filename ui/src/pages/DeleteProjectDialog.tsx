import { useState } from 'react';
import { useProjectEdits } from '~/api/project-edits';
import type { Project } from '~/api/schema';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field } from '~/ui/Field';
import { ErrorState } from '~/ui/States';
import { plural } from '~/util/format';

export interface DeleteProjectDialogProps {
  project: Project;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks for the project's name before everything in it goes for good. */
export function DeleteProjectDialog({ project, onClose, onDeleted }: DeleteProjectDialogProps) {
  const edits = useProjectEdits();
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = (event: React.FormEvent) => {
    event.preventDefault();
    if (typed !== project.name || isBusy) return;
    setBusy(true);
    edits.remove(project).then(
      () => {
        onClose();
        onDeleted?.();
      },
      (failure: unknown) => {
        setBusy(false);
        setError(failure);
      },
    );
  };
  return (
    <Dialog open onOpenChange={open => !open && onClose()} title={`Delete ${project.name}`}>
      <form className="flex flex-col gap-3 overflow-y-auto p-4" onSubmit={remove}>
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
        <Field
          label={`Type ${project.name} to confirm`}
          value={typed}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          onChange={event => setTyped(event.target.value)}
        />
        {error !== null && <ErrorState error={error} className="p-0" />}
        <div className="flex justify-end gap-2">
          <Button tone="quiet" onClick={onClose}>
            Keep it
          </Button>
          <Button tone="danger" type="submit" disabled={typed !== project.name || isBusy}>
            Delete for good
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
