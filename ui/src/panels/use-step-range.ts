import { useMemo } from 'react';
import type { StepRange } from './row-windows';
import type { KeyRows } from './use-rows';

export interface PanelSteps extends StepRange {
  /** The newest step that is known to hold something. */
  newest: number;
  /** Every step is in `known`. */
  isWhole: boolean;
}

/** The steps a panel can go through: all that its runs have logged, of which those of `entries` are known. */
export function useStepRange(found: KeyRows[], entries: { step: number }[]): PanelSteps | null {
  const known = useMemo(
    () => [...new Set(entries.map(entry => entry.step))].toSorted((a, b) => a - b),
    [entries],
  );
  const logged = found.filter(({ extent }) => extent !== null);
  const first = Math.min(known[0] ?? Infinity, ...logged.map(run => run.extent?.first ?? Infinity));
  const last = Math.max(
    known.at(-1) ?? -Infinity,
    ...logged.map(run => run.extent?.last ?? -Infinity),
  );
  if (logged.length === 0 || !Number.isFinite(first) || !Number.isFinite(last)) return null;
  const loaded = {
    min: Math.max(...logged.map(run => run.loaded?.min ?? Infinity)),
    max: Math.min(...logged.map(run => run.loaded?.max ?? -Infinity)),
  };
  return {
    known,
    loaded,
    all: { min: first, max: last },
    newest: known.at(-1) ?? last,
    isWhole: loaded.min <= first && loaded.max >= last,
  };
}
