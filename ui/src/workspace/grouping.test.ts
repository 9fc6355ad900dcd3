import { expect, it } from 'vitest';
import type { Run } from '~/api/schema';
import { groupChoices, groupRuns } from './grouping';

const run = (id: string, more: Partial<Run>): Run =>
  ({
    id,
    display_name: id,
    tags: [],
    state: 'finished',
    user: 'ada',
    group: null,
    job_type: null,
    config: {},
    ...more,
  }) as unknown as Run;

const RUNS = [
  run('a', { config: { lr: 0.1, model: { depth: 50 } }, tags: ['x', 'y'] }),
  run('b', { config: { lr: 0.1, model: { depth: 18 } }, tags: ['x'] }),
  run('c', { config: { lr: 0.01, model: { depth: 50 }, note: 'hi' }, group: 'g' }),
  run('d', { config: { model: { depth: 50 } } }),
];

const named = (keys: string[]) =>
  groupRuns(RUNS, keys).map(({ name, runs }) => [name, runs.map(({ id }) => id).join('')]);

it('groups by a config key; runs without it are a group of their own', () => {
  expect(named(['config:lr'])).toEqual([
    ['lr 0.01', 'c'],
    ['lr 0.1', 'ab'],
    ['no lr', 'd'],
  ]);
});

it('groups by several keys at once', () => {
  expect(named(['config:lr', 'config:model.depth'])).toEqual([
    ['lr 0.01, model.depth 50', 'c'],
    ['lr 0.1, model.depth 18', 'b'],
    ['lr 0.1, model.depth 50', 'a'],
    ['no lr, model.depth 50', 'd'],
  ]);
});

it('puts a run with two tags into two groups', () => {
  expect(named(['tag'])).toEqual([
    ['tag x', 'ab'],
    ['tag y', 'a'],
    ['no tag', 'cd'],
  ]);
});

it('tells a value from a missing one that reads alike', () => {
  const runs = [run('a', { group: 'null' }), run('b', { group: null })];
  expect(groupRuns(runs, ['group']).map(({ name }) => name)).toEqual(['group null', 'no group']);
});

it('offers only what runs differ in', () => {
  expect(groupChoices(RUNS).map(({ key, count }) => `${key} ${count}`)).toEqual([
    'name 4',
    'tag 3',
    'group 2',
    'config:lr 3',
    'config:model.depth 2',
    'config:note 2',
  ]);
});
