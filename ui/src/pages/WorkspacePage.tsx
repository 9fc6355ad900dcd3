import { useQueries, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ListFilter, Trash2 } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { queries } from '~/api/queries';
import type { CustomChart } from '~/api/schema';
import { useKeys } from '~/hooks/use-keys';
import { useLiveProject } from '~/hooks/use-live-project';
import { useRegistry } from '~/hooks/use-registry';
import { useSeriesLoader } from '~/hooks/use-series-loader';
import { describeDamage } from '~/panels/damage';
import type { PanelRun } from '~/panels/panel';
import { historyPanels, systemPanels } from '~/panels/sections';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Link } from '~/ui/Link';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { paths } from '~/util/paths';
import { groupRuns } from '~/workspace/grouping';
import { PanelArea } from '~/workspace/PanelArea';
import { ResizableSide } from '~/workspace/ResizableSide';
import { RunBin } from '~/workspace/RunBin';
import { RunList } from '~/workspace/RunList';
import { selectRuns } from '~/workspace/run-selection';
import { usePageSearch } from '~/workspace/use-search';
import { ConnectSteps } from './ConnectSteps';
import { toPanelGroups, toPanelRun } from './to-panel-run';
import { WorkspaceHead } from './WorkspaceHead';

/** Runs asked for custom charts and system metrics, which each run names for itself. */
const PROBED_RUNS = 6;

export function WorkspacePage() {
  const { entity, project } = useParams({ from: '/frame/$entity/$project' });
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const [search, change] = usePageSearch();
  const [sheetOpen, setSheetOpen] = useState(false);
  const loader = useSeriesLoader(ref);
  useLiveProject(ref, loader);
  const runs = useQuery(queries.runs(ref));
  const keys = useKeys(text => queries.projectKeys(ref, text), search.panels);
  const selection = useMemo(() => selectRuns(runs.data?.items ?? [], search), [runs.data, search]);
  const shownRuns = useMemo(
    () => selection.listed.filter(run => selection.shown.has(run.id)),
    [selection],
  );
  const shown = useStable(
    useMemo(() => shownRuns.map(toPanelRun), [shownRuns]),
    shownOf,
  );
  const { group } = search;
  const grouped = useMemo(
    () => (group ? toPanelGroups(groupRuns(shownRuns, group)) : null),
    [group, shownRuns],
  );
  const groups = useStable(grouped, JSON.stringify);
  const { charts, systemKeys, probed } = useProbes(
    ref,
    shown.length > 0 ? shown : selection.listed,
  );
  const panels = useMemo(
    () => [...historyPanels(keys.data?.items ?? [], charts), ...systemPanels(systemKeys)],
    [keys.data, charts, systemKeys],
  );
  useEffect(() => {
    document.title = `${project} · Ballast`;
  }, [project]);

  const { registry } = useRegistry(ref);
  const noRuns = runs.data?.total === 0;
  if (runs.error && !runs.data) {
    return (
      <>
        <WorkspaceHead projectRef={ref} />
        <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />
      </>
    );
  }
  const list = runs.data ? (
    <RunList
      projectRef={ref}
      selection={selection}
      all={runs.data.items}
      total={runs.data.total}
      groups={groups}
    />
  ) : (
    <SkeletonRows rows={12} />
  );
  return (
    <div className="flex h-full flex-col">
      <WorkspaceHead projectRef={ref}>
        <Button tone="quiet" className="sm:hidden" onClick={() => setSheetOpen(true)}>
          <ListFilter className="size-4" aria-hidden />
          Runs
        </Button>
        <Button
          tone="quiet"
          aria-pressed={search.bin ?? false}
          onClick={() => change({ bin: search.bin ? undefined : true })}
        >
          <Trash2 className="size-4" aria-hidden />
          Bin
        </Button>
      </WorkspaceHead>
      {search.bin ? (
        <RunBin projectRef={ref} />
      ) : noRuns && registry !== null ? (
        <EmptyState title={`This project holds the collections of the registry ${registry}`}>
          <Link href={paths.registry(entity, registry)} className="text-accent underline">
            Go to the registry
          </Link>
        </EmptyState>
      ) : noRuns ? (
        <div className="mx-auto flex w-full max-w-2xl flex-col gap-5 overflow-y-auto p-4 sm:py-10">
          <h2 className="text-16 font-medium">No run in this project yet</h2>
          <ConnectSteps />
        </div>
      ) : (
        <div className="flex min-h-0 flex-1">
          <ResizableSide>{list}</ResizableSide>
          <PanelArea
            projectRef={ref}
            runs={shown}
            groups={groups}
            probed={probed}
            keyCount={keys.count}
            damage={describeDamage(
              keys.data?.damaged ?? [],
              id => runs.data?.items.find(run => run.id === id)?.display_name,
            )}
            loader={loader}
            panels={panels}
            storageId={`${entity}/${project}`}
            empty={
              keys.error ? (
                <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />
              ) : (
                keys.data && (
                  <EmptyState title="Nothing to draw yet">
                    Panels appear when a run logs its first row.
                  </EmptyState>
                )
              )
            }
          />
        </div>
      )}
      <Dialog open={sheetOpen} onOpenChange={setSheetOpen} title="Runs" shape="sheet">
        {list}
      </Dialog>
    </div>
  );
}

/** What panels see of runs. */
const shownOf = (runs: PanelRun[]): string =>
  JSON.stringify(runs.map(run => [run.id, run.name, run.color, run.live]));

/** The same value as before while what panels see of it is the same, so that a heartbeat redraws nothing. */
function useStable<T>(value: T, signatureOf: (value: T) => string): T {
  const signature = signatureOf(value);
  // The signature stands for the value.
  // oxlint-disable-next-line react/exhaustive-deps
  return useMemo(() => value, [signature]);
}

/** What only runs themselves tell: their custom charts and their system metrics. Hiding every run hides no panel. */
function useProbes(ref: { entity: string; project: string }, runs: { id: string }[]) {
  const asked = runs.slice(0, PROBED_RUNS);
  const charts = useQueries({
    queries: asked.map(run => ({ ...queries.run({ ...ref, run: run.id }), staleTime: 60_000 })),
    combine: results =>
      Object.assign({}, ...results.map(result => result.data?.custom_charts ?? {})) as Record<
        string,
        CustomChart
      >,
  });
  const { systemKeys, isKnown } = useQueries({
    queries: asked.map(run => ({
      ...queries.runKeys({ ...ref, run: run.id }, 'system'),
      staleTime: 60_000,
    })),
    combine: results => {
      const byName = new Map(
        results.flatMap(result => result.data?.items ?? []).map(key => [key.name, key]),
      );
      return {
        systemKeys: [...byName.values()],
        isKnown: results.every(result => !result.isPending),
      };
    },
  });
  const probed = useMemo(
    () => (isKnown ? { asked: asked.length, of: runs.length } : null),
    [isKnown, asked.length, runs.length],
  );
  return { charts, systemKeys, probed };
}
