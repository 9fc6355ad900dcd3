import { expect, it } from 'vitest';
import type { Json } from '~/api/schema';
import { joinTables, keyColumns, toSideTable, type SideTable } from './table-join';

const table = (columns: string[], ...rows: Json[][]): SideTable => ({
  columns,
  rows,
  isCut: false,
  total: rows.length,
});

it('joins rows by key and marks the cells that differ', () => {
  const joined = joinTables(
    table(['id', 'label', 'score'], [1, 'otter', 0.5], [2, 'pine', 0.7], [3, 'wren', 0.1]),
    table(['id', 'score', 'label'], [2, 0.7, 'pine'], [3, 0.2, 'wren'], [4, 0.9, 'comet']),
    'id',
  );
  expect(joined.columns).toEqual(['id', 'label', 'score']);
  expect(joined.rows.map(({ key, change, differing }) => [key, change, ...differing])).toEqual([
    ['2', 'same'],
    ['3', 'changed', 2],
    ['4', 'added'],
    ['1', 'removed'],
  ]);
  expect(joined.counts).toEqual({ added: 1, removed: 1, changed: 1, same: 1 });
});

it('takes a column of one side for empty on the other', () => {
  const joined = joinTables(table(['id'], [1]), table(['id', 'new'], [1, 'x']), 'id');
  expect([...joined.rows[0].differing]).toEqual([1]);
  expect(joined.rows[0].left).toEqual([1, null]);
});

it('counts keys that are there twice, and keeps numbers and texts apart', () => {
  const joined = joinTables(table(['id'], [1], [1], ['1']), table(['id'], [1]), 'id');
  expect(joined.nRepeated).toBe(1);
  expect(joined.counts).toEqual({ added: 0, removed: 1, changed: 0, same: 1 });
});

it('offers keys that tell rows apart first', () => {
  const left = table(['label', 'only', 'id'], ['a', 1, 1], ['a', 2, 2]);
  const right = table(['label', 'id'], ['b', 1], ['b', 2]);
  expect(keyColumns(left, right)).toEqual(['id', 'label']);
});

it('makes one table of pages with columns of their own', () => {
  const page = (columns: string[], items: Json[][]) => ({
    columns: columns.map(name => ({ name, type: 'text' as const })),
    n_columns: columns.length,
    items,
    from: 0,
    total: null,
    has_more: true,
  });
  expect(toSideTable([page(['a', 'b'], [[1, 2]]), page(['c', 'a'], [[3, 4]])])).toEqual({
    columns: ['a', 'b', 'c'],
    rows: [
      [1, 2, null],
      [4, null, 3],
    ],
    isCut: true,
    total: null,
  });
});
