import type { ReactNode } from 'react';
import { ApiError } from '~/api/http';
import { cx } from '~/util/class-names';
import { Button } from './Button';
import { Ticks } from './Ticks';

export interface EmptyStateProps {
  title: string;
  children?: ReactNode;
  className?: string;
}

/** Stands where content will be, and says what fills it. */
export function EmptyState({ title, children, className }: EmptyStateProps) {
  return (
    <div className={cx('flex flex-col items-start gap-2 p-6 text-ink-2', className)}>
      <p className="text-14 font-medium text-ink">{title}</p>
      {children}
    </div>
  );
}

export interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}

/** Stands where the content would have stood, and says what to do. */
export function ErrorState({ error, onRetry, className }: ErrorStateProps) {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ApiError ? error.hint : null;
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <div role="alert" className={cx('flex flex-col items-start gap-1 p-4 text-13', className)}>
      <p className="font-medium text-bad">
        <Ticks text={message} />
      </p>
      {hint && (
        <p className="text-ink-2">
          hint: <Ticks text={hint} />
        </p>
      )}
      {requestId && <p className="text-12 text-ink-3">request {requestId}</p>}
      {onRetry && (
        <Button className="mt-1" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Says at the foot of a list that it stops before its end. */
export function CutNote({ note, className }: { note: string | null; className?: string }) {
  return note && <p className={cx('tabular text-12 text-warn', className)}>{note}</p>;
}

/** A still block of the size of what is to come. */
export function Skeleton({ className }: { className?: string }) {
  return <div className={cx('skeleton', className)} aria-hidden />;
}

export function SkeletonRows({ rows }: { rows: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-2 p-2">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} className="h-5" />
      ))}
    </div>
  );
}
