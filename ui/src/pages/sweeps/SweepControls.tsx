import { useRouter } from '@tanstack/react-router';
import { MoreVertical, Pause, Play, Square } from 'lucide-react';
import { useState } from 'react';
import type { SweepRef } from '~/api/sweep-client';
import { sweepName, type SweepEdits } from '~/api/sweep-edits';
import { isOpen } from '~/api/sweep-queries';
import type { SweepDetail } from '~/api/sweep-schema';
import { Button, IconButton } from '~/ui/Button';
import { DeleteDialog } from '~/ui/DeleteDialog';
import { Dialog } from '~/ui/Dialog';
import { Menu } from '~/ui/Menu';
import { copyText } from '~/util/clipboard';
import { plural } from '~/util/format';
import { paths } from '~/util/paths';
import { agentCommand } from './SweepStateLine';

export interface SweepControlsProps {
  sweepRef: SweepRef;
  sweep: SweepDetail;
  /** Null for who may only look. */
  edits: SweepEdits | null;
}

type Asked = 'stop' | 'cancel' | 'delete' | null;

/** What can be done with a sweep in the state it is in. */
export function SweepControls({ sweepRef, sweep, edits }: SweepControlsProps) {
  const router = useRouter();
  const [asked, setAsked] = useState<Asked>(null);
  const [withRuns, setWithRuns] = useState(false);
  const { entity, project } = sweepRef;
  const isPaused = sweep.state === 'paused';
  return (
    <>
      {edits && (
        <span className="flex gap-2">
          {isPaused || !isOpen(sweep) ? (
            <Button onClick={() => edits.resume(sweep)}>
              <Play className="size-3.5" aria-hidden />
              Resume
            </Button>
          ) : (
            <Button onClick={() => edits.pause(sweep)}>
              <Pause className="size-3.5" aria-hidden />
              Pause
            </Button>
          )}
          {isOpen(sweep) && (
            <>
              <Button onClick={() => setAsked('stop')}>Stop</Button>
              <Button tone="danger" onClick={() => setAsked('cancel')}>
                <Square className="size-3.5" aria-hidden />
                Cancel
              </Button>
            </>
          )}
        </span>
      )}
      <Menu
        entries={() => [
          { label: 'Copy id', onSelect: () => void copyText(sweep.id) },
          { label: 'Copy agent command', onSelect: () => void copyText(agentCommand(sweepRef)) },
          { label: 'Copy config', onSelect: () => void copyText(sweep.config) },
          ...(edits
            ? ([
                { kind: 'line' },
                {
                  kind: 'link',
                  label: 'New sweep like this',
                  href: paths.newSweep(entity, project, sweep.id),
                },
                { label: 'Delete sweep', danger: true, onSelect: () => setAsked('delete') },
              ] as const)
            : []),
        ]}
      >
        <IconButton label="Menu of this sweep">
          <MoreVertical aria-hidden />
        </IconButton>
      </Menu>
      {edits && (asked === 'stop' || asked === 'cancel') && (
        <EndDialog
          sweep={sweep}
          isCancel={asked === 'cancel'}
          onConfirm={() => (asked === 'cancel' ? edits.cancel(sweep) : edits.stop(sweep))}
          onClose={() => setAsked(null)}
        />
      )}
      {edits && asked === 'delete' && (
        <DeleteDialog
          name={sweepName(sweep)}
          onDelete={() => edits.remove(sweep, withRuns)}
          onClose={() => setAsked(null)}
          onDeleted={() => router.history.push(paths.sweeps(entity, project))}
        >
          <p>
            Its agents go home, and what it has tried is forgotten.{' '}
            {plural(sweep.counts.total, 'run')} {sweep.counts.total === 1 ? 'stays' : 'stay'} in the
            project, unless you say otherwise.
          </p>
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={withRuns}
              onChange={event => setWithRuns(event.target.checked)}
              className="accent-accent"
            />
            Move its runs to the bin, too
          </label>
        </DeleteDialog>
      )}
    </>
  );
}

interface EndDialogProps {
  sweep: SweepDetail;
  isCancel: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Agents that went home do not come back by themselves. */
function EndDialog({ sweep, isCancel, onConfirm, onClose }: EndDialogProps) {
  const { running } = sweep.counts;
  const live = plural(running, 'run');
  const fate =
    running === 0
      ? 'Nothing runs just now.'
      : isCancel
        ? `${live} that ${running === 1 ? 'is' : 'are'} running will be stopped.`
        : `${live} that ${running === 1 ? 'is' : 'are'} running will go on to the end.`;
  return (
    <Dialog
      open
      onOpenChange={open => !open && onClose()}
      title={`${isCancel ? 'Cancel' : 'Stop'} ${sweepName(sweep)}`}
    >
      <div className="flex flex-col gap-3 p-4">
        <p>
          No more runs are given out, and agents go home. {fate} Who resumes the sweep has to start
          agents again.
        </p>
        <div className="flex justify-end gap-2">
          <Button tone="quiet" onClick={onClose}>
            Let it run
          </Button>
          <Button
            tone="danger"
            onClick={() => {
              onConfirm();
              onClose();
            }}
          >
            {isCancel ? 'Cancel sweep' : 'Stop sweep'}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
