import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { FileOwner } from '~/api/client';
import type { Json } from '~/api/schema';
import { MediaTile } from '~/panels/media/MediaTile';
import { readMedia } from '~/panels/media/model';
import { SearchField } from '~/ui/Field';
import { cx } from '~/util/class-names';
import { CutNote } from '~/ui/States';
import { cutNote, formatInteger } from '~/util/format';
import { arrange, cellNumber, cellText, isNumeric, type Sort, type TableData } from './model';

const ROW = 28;
const MEDIA_ROW = 84;
const NOTHING_OFF = new Set<string>();

export interface TableViewProps {
  table: TableData;
  owner: FileOwner;
  label: string;
}

/** A table that sorts, searches and draws only the rows in sight. */
export function TableView({ table, owner, label }: TableViewProps) {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => arrange(table, search, sort), [table, search, sort]);
  const columns = useMemo(() => describeColumns(table), [table]);
  const rowHeight = columns.some(column => column.media) ? MEDIA_ROW : ROW;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  const template = columns.map(column => `${column.width}px`).join(' ');
  const sortBy = (column: number) =>
    setSort(old =>
      old?.column !== column
        ? { column, descending: false }
        : old.descending
          ? null
          : { column, descending: true },
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-2 pb-1">
        <SearchField label="Search rows" value={search} onChange={setSearch} className="w-48" />
        <span className="tabular ml-auto text-12 text-ink-3">
          {rows.length === table.rows.length
            ? `${formatInteger(rows.length)} rows`
            : `${formatInteger(rows.length)} of ${formatInteger(table.rows.length)} rows`}
        </span>
      </div>
      {table.nRows && <CutNote note={cutNote('first', table.rows.length, table.nRows)} />}
      <div
        ref={scroller}
        role="table"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        // Scrollable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto border-t border-line"
      >
        <div role="rowgroup" className="sticky top-0 z-10 w-max min-w-full bg-bg">
          <div
            role="row"
            className="grid border-b border-line"
            style={{ gridTemplateColumns: template }}
          >
            {columns.map((column, index) => (
              <div
                key={`${column.name}-${index}`}
                role="columnheader"
                aria-sort={
                  sort?.column === index ? (sort.descending ? 'descending' : 'ascending') : 'none'
                }
              >
                <button
                  type="button"
                  onClick={() => sortBy(index)}
                  className={cx(
                    'flex h-7 w-full items-center gap-1 px-2 text-12 text-ink-2 hover:bg-hover',
                    column.numeric && 'justify-end',
                  )}
                >
                  <span className="truncate">{column.name}</span>
                  {sort?.column === index &&
                    (sort.descending ? (
                      <ArrowDown className="size-3" aria-hidden />
                    ) : (
                      <ArrowUp className="size-3" aria-hidden />
                    ))}
                </button>
              </div>
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          className="relative w-max min-w-full"
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map(item => (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className="absolute inset-x-0 grid items-center border-b border-line hover:bg-surface"
              style={{ top: item.start, height: rowHeight, gridTemplateColumns: template }}
            >
              {columns.map((column, index) => (
                <Cell
                  key={`${column.name}-${index}`}
                  cell={rows[item.index][index]}
                  owner={owner}
                  numeric={column.numeric}
                />
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

interface ColumnLook {
  name: string;
  numeric: boolean;
  media: boolean;
  width: number;
}

function describeColumns(table: TableData): ColumnLook[] {
  return table.columns.map((name, index) => {
    const cells = table.rows.slice(0, 50).map(row => row[index]);
    const media = cells.some(cell => readMedia(cell).length > 0);
    const longest = Math.max(
      name.length + 2,
      ...cells.map(cell => (media ? 0 : cellText(cell).length)),
    );
    return {
      name,
      numeric: isNumeric(table, index),
      media,
      width: media ? 128 : Math.min(320, Math.max(64, longest * 7.6 + 20)),
    };
  });
}

function Cell({
  cell,
  owner,
  numeric,
}: {
  cell: Json | undefined;
  owner: FileOwner;
  numeric: boolean;
}) {
  const media = readMedia(cell);
  if (media.length > 0) {
    return (
      <div role="cell" className="h-20 min-w-0 overflow-hidden px-2 py-1">
        <MediaTile owner={owner} item={media[0]} off={NOTHING_OFF} onOpen={() => undefined} small />
      </div>
    );
  }
  const number = cellNumber(cell);
  const full = cellText(cell);
  const text = number !== null && numeric ? String(Number(number.toPrecision(6))) : full;
  return (
    <div
      role="cell"
      title={full}
      className={cx(
        'truncate px-2',
        numeric && 'tabular text-right',
        cell === null && 'text-ink-3',
      )}
    >
      {text}
    </div>
  );
}
