import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ArrowLeftRight } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import { IconButton } from '~/ui/Button';
import { CutNote, EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { useAddress } from '~/workspace/use-search';
import type { CompareSearch } from '../artifacts/search';
import { useSpecName } from '../artifacts/use-spec-name';
import { WorkspaceHead } from '../WorkspaceHead';
import { AlignedLineage } from './AlignedLineage';
import { DiffSections } from './DiffSections';
import { FirstDifferences } from './FirstDifferences';
import { SpecPicker } from './SpecPicker';
import type { Diff } from '~/api/schema';

/** What changed between two runs or two versions, and what of it came first. */
export function ComparePage() {
  const { entity, project } = useParams({ from: '/frame/$entity/$project/compare' });
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const [{ left, right, all = false, unified = false }, change] = useAddress<CompareSearch>();
  useEffect(() => {
    document.title = `What changed? · ${project} · Ballast`;
  }, [project]);
  return (
    <div className="flex h-full flex-col">
      <WorkspaceHead projectRef={ref} />
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 border-b border-line px-4 py-1.5">
        <SpecPicker
          label="Before"
          projectRef={ref}
          value={left}
          onPick={spec => change({ left: spec })}
        />
        <IconButton
          label="Swap the two"
          disabled={!left && !right}
          onClick={() => change({ left: right, right: left })}
        >
          <ArrowLeftRight aria-hidden />
        </IconButton>
        <SpecPicker
          label="After"
          projectRef={ref}
          value={right}
          onPick={spec => change({ right: spec })}
        />
        <span className="flex-1" />
        <label className="flex h-7 items-center gap-1.5">
          <input
            type="checkbox"
            checked={!all}
            onChange={event => change({ all: event.target.checked ? undefined : true })}
            className="accent-accent"
          />
          Only what differs
        </label>
        <label className="flex h-7 items-center gap-1.5 max-sm:hidden">
          <input
            type="checkbox"
            checked={!unified}
            onChange={event => change({ unified: event.target.checked ? undefined : true })}
            className="accent-accent"
          />
          Side by side
        </label>
      </div>
      {left && right ? (
        <Comparison
          key={`${left} ${right}`}
          left={left}
          right={right}
          all={all}
          unified={unified}
        />
      ) : (
        <EmptyState title="What changed?" className="max-w-2xl">
          <p>
            Choose two runs, or two versions of an artifact. Everything that is recorded of both is
            compared: config, code, environment, packages, inputs down to single files, and what
            differs furthest upstream comes first.
          </p>
        </EmptyState>
      )}
    </div>
  );
}

interface ComparisonProps {
  left: string;
  right: string;
  all: boolean;
  unified: boolean;
}

function Comparison({ left, right, all, unified }: ComparisonProps) {
  const { data, error, refetch } = useQuery(artifactQueries.diff(left, right));
  const names: [string, string] = [useSpecName(left).name, useSpecName(right).name];
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={12} />;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex max-w-[100rem] flex-col gap-6 p-4">
        {isSame(data) ? (
          <p className="text-14">Nothing that is recorded of the two differs.</p>
        ) : (
          <FirstDifferences findings={data.first_differences} />
        )}
        {data.truncated && (
          <CutNote note="the lineages of the two are large: only their nearest parts are compared" />
        )}
        <DiffSections diff={data} specs={[left, right]} names={names} all={all} unified={unified} />
        <AlignedLineage steps={data.lineage} names={names} />
      </div>
    </div>
  );
}

const isSame = ({ sections, first_differences: first }: Diff): boolean =>
  first.length === 0 && sections.every(section => section.n_different === 0);
