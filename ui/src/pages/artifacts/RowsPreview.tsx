import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { artifactQueries, ROWS_PAGE } from '~/api/artifact-queries';
import { toCell } from '~/table/model';
import { TableView } from '~/table/TableView';
import { IconButton } from '~/ui/Button';
import { CutNote, EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { formatInteger } from '~/util/format';
import { isSeparated } from './tables';
import type { TableRows } from '~/api/schema';
import type { VersionRef } from '~/api/client';

/** A table file of a version, a thousand rows at a time. */
export function RowsPreview({ version, path }: { version: VersionRef; path: string }) {
  const [from, setFrom] = useState(0);
  const { data, error, refetch } = useQuery(artifactQueries.rows(version, path, from));
  const table = useMemo(
    () =>
      data && {
        columns: data.columns.map(column => column.name),
        rows: isSeparated(path) ? data.items.map(row => row.map(toCell)) : data.items,
      },
    [data, path],
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data || !table) return <SkeletonRows rows={10} />;
  if (table.columns.length === 0) return <EmptyState title="This table is empty" />;
  return (
    <div className="flex min-h-0 flex-1 flex-col p-3">
      {(data.from > 0 || data.has_more) && <Pager rows={data} onMove={setFrom} />}
      {data.columns.length < data.n_columns && (
        <CutNote
          note={`only the first ${formatInteger(data.columns.length)} of ${formatInteger(data.n_columns)} columns are shown`}
          className="pb-2"
        />
      )}
      <TableView table={table} owner={version} label={path} />
    </div>
  );
}

function Pager({ rows, onMove }: { rows: TableRows; onMove: (from: number) => void }) {
  const { from, items, total, has_more: hasMore } = rows;
  const last = total === null ? null : Math.floor(Math.max(0, total - 1) / ROWS_PAGE) * ROWS_PAGE;
  return (
    <nav aria-label="Rows" className="flex items-center gap-1 pb-2">
      <IconButton
        label="Previous rows"
        disabled={from === 0}
        onClick={() => onMove(Math.max(0, from - ROWS_PAGE))}
      >
        <ChevronLeft aria-hidden />
      </IconButton>
      <span role="status" className="tabular">
        rows {formatInteger(from + 1)}–{formatInteger(from + items.length)}
        {total !== null && ` of ${formatInteger(total)}`}
      </span>
      <IconButton label="Next rows" disabled={!hasMore} onClick={() => onMove(from + items.length)}>
        <ChevronRight aria-hidden />
      </IconButton>
      <label className="ml-2 flex items-center gap-1.5 text-12 text-ink-3">
        <span className="max-sm:sr-only">from row</span>
        <input
          type="number"
          min={1}
          max={total ?? undefined}
          defaultValue={from + 1}
          key={from}
          onKeyDown={event => {
            const row = Number(event.currentTarget.value);
            if (event.key !== 'Enter' || !Number.isInteger(row) || row < 1) return;
            onMove(Math.min(row - 1, last ?? row - 1));
          }}
          className="h-6 w-24 rounded-sm border border-line-strong bg-bg px-1.5 text-ink"
        />
      </label>
      <span className="ml-auto text-12 text-ink-3 max-sm:hidden">
        search and order are of these rows
      </span>
    </nav>
  );
}
