import type { HistoryRow } from '~/api/schema';
import { isSafePath } from '../media/model';

export const TABLE_KIND = 'table-file';
const KINDS = new Set([TABLE_KIND, 'incremental-table-file']);

export const isTableKind = (kind: string): boolean => KINDS.has(kind);

export interface LoggedTable {
  step: number;
  path: string;
}

/** The tables logged under a key, oldest first. */
export function loggedTables(rows: HistoryRow[], key: string): LoggedTable[] {
  return rows.flatMap(row => {
    const value = row.values[key];
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
    const { _type: type, path } = value;
    if (
      typeof type !== 'string' ||
      !KINDS.has(type) ||
      typeof path !== 'string' ||
      !isSafePath(path)
    )
      return [];
    return row.step === null ? [] : [{ step: row.step, path }];
  });
}
