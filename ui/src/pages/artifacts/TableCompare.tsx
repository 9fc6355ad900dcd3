import { useQueries } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { api, type VersionRef } from '~/api/client';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { cellText } from '~/table/model';
import { formatInteger } from '~/util/format';
import { cx } from '~/util/class-names';
import { useAddress } from '~/workspace/use-search';
import { ChangeSign } from '../compare/DifferenceMarks';
import type { VersionSearch } from './search';
import {
  joinTables,
  keyColumns,
  toSideTable,
  type JoinedTable,
  type SideTable,
} from './table-join';
import type { Json, TableRows, Version } from '~/api/schema';

/** Rows of each side that are compared: a browser holds these well. */
const MAX_ROWS = 10_000;
const PAGE = 2000;
const ROW = 28;

const SELECT = 'h-7 max-w-72 rounded-md border border-line-strong bg-bg px-1.5';

export interface TableCompareProps {
  versions: [Version, Version];
  /** Table files that both have. */
  paths: string[];
}

/** Rows of a table of two versions, joined by a column. */
export function TableCompare({ versions, paths }: TableCompareProps) {
  const [{ table = paths[0], key }, change] = useAddress<VersionSearch>();
  const sides = useQueries({
    queries: versions.map(version => ({
      queryKey: [
        'table-side',
        version.entity,
        version.project,
        version.collection,
        version.version,
        table,
      ],
      queryFn: () => fetchSide(version, table),
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 60_000,
    })),
  });
  const [left, right] = sides.map(side => side.data);
  const keys = useMemo(() => (left && right ? keyColumns(left, right) : []), [left, right]);
  const by = key && keys.includes(key) ? key : keys[0];
  const joined = useMemo(
    () => (left && right && by !== undefined ? joinTables(left, right, by) : null),
    [left, right, by],
  );
  const error = sides.find(side => side.error)?.error;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 pb-2">
        <label className="flex items-center gap-1.5">
          <span className="text-ink-3">Table</span>
          <select
            value={table}
            onChange={event => change({ table: event.target.value, key: undefined })}
            className={SELECT}
          >
            {paths.map(path => (
              <option key={path}>{path}</option>
            ))}
          </select>
        </label>
        {keys.length > 0 && (
          <label className="flex items-center gap-1.5">
            <span className="text-ink-3">joined by</span>
            <select
              value={by}
              onChange={event => change({ key: event.target.value })}
              className={SELECT}
            >
              {keys.map(column => (
                <option key={column}>{column}</option>
              ))}
            </select>
          </label>
        )}
      </div>
      {error && <ErrorState error={error} />}
      {!error && (!left || !right) && <SkeletonRows rows={6} />}
      {left && right && keys.length === 0 && (
        <p className="text-ink-2">The two tables have no column in common.</p>
      )}
      {left && right && joined && (
        <Joined joined={joined} sides={[left, right]} versions={versions} />
      )}
    </>
  );
}

async function fetchSide(ref: VersionRef, path: string): Promise<SideTable> {
  const pages: TableRows[] = [];
  let from = 0;
  do {
    // Each page says whether there is one behind it.
    // oxlint-disable-next-line no-await-in-loop
    const page = await api.versionRows(ref, path, { from, limit: PAGE });
    pages.push(page);
    from += page.items.length;
    if (!page.has_more || page.items.length === 0) break;
  } while (from < MAX_ROWS);
  return toSideTable(pages);
}

interface JoinedProps {
  joined: JoinedTable;
  sides: [SideTable, SideTable];
  versions: [Version, Version];
}

function Joined({ joined, sides, versions }: JoinedProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { columns, counts, nRepeated } = joined;
  const rows = useMemo(() => joined.rows.filter(row => row.change !== 'same'), [joined]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const template = `24px ${columns.map(() => 'minmax(120px, 240px)').join(' ')}`;
  return (
    <>
      <p role="status" className="tabular text-12 text-ink-3">
        {(['changed', 'added', 'removed', 'same'] as const)
          .map(
            change => `${formatInteger(counts[change])} ${change === 'same' ? 'the same' : change}`,
          )
          .join(', ')}
      </p>
      {sides.map(
        (side, place) =>
          side.isCut && (
            <p key={versions[place].version} className="tabular text-12 text-warn">
              of {versions[place].version}, the first {formatInteger(side.rows.length)}
              {side.total !== null && ` of ${formatInteger(side.total)}`} rows are compared
            </p>
          ),
      )}
      {nRepeated > 0 && (
        <p className="tabular text-12 text-warn">
          {formatInteger(nRepeated)} rows have a key that an earlier one has: they are left out
        </p>
      )}
      {rows.length > 0 && (
        <div
          ref={scroller}
          role="table"
          aria-label="Rows that differ"
          aria-rowcount={rows.length + 1}
          // Scrollable by keyboard.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          className="mt-1 max-h-[28rem] overflow-auto border-y border-line"
        >
          <div role="rowgroup" className="sticky top-0 z-10 w-max min-w-full bg-bg">
            <div
              role="row"
              className="grid h-7 items-center border-b border-line text-12 text-ink-2"
              style={{ gridTemplateColumns: template }}
            >
              <span role="columnheader">
                <span className="sr-only">Change</span>
              </span>
              {columns.map(column => (
                <span key={column} role="columnheader" className="truncate px-2">
                  {column}
                </span>
              ))}
            </div>
          </div>
          <div
            role="rowgroup"
            className="relative w-max min-w-full"
            style={{ height: virtual.getTotalSize() }}
          >
            {virtual.getVirtualItems().map(item => {
              const row = rows[item.index];
              return (
                <div
                  key={row.key}
                  role="row"
                  aria-rowindex={item.index + 2}
                  className="absolute inset-x-0 grid items-center border-b border-line hover:bg-surface"
                  style={{ top: item.start, height: ROW, gridTemplateColumns: template }}
                >
                  <span role="cell">
                    <ChangeSign change={row.change} />
                  </span>
                  {columns.map((column, place) => (
                    <span key={column} role="cell" className="tabular truncate px-2">
                      {row.differing.has(place) ? (
                        <Change from={row.left?.[place]} to={row.right?.[place]} />
                      ) : (
                        <span
                          className={cx(row.change === 'removed' && 'text-ink-3 line-through')}
                          title={cellText((row.right ?? row.left)?.[place])}
                        >
                          {cellText((row.right ?? row.left)?.[place])}
                        </span>
                      )}
                    </span>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      )}
    </>
  );
}

function Change({ from, to }: { from: Json | undefined; to: Json | undefined }) {
  const [before, after] = [cellText(from) || 'empty', cellText(to) || 'empty'];
  return (
    <span title={`${before} → ${after}`}>
      <del className="rounded-[2px] bg-removed">{before}</del>{' '}
      <ins className="rounded-[2px] bg-added no-underline">{after}</ins>
    </span>
  );
}
