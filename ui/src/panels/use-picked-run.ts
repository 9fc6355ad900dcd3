import { useMemo, useState } from 'react';
import { usePanelContext, type PanelRun } from './panel';
import type { Extent } from './row-windows';
import { useExtents } from './use-rows';

/** So many runs are asked whether they have logged a key, when none is picked. */
const MAX_PROBED = 8;

export interface PickedRun {
  run: PanelRun | undefined;
  pick: (run: string) => void;
  /** Where it has logged the key; null where nowhere, undefined while that is not known. */
  extent: Extent | null | undefined;
  /** Says that nothing is there, and where was looked. */
  nothing: string;
  error: Error | null;
  retry: () => void;
}

/** For panels that show one run at a time: the picked one, else the first that has logged the key. */
export function usePickedRun(key: string, active: boolean): PickedRun {
  const { runs } = usePanelContext();
  const [picked, setPicked] = useState<string | null>(null);
  const chosen = runs.find(run => run.id === picked);
  const asked = useMemo(() => (chosen ? [chosen] : runs.slice(0, MAX_PROBED)), [chosen, runs]);
  const { extents, error, retry } = useExtents(asked, key, active);
  // Earlier runs decide first, so that the panel does not change its mind.
  const undecided = extents.findIndex(extent => extent !== null);
  const place = Math.max(0, undecided);
  const nothing =
    runs.length === 0
      ? 'No run is shown'
      : chosen || runs.length <= MAX_PROBED
        ? 'Nothing is logged here'
        : `None of the first ${MAX_PROBED} shown runs has logged this: pick another`;
  const extent = extents[place];
  return {
    run: asked[place],
    pick: setPicked,
    extent,
    nothing,
    // Another run's failure hides nothing of this one.
    error: extent === undefined ? error : null,
    retry,
  };
}
