import { useState } from 'react';
import { ApiError } from '~/api/http';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { ErrorState } from '~/ui/States';

const CONFLICT = 409;

export interface DeleteArtifactDialogProps {
  verb: 'Delete' | 'Unlink';
  /** What is to be deleted, in words. */
  what: string;
  onDelete: (withAliases: boolean) => Promise<void>;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before something is deleted for good, and once more where an alias protects it. */
export function DeleteArtifactDialog({
  verb,
  what,
  onDelete,
  onClose,
  onDeleted,
}: DeleteArtifactDialogProps) {
  const [refusal, setRefusal] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const isProtected = refusal instanceof ApiError && refusal.status === CONFLICT;
  const go = async () => {
    setBusy(true);
    try {
      await onDelete(isProtected);
      onDeleted();
      onClose();
    } catch (error) {
      setRefusal(error);
      setBusy(false);
    }
  };
  return (
    <Dialog open onOpenChange={open => !open && onClose()} title={`${verb} ${what}?`}>
      <div className="flex flex-col gap-3 p-4">
        <p className="text-ink-2">
          {verb === 'Delete'
            ? 'It is gone for everybody, and cannot be brought back. Files that no other version holds are freed.'
            : 'The version that it leads to stays where it is.'}
        </p>
        {refusal !== null && <ErrorState error={refusal} className="p-0!" />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button tone="danger" disabled={isBusy} onClick={() => void go()}>
            {isProtected ? `${verb} with its aliases` : verb}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
