import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { queries } from '~/api/queries';
import type { HistoryRow } from '~/api/schema';
import { usePanelContext, type PanelRun } from './panel';

/** So many runs are asked whether they have logged a key, when none is picked. */
const MAX_PROBED = 8;

export interface PickedRun {
  run: PanelRun | undefined;
  pick: (run: string) => void;
  rows: HistoryRow[];
  loading: boolean;
  error: Error | null;
  retry: () => void;
}

/** For panels that show one run at a time: the picked one with its rows of a key, else the first that has logged it. */
export function usePickedRun(key: string, active: boolean): PickedRun {
  const { ref, runs } = usePanelContext();
  const [picked, setPicked] = useState<string | null>(null);
  const chosen = runs.find(run => run.id === picked);
  const asked = useMemo(() => (chosen ? [chosen] : runs.slice(0, MAX_PROBED)), [chosen, runs]);
  const results = useQueries({
    queries: asked.map(run => ({ ...queries.rows({ ...ref, run: run.id }, key), enabled: active })),
  });
  const place = Math.max(
    0,
    results.findIndex(result => (result.data?.items.length ?? 0) > 0),
  );
  const result = results[place];
  return {
    run: asked[place],
    pick: setPicked,
    rows: result?.data?.items ?? NO_ROWS,
    // Earlier runs decide first, so that the panel does not change its mind.
    loading: results.slice(0, place + 1).some(earlier => earlier.isPending),
    error: result?.error ?? null,
    retry: () => void result?.refetch(),
  };
}

const NO_ROWS: HistoryRow[] = [];
