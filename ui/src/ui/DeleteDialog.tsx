import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Field } from './Field';
import { ErrorState } from './States';

export interface DeleteDialogProps {
  /** What is to be deleted; it has to be typed. */
  name: string;
  /** What goes with it. */
  children: ReactNode;
  /** Settles once it is done, and fails as the server refuses. */
  onDelete: () => Promise<void>;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks for a name before what has it goes for good. */
export function DeleteDialog({ name, children, onDelete, onClose, onDeleted }: DeleteDialogProps) {
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = (event: FormEvent) => {
    event.preventDefault();
    if (typed !== name || isBusy) return;
    setBusy(true);
    onDelete().then(
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
    <Dialog open onOpenChange={open => !open && onClose()} title={`Delete ${name}`}>
      <form className="flex flex-col gap-3 overflow-y-auto p-4" onSubmit={remove}>
        {children}
        <Field
          label={`Type ${name} to confirm`}
          value={typed}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          onChange={event => setTyped(event.target.value)}
        />
        {error !== null && <ErrorState error={error} className="p-0!" />}
        <div className="flex justify-end gap-2">
          <Button tone="quiet" onClick={onClose}>
            Keep it
          </Button>
          <Button tone="danger" type="submit" disabled={typed !== name || isBusy}>
            Delete for good
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
