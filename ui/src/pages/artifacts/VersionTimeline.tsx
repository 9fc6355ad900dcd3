import { useInfiniteQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { GitCompare } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type MouseEvent } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import type { CollectionRef } from '~/api/client';
import { IconButton } from '~/ui/Button';
import { Chip } from '~/ui/Chip';
import { SearchField } from '~/ui/Field';
import { Link } from '~/ui/Link';
import { CutNote, ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { cx } from '~/util/class-names';
import { formatBytes, formatInteger } from '~/util/format';
import { paths } from '~/util/paths';
import type { Version } from '~/api/schema';

const ROW = 46;
/** More aliases than these are counted. */
const MAX_CHIPS = 2;

export interface VersionTimelineProps {
  collectionRef: CollectionRef;
  total: number | null;
  current: Version | null;
  /** The version that the current one is compared with. */
  compared: string | null;
  onCompare: (version: string) => void;
  onPick: () => void;
}

/** Versions from the newest down; a click opens one, a click with Shift compares the open one with it. */
export function VersionTimeline({
  collectionRef,
  total,
  current,
  compared,
  onCompare,
  onPick,
}: VersionTimelineProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    artifactQueries.versions(collectionRef),
  );
  const versions = useMemo(() => data?.pages.flatMap(page => page.items) ?? [], [data]);
  const virtual = useVirtualizer({
    count: versions.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const rows = virtual.getVirtualItems();
  const isNearEnd = (rows.at(-1)?.index ?? 0) >= versions.length - 10;
  useEffect(() => {
    if (isNearEnd && hasNextPage && !isFetchingNextPage && versions.length > 0)
      void fetchNextPage();
  }, [isNearEnd, hasNextPage, isFetchingNextPage, versions.length, fetchNextPage]);
  const isListed = versions.some(version => version.version === current?.version);
  const follow = (version: Version) => (event: MouseEvent) => {
    if (event.shiftKey) {
      event.preventDefault();
      onCompare(version.version);
    } else onPick();
  };
  return (
    <>
      <div className="flex flex-col gap-1.5 border-b border-line p-2">
        <GoToVersion collectionRef={collectionRef} type={current?.type ?? '-'} onPick={onPick} />
        <span role="status" className="tabular text-12 text-ink-3">
          {total === null
            ? ' '
            : versions.length < total
              ? `${formatInteger(versions.length)} of ${formatInteger(total)} versions listed`
              : `${formatInteger(total)} version${total === 1 ? '' : 's'}`}
        </span>
      </div>
      {current && data && !isListed && (
        <div className="border-b border-line-strong bg-surface">
          <TimelineRow
            version={current}
            isCurrent
            isCompared={false}
            canCompare={false}
            onClick={follow(current)}
            onCompare={onCompare}
          />
        </div>
      )}
      {error && <ErrorState error={error} />}
      {!data && !error && <SkeletonRows rows={10} />}
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <ol aria-label="Versions" className="relative" style={{ height: virtual.getTotalSize() }}>
          {rows.map(row => {
            const version = versions[row.index];
            return (
              <li
                key={version.version}
                className="absolute inset-x-0"
                style={{ top: row.start, height: ROW }}
              >
                <TimelineRow
                  version={version}
                  isCurrent={version.version === current?.version}
                  isCompared={version.version === compared}
                  canCompare={current !== null && version.version !== current.version}
                  isFirst={row.index === 0}
                  isLast={row.index === versions.length - 1 && !hasNextPage}
                  onClick={follow(version)}
                  onCompare={onCompare}
                />
              </li>
            );
          })}
        </ol>
      </div>
      {versions.length > 1 && (
        <CutNote
          note="Shift click compares two versions"
          className="border-t border-line px-3 py-1.5 text-ink-3! max-sm:hidden"
        />
      )}
    </>
  );
}

interface TimelineRowProps {
  version: Version;
  isCurrent: boolean;
  isCompared: boolean;
  canCompare: boolean;
  isFirst?: boolean;
  isLast?: boolean;
  onClick: (event: MouseEvent) => void;
  onCompare: (version: string) => void;
}

function TimelineRow({
  version,
  isCurrent,
  isCompared,
  canCompare,
  isFirst,
  isLast,
  onClick,
  onCompare,
}: TimelineRowProps) {
  const { aliases } = version;
  return (
    <div
      className={cx(
        'group/version relative flex h-[46px] items-center pr-1 pl-7 hover:bg-hover',
        isCurrent && 'bg-accent-soft hover:bg-accent-soft',
        isCompared && 'bg-warn-soft hover:bg-warn-soft',
      )}
    >
      <span
        aria-hidden
        className="absolute left-[14px] w-px bg-line-strong"
        style={{ top: isFirst ? '50%' : 0, bottom: isLast ? '50%' : 0 }}
      />
      <span
        aria-hidden
        className={cx(
          'absolute left-[10px] size-[9px] rounded-full border-2',
          isCurrent || aliases.length > 0 ? 'border-accent bg-accent' : 'border-line-strong bg-bg',
        )}
      />
      <Link
        href={paths.version(version)}
        aria-current={isCurrent || undefined}
        onClick={onClick}
        className="flex min-w-0 flex-1 flex-col"
      >
        <span className="flex min-w-0 items-center gap-1">
          <span className="mr-0.5 font-mono text-13">{version.version}</span>
          {aliases.slice(0, MAX_CHIPS).map(alias => (
            <Chip key={alias} tone="accent" title={alias}>
              {alias}
            </Chip>
          ))}
          {aliases.length > MAX_CHIPS && (
            <span className="text-12 text-ink-3" title={aliases.slice(MAX_CHIPS).join(', ')}>
              +{aliases.length - MAX_CHIPS}
            </span>
          )}
        </span>
        <span className="tabular truncate text-12 text-ink-3">
          <Ago time={version.created_at} /> · {formatBytes(version.size_bytes)}
        </span>
      </Link>
      {canCompare && (
        <IconButton
          label={`Compare with ${version.version}`}
          small
          pressed={isCompared}
          onClick={() => onCompare(version.version)}
          className="opacity-0 group-hover/version:opacity-100 focus-visible:opacity-100 aria-pressed:opacity-100 max-sm:opacity-100"
        >
          <GitCompare aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

/** Opens a version by number or alias, listed or not. */
function GoToVersion({
  collectionRef,
  type,
  onPick,
}: {
  collectionRef: CollectionRef;
  type: string;
  onPick: () => void;
}) {
  const router = useRouter();
  const [text, setText] = useState('');
  const go = () => {
    const wanted = text.trim();
    if (wanted === '') return;
    const version = /^\d+$/.test(wanted) ? `v${wanted}` : wanted;
    router.history.push(
      paths.version({
        entity: collectionRef.entity,
        project: collectionRef.project,
        collection: collectionRef.collection,
        type,
        version,
      }),
    );
    setText('');
    onPick();
  };
  return (
    <SearchField
      label="Go to version"
      placeholder="version or alias, Enter"
      value={text}
      onChange={setText}
      onSubmit={go}
    />
  );
}
