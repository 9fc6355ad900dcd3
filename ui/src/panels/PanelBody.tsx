import type { ReactNode } from 'react';
import { ErrorState, Skeleton } from '~/ui/States';

export interface PanelBodyProps {
  loading: boolean;
  error: unknown;
  onRetry?: () => void;
  /** Says why there is nothing; content is shown when this is null. */
  empty: string | null;
  children: ReactNode;
}

/** The states every panel that fetches goes through. */
export function PanelBody({ loading, error, onRetry, empty, children }: PanelBodyProps) {
  if (error) return <ErrorState error={error} onRetry={onRetry} className="p-2" />;
  if (loading) return <Skeleton className="m-2 flex-1" />;
  if (empty !== null) {
    return (
      <p className="flex flex-1 items-center justify-center p-2 text-center text-12 text-ink-3">
        {empty}
      </p>
    );
  }
  return children;
}
