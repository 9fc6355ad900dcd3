import { expect, it } from 'vitest';
import type { Json } from '~/api/schema';
import { arrange, isNumeric, readTable, toCell } from './model';

const table = readTable({
  columns: ['id', 'score', 'label'],
  data: [
    [1, 0.5, 'otter'],
    [2, 'NaN', 'pine'],
    [3, null, 'wren'],
    [4, -1, 'Otter pup'],
  ],
});
const ids = (search: string, sort: Parameters<typeof arrange>[2]) =>
  arrange(table, search, sort).map(row => row[0]);

it('sorts numbers as numbers and keeps the empty last both ways', () => {
  expect(ids('', { column: 1, descending: false })).toEqual([4, 1, 2, 3]);
  expect(ids('', { column: 1, descending: true })).toEqual([1, 4, 2, 3]);
});

it('finds rows by any cell', () => {
  expect(ids('otter', null)).toEqual([1, 4]);
});

it('takes NaN for a number', () => {
  expect([0, 1, 2].map(column => isNumeric(table, column))).toEqual([true, true, false]);
});

it.each<Json>([null, [], {}, { columns: [], data: 'x' }])('refuses %j', value => {
  expect(() => readTable(value)).toThrow();
});

it('reads numbers in separated text', () => {
  expect(['1.5', '-3', '1e4', 'NaN', '', ' ', '7 otters', null].map(toCell)).toEqual([
    1.5,
    -3,
    10_000,
    'NaN',
    '',
    ' ',
    '7 otters',
    null,
  ]);
});
