import { expect, it } from 'vitest';
import { leafText, treeRows } from './json-rows';

const config = {
  lr: 0.01,
  model: { depth: 50, layers: [1, 2] },
  empty: {},
  data: { root: '/srv' },
};
const lines = (search = '', folded: string[] = []) =>
  treeRows(config, search, new Set(folded)).map(row => `${' '.repeat(row.depth)}${row.name}`);

it('lists branches before their leaves, sorted, short lists on one line', () => {
  expect(lines()).toEqual(['data', ' root', 'empty', 'lr', 'model', ' depth', ' layers']);
});

it('folds', () => {
  expect(lines('', ['model', 'data'])).toEqual(['data', 'empty', 'lr', 'model']);
});

it('finds by path and by value, whatever is folded', () => {
  expect(lines('depth', ['model'])).toEqual(['model', ' depth']);
  expect(lines('/srv$/')).toEqual(['data', ' root']);
});

it('says what a logged object is instead of listing its members', () => {
  const summary = {
    _wandb: { runtime: 9 },
    t: { _type: 'table-file', path: 'x', nrows: 100, ncols: 3 },
  };
  const rows = treeRows(summary, '', new Set());
  expect(rows.map(row => [row.name, leafText(row.leaf ?? null)])).toEqual([
    ['t', 'table-file, 100 rows of 3'],
  ]);
});
