import type { Json } from '~/api/schema';

/** A logged table: rows of cells under named columns. */
export interface TableData {
  columns: string[];
  rows: Json[][];
  /** Rows of the file, where they are more than are here. */
  nRows?: number;
}

const MAX_ROWS = 200_000;

/** Reads a table file; throws with the reason when it is none. */
export function readTable(value: Json): TableData {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Error('the file holds no table');
  const { columns, data } = value;
  if (!Array.isArray(columns) || !Array.isArray(data))
    throw new Error('the file holds no `columns` and `data`');
  return {
    columns: columns.map(String),
    ...(data.length > MAX_ROWS ? { nRows: data.length } : {}),
    rows: data.slice(0, MAX_ROWS).map(row => (Array.isArray(row) ? row : [row])),
  };
}

/** What a cell of separated text stands for: a number if it reads as one. */
export function toCell(cell: Json): Json {
  if (typeof cell !== 'string' || cell.trim() === '') return cell;
  return Number.isNaN(Number(cell)) ? cell : Number(cell);
}

export interface Sort {
  column: number;
  descending: boolean;
}

/** The text by which a cell is searched. */
export function cellText(cell: Json | undefined): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

/** The number of a cell, non-finite ones included; null when it is none. */
export function cellNumber(cell: Json | undefined): number | null {
  if (typeof cell === 'number') return cell;
  if (cell === 'NaN') return Number.NaN;
  if (cell === 'Infinity') return Number.POSITIVE_INFINITY;
  return cell === '-Infinity' ? Number.NEGATIVE_INFINITY : null;
}

/** Whether a column holds numbers, judged by its first cells. */
export function isNumeric(table: TableData, column: number): boolean {
  const cells = table.rows.slice(0, 50).map(row => row[column] ?? null);
  const filled = cells.filter(cell => cell !== null);
  return filled.length > 0 && filled.every(cell => cellNumber(cell) !== null);
}

/** Rows that hold the text, sorted; empty cells and NaN stand last whichever way it sorts. */
export function arrange(table: TableData, search: string, sort: Sort | null): Json[][] {
  const needle = search.trim().toLowerCase();
  const found = needle
    ? table.rows.filter(row => row.some(cell => cellText(cell).toLowerCase().includes(needle)))
    : table.rows;
  if (!sort) return found;
  const direction = sort.descending ? -1 : 1;
  return found.toSorted((a, b) => compareCells(a[sort.column], b[sort.column], direction));
}

function compareCells(a: Json | undefined, b: Json | undefined, direction: number): number {
  const [numberA, numberB] = [cellNumber(a), cellNumber(b)];
  const isLast = (cell: Json | undefined, number: number | null): boolean =>
    cell === null || cell === undefined || (number !== null && Number.isNaN(number));
  const [lastA, lastB] = [isLast(a, numberA), isLast(b, numberB)];
  if (lastA || lastB) return Number(lastA) - Number(lastB);
  if (numberA !== null && numberB !== null)
    return (numberA < numberB ? -1 : numberA > numberB ? 1 : 0) * direction;
  return cellText(a).localeCompare(cellText(b)) * direction;
}
