import { expect, it } from 'vitest';
import type { Run } from '~/api/schema';
import { emptyParameter } from './draft';
import { goalFor, likelyMetric, mergeParameters, pastRuns, suggestedParameters } from './start';

const run = (display_name: string, state: Run['state'], tags: string[] = []): Run =>
  ({ display_name, state, tags, group: null }) as unknown as Run;

it('starts from the runs that are meant', () => {
  const runs = [run('a', 'finished'), run('b', 'failed'), run('c', 'finished', ['paper'])];
  const names = (...args: Parameters<typeof pastRuns>) =>
    pastRuns(...args).map(({ display_name }) => display_name);
  expect(names(runs, 'finished', '')).toEqual(['a', 'c']);
  expect(names(runs, 'all', '/[ab]$/')).toEqual(['a', 'b']);
  expect(names(runs, 'finished', 'paper')).toEqual(['c']);
  expect(names(runs, 'none', '')).toEqual([]);
});

it('switches on what varied', () => {
  const item = (name: string, n_distinct: number, parameter: object) => ({
    name,
    n_distinct,
    n_runs: 9,
    parameter: parameter as never,
  });
  const parameters = suggestedParameters({
    n_runs: 9,
    items: [
      item('epochs', 1, { value: 40 }),
      item('data.seed', 9, { distribution: 'int_uniform', min: 1, max: 9 }),
      item('lr', 7, { distribution: 'log_uniform_values', min: 1e-4, max: 0.1 }),
    ],
  });
  expect(parameters).toMatchObject([
    {
      name: 'lr',
      isOn: true,
      kind: 'log_uniform_values',
      min: '0.0001',
      note: '7 values in 9 runs',
    },
    { name: 'epochs', isOn: false, kind: 'constant', value: '40' },
    { name: 'data.seed', isOn: false },
  ]);
});

it('keeps what was edited when other runs suggest other things', () => {
  const named = (name: string, min = '') => ({ ...emptyParameter(name), min });
  const edited = new Map([
    ['lr', named('lr', '7')],
    ['gone', named('gone', '8')],
    ['off', { ...named('off'), isOn: false }],
  ]);
  const merged = mergeParameters([named('lr', '1'), named('depth', '2')], edited, [
    named('own', '9'),
  ]);
  expect(merged.map(({ name, min }) => `${name} ${min}`)).toEqual([
    'lr 7',
    'depth 2',
    'gone 8',
    'own 9',
  ]);
});

it('guesses what is to be optimised', () => {
  expect(likelyMetric(['_step', 'train/loss', 'val/acc', 'val/loss', 'lr'])).toBe('val/loss');
  expect(likelyMetric(['epoch', 'reward'])).toBe('reward');
  expect(likelyMetric(['lr', 'epoch'])).toBe('');
  expect(['val/loss', 'test_error', 'val/acc', 'reward'].map(goalFor)).toEqual([
    'minimize',
    'minimize',
    'maximize',
    'maximize',
  ]);
});
