import { lazy, Suspense, useEffect } from 'react';
import { Dialog } from '~/ui/Dialog';

const loadBox = () => import('./QuickSearchBox');
const QuickSearchBox = lazy(() => loadBox().then(module => ({ default: module.QuickSearchBox })));
/** Long enough for the page itself to be there first. */
const PRELOAD_MS = 1500;

export interface QuickSearchProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Ctrl K: goes to a project, a run, an artifact or a collection of a registry by name. */
export function QuickSearch({ open, onOpenChange }: QuickSearchProps) {
  // Loaded before it is asked for, so that the first letters are not lost.
  useEffect(() => {
    const timer = setTimeout(() => void loadBox().catch(() => undefined), PRELOAD_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Search" shape="top">
      {open && (
        <Suspense fallback={<div className="h-56" />}>
          <QuickSearchBox onDone={() => onOpenChange(false)} />
        </Suspense>
      )}
    </Dialog>
  );
}
