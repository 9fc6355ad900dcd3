import type { Run } from '~/api/schema';
import type { PanelRun } from '~/panels/panel';
import { runColor } from '~/util/run-color';

const LIVE_STATES = new Set(['running', 'pending', 'preempting']);

export function toPanelRun(run: Run): PanelRun {
  return {
    id: run.id,
    name: run.display_name,
    color: runColor(run),
    live: LIVE_STATES.has(run.state),
    run,
  };
}
