import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '~/util/class-names';

export interface ChipProps {
  children: ReactNode;
  tone?: 'plain' | 'accent';
  title?: string;
  /** With a button that takes it away, named so. */
  onRemove?: () => void;
  removeLabel?: string;
}

/** A short name on a rounded ground: an alias, a tag. */
export function Chip({ children, tone = 'plain', title, onRemove, removeLabel }: ChipProps) {
  return (
    <span
      title={title}
      className={cx(
        'inline-flex h-5 max-w-48 min-w-0 items-center gap-1 rounded-full px-2 text-12',
        tone === 'accent'
          ? 'bg-accent-soft text-accent ring-1 ring-accent/25 ring-inset'
          : 'border border-line text-ink-2',
        onRemove && 'pr-0',
      )}
    >
      <span className="truncate">{children}</span>
      {onRemove && (
        <button
          type="button"
          aria-label={removeLabel}
          title={removeLabel}
          onClick={onRemove}
          className="flex size-6 shrink-0 items-center justify-center rounded-full opacity-70 hover:opacity-100"
        >
          <X className="size-3" aria-hidden />
        </button>
      )}
    </span>
  );
}
