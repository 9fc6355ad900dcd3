import { useQuery } from '@tanstack/react-query';
import type { ProjectRef } from '~/api/client';
import { queries } from '~/api/queries';
import { useRunEditing } from '~/hooks/use-run-editing';
import { ConfirmButton } from '~/ui/ConfirmButton';
import { Button } from '~/ui/Button';
import { CutNote, EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { StateMark } from '~/ui/StateMark';
import { Ago } from '~/ui/Time';
import { cutNote } from '~/util/format';

/** Deleted runs: to be restored, or deleted for good. */
export function RunBin({ projectRef }: { projectRef: ProjectRef }) {
  const { data, error, refetch } = useQuery(queries.runs(projectRef, true));
  const edits = useRunEditing(projectRef);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  if (data.items.length === 0)
    return (
      <EmptyState title="The bin is empty">
        Deleted runs wait here until they are restored or deleted for good.
      </EmptyState>
    );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4">
      <table className="w-full max-w-4xl border-collapse">
        <thead>
          <tr className="h-8 border-b border-line text-left text-12 text-ink-3 [&_th]:font-normal">
            <th scope="col">Run</th>
            <th scope="col" className="w-32">
              Deleted
            </th>
            <th scope="col" className="w-64">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map(run => (
            <tr key={run.id} className="h-9 border-b border-line">
              <td className="max-w-0 pr-3">
                <span className="flex items-center gap-2">
                  <StateMark state={run.state} />
                  <span className="truncate">{run.display_name}</span>
                </span>
              </td>
              <td className="text-ink-2">{run.deleted_at && <Ago time={run.deleted_at} />}</td>
              <td className="text-right whitespace-nowrap">
                {edits && (
                  <>
                    <Button
                      tone="quiet"
                      aria-label={`Restore ${run.display_name}`}
                      onClick={() => edits.restore(run)}
                    >
                      Restore
                    </Button>
                    <ConfirmButton
                      label="Delete for good"
                      subject={run.display_name}
                      onConfirm={() => edits.purge(run)}
                    />
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <CutNote note={cutNote('newest', data.items.length, data.total)} className="pt-2" />
    </div>
  );
}
