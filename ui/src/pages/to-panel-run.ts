import type { Run } from '~/api/schema';
import type { RunGroup } from '~/workspace/grouping';
import type { PanelGroup, PanelRun } from '~/panels/panel';
import { groupColor, runColor } from '~/util/run-color';

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

export function toPanelGroups(groups: RunGroup[]): PanelGroup[] {
  return groups.map(({ id, name, runs }, place) => ({
    id,
    name,
    color: groupColor(place),
    runs: runs.map(run => run.id),
    live: runs.some(run => LIVE_STATES.has(run.state)),
  }));
}
