import { useMemo } from 'react';
import type { RunRef } from '~/api/client';
import type { TableData } from '~/table/model';
import { TableView } from '~/table/TableView';
import { Ticks } from '~/ui/Ticks';

export interface TableInsteadProps {
  /** Why there is no chart. */
  reason: string;
  /** The tables of the runs, by their names. */
  tables: { run: string; table: TableData }[];
  /** The run whose files the cells may name. */
  runRef: RunRef;
  label: string;
}

/** What a chart would have shown, as the table it was to be drawn from. */
export function TableInstead({ reason, tables, runRef, label }: TableInsteadProps) {
  const joined = useMemo(() => joinTables(tables), [tables]);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-1">
      <p
        role="status"
        title={reason}
        className="line-clamp-3 shrink-0 text-12 [overflow-wrap:anywhere] text-warn"
      >
        <Ticks text={`${reason}; this is its table`} />
      </p>
      <TableView table={joined} owner={runRef} label={label} />
    </div>
  );
}

/** One table under another; of several runs each row names its own. */
export function joinTables(tables: TableInsteadProps['tables']): TableData {
  if (tables.length === 1) return tables[0].table;
  const columns = [...new Set(tables.flatMap(({ table }) => table.columns))];
  const rows = tables.flatMap(({ run, table }) => {
    const places = columns.map(column => table.columns.indexOf(column));
    return table.rows.map(row => [run, ...places.map(place => row[place] ?? null)]);
  });
  return { columns: ['run', ...columns], rows };
}
