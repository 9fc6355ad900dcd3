import { useQuery } from '@tanstack/react-query';
import { artifactQueries } from '~/api/artifact-queries';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ticks } from '~/ui/Ticks';
import { Ago } from '~/ui/Time';
import type { Version } from '~/api/schema';

/** What happened to a version, as far as it is recorded. */
export function VersionHistory({ version }: { version: Version }) {
  const { data, error, refetch } = useQuery(artifactQueries.history(version));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  if (data.items.length === 0) return <EmptyState title="Nothing is recorded of this version" />;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4">
      <table className="w-full max-w-3xl border-collapse">
        <thead className="sr-only">
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map(({ at, kind, by, detail }) => (
            <tr key={`${at} ${kind} ${detail}`} className="h-8 border-b border-line">
              <td className="w-32 pr-4 text-ink-3">
                <Ago time={at} />
              </td>
              <td className="pr-4">
                {sentenceOf(kind)} {detail && <Ticks text={detail} />}
              </td>
              <td className="w-28 text-ink-2">{by}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `alias_added` as words. */
function sentenceOf(kind: string): string {
  const words = kind.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
