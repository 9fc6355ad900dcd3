import { useState } from 'react';
import type { PanelRun } from './panel';

/** The picked run of those shown; the first where the pick is gone. */
export function usePickedRun(runs: PanelRun[]): [PanelRun | undefined, (run: string) => void] {
  const [picked, setPicked] = useState<string | null>(null);
  return [runs.find(run => run.id === picked) ?? runs[0], setPicked];
}
