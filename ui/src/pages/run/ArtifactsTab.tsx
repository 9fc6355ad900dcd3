import { useQuery } from '@tanstack/react-query';
import { GitFork } from 'lucide-react';
import { artifactQueries } from '~/api/artifact-queries';
import { Chip } from '~/ui/Chip';
import { CodeBlock } from '~/ui/CodeBlock';
import { Link } from '~/ui/Link';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { formatBytes, formatInteger } from '~/util/format';
import { paths } from '~/util/paths';
import { runSpec } from '~/util/spec';
import type { RunTabProps } from '../RunPage';
import type { Version } from '~/api/schema';

/** A run that is under way is asked again. */
const REFRESH_MS = 20_000;

/** What the run read and what it made. */
export function ArtifactsTab({ runRef, run }: RunTabProps) {
  const { data, error, refetch } = useQuery({
    ...artifactQueries.ofRun(runRef),
    refetchInterval: run.ended_at === null && REFRESH_MS,
  });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={8} />;
  if (data.used.length + data.logged.length === 0) {
    return (
      <EmptyState title="This run used and logged no artifact" className="max-w-2xl">
        <CodeBlock
          label="how to use and log artifacts"
          text={
            'folder = run.use_artifact("my-data:latest").download()\nrun.log_artifact("model.pt", name="my-model", type="model")'
          }
        />
      </EmptyState>
    );
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex max-w-5xl flex-col gap-6 p-4">
        <Link
          href={paths.lineage(runRef.entity, runRef.project, runSpec(runRef))}
          className="inline-flex h-7 items-center gap-1.5 self-start rounded-md border border-line-strong bg-raised px-2.5 font-medium hover:bg-hover"
        >
          <GitFork className="size-4" aria-hidden />
          Lineage of this run
        </Link>
        <VersionTable title="Used" versions={data.used} emptyText="It used no artifact." />
        <VersionTable title="Logged" versions={data.logged} emptyText="It logged no artifact." />
      </div>
    </div>
  );
}

interface VersionTableProps {
  title: string;
  versions: Version[];
  emptyText: string;
}

function VersionTable({ title, versions, emptyText }: VersionTableProps) {
  return (
    <section aria-label={title}>
      <h2 className="flex h-7 items-center gap-2 text-14 font-medium">
        {title}
        <span className="tabular text-12 font-normal text-ink-3">
          {formatInteger(versions.length)}
        </span>
      </h2>
      {versions.length === 0 ? (
        <p className="text-ink-3">{emptyText}</p>
      ) : (
        <table className="w-full table-fixed border-collapse">
          <thead>
            <tr className="h-7 border-b border-line text-12 text-ink-3 [&_th]:font-normal">
              <th scope="col" className="text-left">
                Artifact
              </th>
              <th scope="col" className="w-32 text-left max-sm:hidden">
                Type
              </th>
              <th scope="col" className="w-32 text-right max-sm:hidden">
                Files
              </th>
              <th scope="col" className="w-24 text-right">
                Size
              </th>
              <th scope="col" className="w-28 text-right max-sm:hidden">
                Created
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.map(version => (
              <tr
                key={`${version.collection}:${version.version} ${version.used_as ?? ''}`}
                className="h-8 border-b border-line hover:bg-surface"
              >
                <td>
                  <span className="flex min-w-0 items-center gap-1.5 pr-2">
                    <Link
                      href={paths.version(version)}
                      className="min-w-0 truncate font-medium hover:underline"
                      title={`${version.collection}:${version.version}`}
                    >
                      {version.collection}
                      <span className="font-mono text-12 font-normal">:{version.version}</span>
                    </Link>
                    {version.aliases.slice(0, 2).map(alias => (
                      <Chip key={alias} tone="accent">
                        {alias}
                      </Chip>
                    ))}
                    {version.used_as && (
                      <span className="shrink-0 text-12 text-ink-3">as {version.used_as}</span>
                    )}
                  </span>
                </td>
                <td className="truncate text-ink-2 max-sm:hidden" title={version.type}>
                  {version.type}
                </td>
                <td className="tabular text-right max-sm:hidden">
                  {formatInteger(version.n_files)}
                </td>
                <td className="tabular text-right">{formatBytes(version.size_bytes)}</td>
                <td className="text-right text-ink-2 max-sm:hidden">
                  <Ago time={version.created_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
