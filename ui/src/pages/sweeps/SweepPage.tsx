import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { sweepName, useSweepEdits } from '~/api/sweep-edits';
import { sweepQueries } from '~/api/sweep-queries';
import type { SweepRef } from '~/api/sweep-client';
import type { SweepDetail, Trial } from '~/api/sweep-schema';
import type { Listing } from '~/api/queries';
import { useLiveSweeps } from '~/hooks/use-live-sweeps';
import { useProjectRole } from '~/hooks/use-project-role';
import { InlineEdit } from '~/ui/InlineEdit';
import { CutNote, ErrorState, SkeletonRows } from '~/ui/States';
import { cutNote } from '~/util/format';
import { paths } from '~/util/paths';
import { canWrite } from '~/util/roles';
import { PageHead } from '../PageHead';
import { Trail, useProjectSteps } from '../Trail';
import { SweepAgents } from './SweepAgents';
import { SweepCharts } from './SweepCharts';
import { SweepConfig } from './SweepConfig';
import { SweepControls } from './SweepControls';
import { SweepStateLine } from './SweepStateLine';

export function SweepPage() {
  const { entity, project, sweep } = useParams({ from: '/frame/$entity/$project/sweeps/$sweep' });
  const ref = useMemo(() => ({ entity, project, sweep }), [entity, project, sweep]);
  useLiveSweeps(ref, sweep);
  const { data, error, refetch } = useQuery(sweepQueries.sweep(ref));
  const trials = useQuery(sweepQueries.trials(ref));
  const projectSteps = useProjectSteps(ref);
  const steps: [string, string][] = [...projectSteps, ['Sweeps', paths.sweeps(entity, project)]];
  const name = data && sweepName(data);
  useEffect(() => {
    if (name) document.title = `${name} · ${project} · Ballast`;
  }, [name, project]);
  if (!data) {
    return (
      <>
        <PageHead title={<Trail steps={steps} />} />
        {error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <SkeletonRows rows={10} />
        )}
      </>
    );
  }
  return (
    <LoadedSweep
      sweepRef={ref}
      sweep={data}
      steps={steps}
      trials={trials.data ?? null}
      trialsError={trials.data ? null : trials.error}
    />
  );
}

interface LoadedSweepProps {
  sweepRef: SweepRef;
  sweep: SweepDetail;
  steps: [string, string][];
  trials: Listing<Trial> | null;
  trialsError: Error | null;
}

function LoadedSweep({ sweepRef, sweep, steps, trials, trialsError }: LoadedSweepProps) {
  const edits = useSweepEdits(sweepRef);
  const mayWrite = canWrite(useProjectRole(sweepRef));
  return (
    <div className="flex h-full flex-col">
      <PageHead
        roomy
        title={
          <span className="flex min-w-0 items-center gap-1">
            <span className="max-w-[50%] shrink-0 truncate">
              <Trail steps={steps} />
              <span className="font-normal text-ink-3"> /</span>
            </span>
            <InlineEdit
              label="Name of the sweep"
              value={sweepName(sweep)}
              onSave={mayWrite ? name => edits.rename(sweep, name) : undefined}
              className="min-w-0 font-medium"
            />
          </span>
        }
      >
        <SweepControls sweepRef={sweepRef} sweep={sweep} edits={mayWrite ? edits : null} />
      </PageHead>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="flex flex-col gap-6 p-4">
          <SweepStateLine
            sweepRef={sweepRef}
            sweep={sweep}
            trials={trials?.items ?? []}
            edits={mayWrite ? edits : null}
          />
          {trialsError ? (
            <ErrorState error={trialsError} className="p-0!" />
          ) : trials ? (
            <SweepCharts sweepRef={sweepRef} sweep={sweep} trials={trials.items}>
              <div className="grid gap-x-8 gap-y-6 lg:grid-cols-2">
                <SweepAgents sweepRef={sweepRef} sweep={sweep} trials={trials.items} />
                <SweepConfig
                  key={sweep.id}
                  config={sweep.config}
                  onSave={mayWrite ? edits.configure : undefined}
                />
              </div>
              <CutNote note={cutNote('first', trials.items.length, trials.total)} />
            </SweepCharts>
          ) : (
            <SkeletonRows rows={12} />
          )}
        </div>
      </div>
    </div>
  );
}
