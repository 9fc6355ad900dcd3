import { expect, it } from 'vitest';
import type { Trial } from '~/api/sweep-schema';
import {
  bestRow,
  inOrder,
  moved,
  progressParts,
  sortRows,
  sweepColumns,
  trialRows,
  valueAt,
} from './model';

const sweep = {
  parameters: [
    { name: 'lr', distribution: 'log_uniform_values', is_log: true },
    { name: 'model.depth', distribution: 'int_uniform', is_log: false },
    { name: 'seed', distribution: 'constant', is_log: false },
  ],
  objectives: [{ metric: 'val/loss', goal: 'minimize' as const, target: null }],
};

const trial = (number: number, lr: number, value: Trial['values'][0], change = {}): Trial => ({
  number,
  run: null,
  config: { lr, model: { depth: number }, seed: 7 },
  is_prior: false,
  attempt: 1,
  agent: null,
  outcome: 'finished',
  reason: null,
  values: [value],
  issued_at: '2026-01-01T00:00:00Z',
  ended_at: null,
  ...change,
});

it('has a column for each parameter that varies, then for each objective', () => {
  expect(sweepColumns(sweep).map(({ key, log }) => [key, log])).toEqual([
    ['config:lr', true],
    ['config:model.depth', undefined],
    ['metric:val/loss', undefined],
  ]);
  const rows = trialRows(sweep, [trial(1, 0.1, 0.5), trial(2, 0.2, 'NaN'), trial(3, 0.3, null)]);
  expect(rows.map(({ values }) => values)).toEqual([
    [0.1, 1, 0.5],
    [0.2, 2, Number.NaN],
    [0.3, 3, null],
  ]);
});

it('finds nested values, also under keys with dots', () => {
  const config = { a: { b: { c: 1 } }, 'x.y': { z: 2 }, 'p.q': 3, list: [1] };
  expect(
    ['a.b.c', 'x.y.z', 'p.q', 'a.b.d', 'list.0', 'gone'].map(path => valueAt(config, path)),
  ).toEqual([1, 2, 3, undefined, undefined, undefined]);
});

it('keeps what has no value last, whichever way rows are sorted', () => {
  const rows = trialRows(sweep, [
    trial(1, 0.1, null),
    trial(2, 0.2, 3),
    trial(3, 0.3, 'NaN'),
    trial(4, 0.4, 1),
  ]);
  const numbers = (descending: boolean) =>
    sortRows(rows, 2, descending).map(row => row.trial.number);
  expect(numbers(false)).toEqual([4, 2, 1, 3]);
  expect(numbers(true)).toEqual([2, 4, 1, 3]);
});

it('counts as best only what is finite and has ended', () => {
  const rows = trialRows(sweep, [
    trial(1, 0.1, 3),
    trial(2, 0.2, 2),
    trial(3, 0.3, 1, { outcome: 'running' }),
    trial(4, 0.4, '-Infinity'),
    trial(5, 0.5, 'Infinity'),
  ]);
  expect(bestRow(rows, 2, true)?.trial.number).toBe(2);
  expect(bestRow(rows, 2, false)?.trial.number).toBe(1);
  expect(bestRow([], 2, true)).toBeNull();
});

it('tells what became of trials and nothing of what did not happen', () => {
  const counts = {
    total: 12,
    pending: 0,
    running: 3,
    finished: 5,
    stopped: 2,
    failed: 0,
    lost: 1,
    killed: 0,
    prior: 1,
  };
  expect(progressParts(counts).map(({ kind, label }) => `${kind}: ${label}`)).toEqual([
    'finished: 5 finished',
    'finished: 1 from before',
    'stopped: 2 stopped early',
    'failed: 1 lost',
    'running: 3 running',
  ]);
});

it('orders columns as somebody moved them', () => {
  const keys = ['a', 'b', 'c', 'd'];
  expect(moved(keys, 'b', 1)).toEqual(['a', 'c', 'b', 'd']);
  expect(moved(keys, 'a', -1)).toEqual(keys);
  expect(moved(keys, 'd', 5)).toEqual(keys);
  const items = keys.map(key => ({ key }));
  expect(inOrder(items, ['c', 'gone', 'a']).map(({ key }) => key)).toEqual(['c', 'a', 'b', 'd']);
});
