import { useQuery } from '@tanstack/react-query';
import { GitCompareArrows, X } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import { Button } from '~/ui/Button';
import { Link } from '~/ui/Link';
import { CutNote, ErrorState, SkeletonRows } from '~/ui/States';
import { cutNote, formatBytes, formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { versionSpec } from '~/util/spec';
import { useAddress } from '~/workspace/use-search';
import { DiffTable } from '../compare/DiffTable';
import { diffJson } from '../compare/json-diff';
import { ChangeSign } from '../compare/DifferenceMarks';
import { diffFiles, type FileDiff, type FileDifference } from './file-diff';
import type { VersionSearch } from './search';
import { TableCompare } from './TableCompare';
import { isTable } from './tables';
import { useVersionFiles } from './use-version-files';
import type { ArtifactFile, Version } from '~/api/schema';

const MAX_SHOWN = 300;

const numberOf = ({ version }: Version): number => Number(version.slice(1));

export interface VersionCompareProps {
  version: Version;
  /** Number or alias of the other. */
  other: string;
}

/** Two versions of a collection, the older one at the left: files, metadata, and tables row by row. */
export function VersionCompare({ version, other }: VersionCompareProps) {
  const [, change] = useAddress<VersionSearch>();
  const { data, error } = useQuery(artifactQueries.version({ ...version, version: other }));
  const close = () => change({ with: undefined, table: undefined, key: undefined });
  const [left, right] =
    data && numberOf(data) > numberOf(version) ? [version, data] : [data, version];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1">
        <h2 className="font-medium">
          Compare <span className="font-mono text-12">{left?.version ?? other}</span> with{' '}
          <span className="font-mono text-12">{right?.version ?? other}</span>
        </h2>
        <span className="flex-1" />
        {left && right && (
          <Link
            href={paths.compare(
              version.entity,
              version.project,
              versionSpec(left),
              versionSpec(right),
            )}
            className="inline-flex items-center gap-1.5 text-accent underline"
          >
            <GitCompareArrows className="size-4" aria-hidden />
            What changed upstream?
          </Link>
        )}
        <Button tone="quiet" onClick={close}>
          <X className="size-4" aria-hidden />
          Close
        </Button>
      </header>
      {error && <ErrorState error={error} />}
      {!data && !error && <SkeletonRows rows={8} />}
      {left && right && <Comparison left={left} right={right} />}
    </div>
  );
}

function Comparison({ left, right }: { left: Version; right: Version }) {
  const before = useVersionFiles(left);
  const after = useVersionFiles(right);
  const isWhole = !before.isGrowing && !after.isGrowing;
  const files = useMemo(
    () =>
      isWhole && before.files && after.files ? diffFiles(before.files, after.files) : undefined,
    [isWhole, before.files, after.files],
  );
  const metadata = useMemo(
    () => diffJson(left.metadata, right.metadata).filter(row => row.change !== 'same'),
    [left, right],
  );
  const tables = files?.differences.filter(
    ({ path, change }) => change === 'changed' && isTable(path),
  );
  const names: [string, string] = [left.version, right.version];
  const error = before.error ?? after.error;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4">
      {left.digest === right.digest && <p>Both hold the same files: their digests are the same.</p>}
      <Part title="Metadata" note={metadata.length === 0 ? 'the same' : undefined}>
        {metadata.length > 0 && <DiffTable label="Metadata" rows={metadata} names={names} />}
      </Part>
      {error && <ErrorState error={error} />}
      {files && (
        <Part title="Files" note={noteOf(files)}>
          {before.isCut && (
            <CutNote
              note={`of ${left.version}, ${cutNote('first', before.files?.length ?? 0, left.n_files)} and compared`}
            />
          )}
          {after.isCut && (
            <CutNote
              note={`of ${right.version}, ${cutNote('first', after.files?.length ?? 0, right.n_files)} and compared`}
            />
          )}
          {files.differences.length > 0 && <FileTable files={files} versions={[left, right]} />}
        </Part>
      )}
      {!files && !error && <SkeletonRows rows={8} />}
      {tables && tables.length > 0 && (
        <Part title="Tables" note={`${plural(tables.length, 'table')} changed`}>
          <TableCompare versions={[left, right]} paths={tables.map(({ path }) => path)} />
        </Part>
      )}
    </div>
  );
}

function noteOf({ differences, nSame }: FileDiff): string {
  const count = (change: FileDifference['change']): number =>
    differences.filter(item => item.change === change).length;
  const parts = (['added', 'removed', 'changed'] as const)
    .map(change => [count(change), change] as const)
    .filter(([number]) => number > 0)
    .map(([number, change]) => `${formatInteger(number)} ${change}`);
  return [...parts, `${formatInteger(nSame)} the same`].join(', ');
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0">
      <h3 className="flex h-7 items-center gap-2 text-14 font-medium">
        {title}
        {note && <span className="tabular text-12 font-normal text-ink-3">{note}</span>}
      </h3>
      {children}
    </section>
  );
}

function FileTable({ files, versions }: { files: FileDiff; versions: [Version, Version] }) {
  const [most, setMost] = useState(MAX_SHOWN);
  const shown = files.differences.slice(0, most);
  const rest = files.differences.length - shown.length;
  return (
    <table className="w-full table-fixed border-collapse" aria-label="Files that differ">
      <thead>
        <tr className="h-7 border-b border-line text-12 text-ink-3 [&_th]:font-normal">
          <th scope="col" className="text-left">
            Path
          </th>
          {versions.map(({ version }) => (
            <th key={version} scope="col" className="w-24 text-right font-mono">
              {version}
            </th>
          ))}
          <th scope="col" className="w-24 text-right max-sm:hidden">
            Difference
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ path, change, left, right }) => (
          <tr key={path} className="h-7 border-b border-line hover:bg-surface">
            <td>
              <span className="flex min-w-0 items-center gap-1">
                <ChangeSign change={change} />
                <Link
                  href={paths.version(versions[right ? 1 : 0], { tab: 'files', file: path })}
                  className="min-w-0 truncate font-mono text-12 hover:underline"
                  title={path}
                >
                  {path}
                </Link>
              </span>
            </td>
            <Size file={left} />
            <Size file={right} />
            <td className="tabular text-right text-ink-2 max-sm:hidden">
              {signedBytes((right?.size_bytes ?? 0) - (left?.size_bytes ?? 0))}
            </td>
          </tr>
        ))}
        {rest > 0 && (
          <tr>
            <td colSpan={4} className="py-1">
              <Button tone="quiet" onClick={() => setMost(most * 4)}>
                Show more: {formatInteger(rest)} are left
              </Button>
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Size({ file }: { file: ArtifactFile | null }) {
  return (
    <td className="tabular text-right">
      {file?.size_bytes === null && <span className="text-ink-3">unknown</span>}
      {file && file.size_bytes !== null && formatBytes(file.size_bytes)}
      {!file && <span className="text-ink-3">–</span>}
    </td>
  );
}

function signedBytes(bytes: number): string {
  if (bytes === 0) return '±0';
  return bytes > 0 ? `+${formatBytes(bytes)}` : `−${formatBytes(-bytes)}`;
}
