import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useRef, type ReactNode } from 'react';
import { cx } from '~/util/class-names';
import { IconButton } from './Button';
import { FLOAT } from './Menu';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: string;
  children: ReactNode;
  /** `sheet` slides over from the left; `full` covers the window. */
  shape?: 'box' | 'sheet' | 'full' | 'top';
  /** Shown in the head, left of the close button. */
  actions?: ReactNode;
  onKeyDown?: (event: React.KeyboardEvent) => void;
}

const SHAPES = {
  box: 'top-1/2 left-1/2 w-[min(30rem,calc(100vw-2rem))] max-h-[calc(100vh-4rem)] -translate-x-1/2 -translate-y-1/2 rounded-md',
  top: 'top-24 left-1/2 w-[min(36rem,calc(100vw-2rem))] max-h-[calc(100vh-8rem)] -translate-x-1/2 rounded-md',
  sheet: 'inset-y-0 left-0 w-[min(22rem,92vw)] rounded-none',
  full: 'inset-2 rounded-md sm:inset-4',
};

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  shape = 'box',
  actions,
  onKeyDown,
}: DialogProps) {
  const content = useRef<HTMLDivElement>(null);
  // A full window shows something; a ring round its first button would be in the way.
  const onOpenAutoFocus = (event: Event) => {
    if (shape !== 'full') return;
    event.preventDefault();
    content.current?.focus();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          ref={content}
          onOpenAutoFocus={onOpenAutoFocus}
          onKeyDown={onKeyDown}
          onEscapeKeyDown={event => {
            // A list of suggestions closes before the window round it.
            if (document.activeElement?.getAttribute('aria-expanded') === 'true')
              event.preventDefault();
          }}
          className={cx(FLOAT, 'fixed flex flex-col outline-none', SHAPES[shape])}
        >
          <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
            <Radix.Title className="min-w-0 flex-1 truncate text-14 font-medium">
              {title}
            </Radix.Title>
            {actions}
            <Radix.Close asChild>
              <IconButton label="Close">
                <X aria-hidden />
              </IconButton>
            </Radix.Close>
          </div>
          {description && (
            <Radix.Description className="px-4 pt-3 text-13 text-ink-2">
              {description}
            </Radix.Description>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
