import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useRouter } from '@tanstack/react-router';
import { MoreVertical } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { queries } from '~/api/queries';
import { useRunEditing } from '~/hooks/use-run-editing';
import type { RunDetail } from '~/api/schema';
import { useLiveProject } from '~/hooks/use-live-project';
import { useSeriesLoader } from '~/hooks/use-series-loader';
import { IconButton } from '~/ui/Button';
import { InlineEdit } from '~/ui/InlineEdit';
import { Menu } from '~/ui/Menu';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { Tabs } from '~/ui/Tabs';
import { paths, type RunTab } from '~/util/paths';
import { runColor } from '~/util/run-color';
import { runMenu } from '~/workspace/run-menu';
import { usePageSearch } from '~/workspace/use-search';
import { PageHead } from './PageHead';
import { Trail, useProjectSteps } from './Trail';
import { OverviewTab } from './run/OverviewTab';
import { PanelsTab } from './run/PanelsTab';
import { RunStateLine } from './run/RunStateLine';

const ConsoleTab = lazy(() =>
  import('./run/ConsoleTab').then(module => ({ default: module.ConsoleTab })),
);
const FilesTab = lazy(() =>
  import('./run/FilesTab').then(module => ({ default: module.FilesTab })),
);
const ArtifactsTab = lazy(() =>
  import('./run/ArtifactsTab').then(module => ({ default: module.ArtifactsTab })),
);

const TABS: [RunTab, string][] = [
  ['overview', 'Overview'],
  ['charts', 'Charts'],
  ['system', 'System'],
  ['console', 'Console'],
  ['files', 'Files'],
  ['artifacts', 'Artifacts'],
];

export function RunPage() {
  const params = useParams({ from: '/frame/$entity/$project/runs/$run' });
  const { entity, project, run } = params;
  const ref = useMemo(() => ({ entity, project, run }), [entity, project, run]);
  const loader = useSeriesLoader(ref);
  useLiveProject(ref, loader);
  const { data, error, refetch } = useQuery(queries.run(ref));
  const steps = useProjectSteps(ref);
  useEffect(() => {
    if (data) document.title = `${data.display_name} · ${project} · Ballast`;
  }, [data, project]);
  if (error && !data) {
    return (
      <>
        <PageHead title={<Trail steps={steps} />} />
        <ErrorState error={error} onRetry={() => void refetch()} />
      </>
    );
  }
  if (!data) {
    return (
      <>
        <PageHead title={<Trail steps={steps} />} />
        <SkeletonRows rows={10} />
      </>
    );
  }
  return <LoadedRun runRef={ref} run={data} />;
}

export interface RunTabProps {
  runRef: { entity: string; project: string; run: string };
  run: RunDetail;
}

function LoadedRun({ runRef, run }: RunTabProps) {
  const [search, change] = usePageSearch();
  const tab = search.tab ?? 'overview';
  return (
    <div className="flex h-full flex-col">
      <RunHead runRef={runRef} run={run} />
      <Tabs
        label="Parts of the run"
        tabs={TABS}
        value={tab}
        onChange={value =>
          change({
            tab: value === 'overview' ? undefined : value,
            line: undefined,
            panels: undefined,
            panel: undefined,
          })
        }
      >
        <Suspense fallback={<SkeletonRows rows={8} />}>
          {tab === 'overview' && <OverviewTab runRef={runRef} run={run} />}
          {tab === 'charts' && <PanelsTab runRef={runRef} run={run} stream="history" />}
          {tab === 'system' && <PanelsTab runRef={runRef} run={run} stream="system" />}
          {tab === 'console' && <ConsoleTab runRef={runRef} run={run} />}
          {tab === 'files' && <FilesTab runRef={runRef} run={run} />}
          {tab === 'artifacts' && <ArtifactsTab runRef={runRef} run={run} />}
        </Suspense>
      </Tabs>
    </div>
  );
}

function RunHead({ runRef, run }: RunTabProps) {
  const { entity, project } = runRef;
  const edits = useRunEditing(runRef);
  const steps = useProjectSteps(runRef);
  const navigate = useNavigate();
  const router = useRouter();
  const [renameKey, setRenameKey] = useState(0);
  const goBack = () => router.history.push(paths.workspace(entity, project));
  return (
    <PageHead
      roomy
      title={
        <span className="flex min-w-0 items-center gap-2">
          <span className="max-w-[40%] shrink-0 truncate">
            <Trail steps={steps} />
            <span className="font-normal text-ink-3"> /</span>
          </span>
          <span className="size-2.5 shrink-0 rounded-full" style={{ background: runColor(run) }} />
          <InlineEdit
            key={renameKey}
            label="Name of the run"
            value={run.display_name}
            required
            onSave={edits ? display_name => edits.patch(run, { display_name }) : undefined}
            className="min-w-0 font-medium"
            openAtFirst={renameKey > 0}
          />
        </span>
      }
    >
      <RunStateLine run={run} />
      <Menu
        entries={() =>
          runMenu(runRef, run, edits, {
            onRename: () => setRenameKey(key => key + 1),
            onTags: () => void navigate({ to: '.', search: {} }),
            onDeleted: goBack,
          })
        }
      >
        <IconButton label="Menu of this run">
          <MoreVertical aria-hidden />
        </IconButton>
      </Menu>
    </PageHead>
  );
}
