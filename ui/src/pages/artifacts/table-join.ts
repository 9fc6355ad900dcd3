import type { Json, TableRows } from '~/api/schema';

export interface SideTable {
  columns: string[];
  rows: Json[][];
  /** There are more rows than are here; how many in all, if that is known. */
  isCut: boolean;
  total: number | null;
}

export interface JoinedRow {
  key: string;
  change: 'added' | 'removed' | 'changed' | 'same';
  left: Json[] | null;
  right: Json[] | null;
  /** Columns of the joined table whose cells differ. */
  differing: Set<number>;
}

export interface JoinedTable {
  /** Columns of both, those of the left first. Cells of a side stand in this order. */
  columns: string[];
  rows: JoinedRow[];
  counts: Record<JoinedRow['change'], number>;
  /** Keys that several rows of a side have: of these only the first is joined. */
  nRepeated: number;
}

/** Pages of a table as one. Lines of JSON have the members of their page alone for columns. */
export function toSideTable(pages: TableRows[]): SideTable {
  const columns = [...new Set(pages.flatMap(page => page.columns.map(column => column.name)))];
  const rows = pages.flatMap(page => {
    const names = page.columns.map(column => column.name);
    const places = columns.map(column => names.indexOf(column));
    return page.items.map(row => places.map(place => row[place] ?? null));
  });
  const last = pages.at(-1);
  return { columns, rows, isCut: last?.has_more ?? false, total: last?.total ?? null };
}

const text = (cell: Json | undefined): string => JSON.stringify(cell ?? null);

/** Rows by key, in the order of the columns asked for. */
function index(table: SideTable, key: string, columns: string[]) {
  const places = columns.map(column => table.columns.indexOf(column));
  const at = table.columns.indexOf(key);
  const rows = new Map<string, Json[]>();
  let nRepeated = 0;
  for (const row of table.rows) {
    const name = text(row[at]);
    if (rows.has(name)) nRepeated += 1;
    else
      rows.set(
        name,
        places.map(place => (place === -1 ? null : (row[place] ?? null))),
      );
  }
  return { rows, nRepeated };
}

/** Joins two tables by a column that both have. Rows are in the order of the right table, removed ones last. */
export function joinTables(left: SideTable, right: SideTable, key: string): JoinedTable {
  const columns = [...new Set([...left.columns, ...right.columns])];
  const [before, after] = [index(left, key, columns), index(right, key, columns)];
  const counts = { added: 0, removed: 0, changed: 0, same: 0 };
  const rows: JoinedRow[] = [];
  const add = (name: string, old: Json[] | null, now: Json[] | null): void => {
    const differing = new Set(
      old && now ? [...columns.keys()].filter(place => text(old[place]) !== text(now[place])) : [],
    );
    const change = !old ? 'added' : !now ? 'removed' : differing.size > 0 ? 'changed' : 'same';
    counts[change] += 1;
    rows.push({ key: name, change, left: old, right: now, differing });
  };
  for (const [name, row] of after.rows) add(name, before.rows.get(name) ?? null, row);
  for (const [name, row] of before.rows) if (!after.rows.has(name)) add(name, row, null);
  return { columns, rows, counts, nRepeated: before.nRepeated + after.nRepeated };
}

/** Columns that both have; first those whose cells tell the rows of both apart. */
export function keyColumns(left: SideTable, right: SideTable): string[] {
  const shared = left.columns.filter(column => right.columns.includes(column));
  const isUnique = (table: SideTable, column: string): boolean => {
    const at = table.columns.indexOf(column);
    return new Set(table.rows.map(row => text(row[at]))).size === table.rows.length;
  };
  const unique = shared.filter(column => isUnique(left, column) && isUnique(right, column));
  return [...unique, ...shared.filter(column => !unique.includes(column))];
}
