import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '~/api/queries';
import type { Stream } from '~/api/schema';
import { useKeys } from '~/hooks/use-keys';
import { useSeriesLoader } from '~/hooks/use-series-loader';
import { historyPanels, systemPanels } from '~/panels/sections';
import { EmptyState, ErrorState } from '~/ui/States';
import { PanelArea } from '~/workspace/PanelArea';
import { usePageSearch } from '~/workspace/use-search';
import type { RunTabProps } from '../RunPage';
import { toPanelRun } from '../to-panel-run';

/** The panels of one run: its history, or its machine. */
export function PanelsTab({ runRef, run, stream }: RunTabProps & { stream: Stream }) {
  const loader = useSeriesLoader(runRef);
  const [search] = usePageSearch();
  const keys = useKeys(text => queries.runPanelKeys(runRef, stream, text), search.panels);
  // A key's step metric and whether it is hidden are the project's. Of more keys than are listed, the same search finds these.
  const asked = keys.count ? search.panels : '';
  const projectKeys = useQuery({
    ...queries.projectKeys(runRef, asked),
    enabled: stream === 'history',
  });
  const panels = useMemo(() => {
    if (stream === 'system') return systemPanels(keys.data?.items ?? []);
    const inProject = new Map(projectKeys.data?.items.map(key => [key.name, key]));
    const known = (keys.data?.items ?? []).map(key => ({ ...inProject.get(key.name), ...key }));
    return historyPanels(known, run.custom_charts);
  }, [stream, keys.data, projectKeys.data, run.custom_charts]);
  const { display_name: name, color, number, state, id } = run;
  // Panels redraw for what they show of a run, not for its every heartbeat.
  // oxlint-disable-next-line react/exhaustive-deps
  const runs = useMemo(() => [toPanelRun(run)], [name, color, number, state, id]);
  return (
    <PanelArea
      projectRef={runRef}
      runs={runs}
      loader={loader}
      panels={panels}
      storageId={`${runRef.entity}/${runRef.project}/run`}
      keyCount={keys.count}
      allOpen
      empty={
        keys.error ? (
          <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />
        ) : (
          keys.data && (
            <EmptyState
              title={stream === 'system' ? 'No system metrics' : 'This run has logged nothing yet'}
            >
              {stream === 'system'
                ? 'The client sends them every few seconds unless they are switched off.'
                : 'Its panels appear with its first row.'}
            </EmptyState>
          )
        )
      }
    />
  );
}
