import { useQuery } from '@tanstack/react-query';
import { artifactQueries } from '~/api/artifact-queries';
import { Link } from '~/ui/Link';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { paths } from '~/util/paths';
import type { Version, VersionEvent } from '~/api/schema';

/** What happened to a version, as far as it is recorded: the newest first. */
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
          {data.items.toReversed().map(({ at, kind, by, detail }) => (
            <tr key={`${at} ${kind} ${detail}`} className="h-8 border-b border-line">
              <td className="w-32 pr-4 text-ink-3 max-sm:w-24 max-sm:pr-2">
                <Ago time={at} />
              </td>
              <td className="pr-4">
                {sentenceOf(kind)} <Detail version={version} kind={kind} detail={detail} />
              </td>
              <td className="w-28 text-ink-2 max-sm:w-16">{by}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The run that logged a version, or the name that came or went. */
function Detail({ version, kind, detail }: DetailProps) {
  if (detail === null) return null;
  const { entity, project, logged_by: run } = version;
  if (kind !== 'created' && kind !== 'committed' && kind !== 'logged_again')
    return <code className="font-mono text-12 break-words">{detail}</code>;
  return (
    <>
      by{' '}
      <Link href={paths.run(entity, project, detail)} className="text-accent underline">
        {run?.run === detail ? run.name : detail}
      </Link>
    </>
  );
}

interface DetailProps {
  version: Version;
  kind: VersionEvent['kind'];
  detail: string | null;
}

/** `alias_added` as words. */
function sentenceOf(kind: string): string {
  const words = kind.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
