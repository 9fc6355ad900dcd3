import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import type { ProjectRef } from '~/api/client';
import type { Listing } from '~/api/queries';
import { sweepName } from '~/api/sweep-edits';
import { sweepQueries } from '~/api/sweep-queries';
import type { Sweep } from '~/api/sweep-schema';
import { useLiveSweeps } from '~/hooks/use-live-sweeps';
import { useProjectRole } from '~/hooks/use-project-role';
import { CodeBlock } from '~/ui/CodeBlock';
import { Link } from '~/ui/Link';
import { CutNote, EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { cx } from '~/util/class-names';
import { cutNote, formatNumber } from '~/util/format';
import { paths } from '~/util/paths';
import { canWrite } from '~/util/roles';
import { WorkspaceHead } from '../WorkspaceHead';
import { progressText, SweepProgress } from './SweepProgress';
import { SweepStateMark } from './SweepStateMark';

export function SweepsPage() {
  const { entity, project } = useParams({ from: '/frame/$entity/$project/sweeps' });
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const { data, error, refetch } = useQuery(sweepQueries.list(ref));
  const mayWrite = canWrite(useProjectRole(ref));
  useLiveSweeps(ref);
  useEffect(() => {
    document.title = `Sweeps · ${project} · Ballast`;
  }, [project]);
  return (
    <div className="flex h-full flex-col">
      <WorkspaceHead projectRef={ref}>
        {mayWrite && (
          <Link
            href={paths.newSweep(entity, project)}
            className="inline-flex h-7 shrink-0 items-center gap-1.5 rounded-md bg-accent px-2.5 font-medium text-on-accent hover:opacity-90"
          >
            <Plus className="size-4" aria-hidden />
            New sweep
          </Link>
        )}
      </WorkspaceHead>
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={8} />
      ) : data.items.length === 0 ? (
        <NoSweeps projectRef={ref} mayWrite={mayWrite} />
      ) : (
        <SweepTable projectRef={ref} sweeps={data} />
      )}
    </div>
  );
}

function NoSweeps({ projectRef, mayWrite }: { projectRef: ProjectRef; mayWrite: boolean }) {
  const { entity, project } = projectRef;
  return (
    <EmptyState title="No sweep in this project yet" className="max-w-2xl">
      <p>
        A sweep tries configs one after the other, on as many machines as you start agents, and
        shows which parameters matter.
        {mayWrite && (
          <>
            {' '}
            <Link href={paths.newSweep(entity, project)} className="text-accent underline">
              Make one here
            </Link>
            , from the configs of earlier runs, or in a shell:
          </>
        )}
      </p>
      <CodeBlock
        label="how to make a sweep"
        text={`wandb sweep --entity ${entity} --project ${project} sweep.yaml`}
      />
    </EmptyState>
  );
}

const CELL = 'h-10 border-b border-line px-2 first:pl-4 last:pr-4';

function SweepTable({ projectRef, sweeps }: { projectRef: ProjectRef; sweeps: Listing<Sweep> }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <table aria-label="Sweeps" className="w-full table-fixed border-separate border-spacing-0">
        <thead className="sticky top-0 z-10 bg-bg">
          <tr className="text-left text-12 text-ink-3 [&_th]:h-8 [&_th]:border-b [&_th]:border-line [&_th]:px-2 [&_th]:font-normal [&_th:first-child]:pl-4 [&_th:last-child]:pr-4">
            <th scope="col">Name</th>
            <th scope="col" className="w-28 max-sm:w-24">
              State
            </th>
            <th scope="col" className="w-24 max-lg:hidden">
              Method
            </th>
            <th scope="col" className="w-48 max-sm:hidden">
              Runs
            </th>
            <th scope="col" className="w-56 max-sm:w-28">
              Best
            </th>
            <th scope="col" className="w-20 text-right max-lg:hidden">
              Agents
            </th>
            <th scope="col" className="w-28 text-right max-sm:hidden">
              Created
            </th>
          </tr>
        </thead>
        <tbody>
          {sweeps.items.map(sweep => (
            <SweepRow key={sweep.id} projectRef={projectRef} sweep={sweep} />
          ))}
        </tbody>
      </table>
      <CutNote note={cutNote('first', sweeps.items.length, sweeps.total)} className="px-4 py-2" />
    </div>
  );
}

function SweepRow({ projectRef, sweep }: { projectRef: ProjectRef; sweep: Sweep }) {
  const { entity, project } = projectRef;
  const { best } = sweep;
  const metric = sweep.objectives[0]?.metric;
  return (
    <tr className="hover:bg-surface">
      <td className={CELL}>
        <span className="flex min-w-0 items-baseline gap-2">
          <Link
            href={paths.sweep(entity, project, sweep.id)}
            title={sweepName(sweep)}
            className="min-w-0 truncate font-medium hover:underline"
          >
            {sweepName(sweep)}
          </Link>
          {sweep.display_name && (
            <span className="shrink-0 font-mono text-12 text-ink-3 max-lg:hidden">{sweep.id}</span>
          )}
        </span>
      </td>
      <td className={CELL} title={sweep.state_reason ?? undefined}>
        <SweepStateMark state={sweep.state} />
      </td>
      <td className={cx(CELL, 'text-ink-2 max-lg:hidden')}>{sweep.method}</td>
      <td className={cx(CELL, 'max-sm:hidden')}>
        <span className="flex flex-col gap-1 pr-6">
          <span className="tabular text-12 leading-4">{progressText(sweep)}</span>
          <SweepProgress sweep={sweep} />
        </span>
      </td>
      <td className={cx(CELL, 'tabular')}>
        {best ? (
          <span className="flex min-w-0 items-baseline gap-2">
            <Link
              href={paths.run(entity, project, best.run)}
              title={`${metric} of run ${best.run}`}
              className="shrink-0 font-medium hover:underline"
            >
              {formatNumber(best.value)}
            </Link>
            <span className="min-w-0 truncate text-12 text-ink-3" title={metric}>
              {metric}
            </span>
          </span>
        ) : (
          <span className="text-ink-3">none yet</span>
        )}
      </td>
      <td className={cx(CELL, 'tabular text-right max-lg:hidden')}>
        {sweep.n_live_agents > 0 ? (
          `${sweep.n_live_agents} alive`
        ) : (
          <span className="text-ink-3">none</span>
        )}
      </td>
      <td className={cx(CELL, 'text-right text-ink-2 max-sm:hidden')}>
        <Ago time={sweep.created_at} />
      </td>
    </tr>
  );
}
