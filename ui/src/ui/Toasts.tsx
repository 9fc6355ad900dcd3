import { X } from 'lucide-react';
import { dismissToast, useToasts } from '~/stores/toasts';
import { cx } from '~/util/class-names';
import { Button, IconButton } from './Button';
import { Ticks } from './Ticks';

/** Short messages at the foot of the page, some with an undo. */
export function Toasts() {
  const toasts = useToasts(state => state.toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-4 z-60 flex flex-col items-center gap-2 px-4"
    >
      {toasts.map(toast => (
        <div
          key={toast.id}
          className={cx(
            'pointer-events-auto flex max-w-lg items-center gap-3 rounded-md border border-line bg-raised py-1.5 pr-1.5 pl-3 shadow-float',
            toast.tone === 'bad' && 'border-bad',
          )}
        >
          <span className="min-w-0 break-words">
            <Ticks text={toast.text} />
          </span>
          {toast.action && (
            <Button
              tone="quiet"
              className="text-accent!"
              onClick={() => {
                toast.action?.run();
                dismissToast(toast.id);
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <IconButton label="Dismiss" small onClick={() => dismissToast(toast.id)}>
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
