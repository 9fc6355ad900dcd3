import { expect, it } from 'vitest';
import type { Run } from '~/api/schema';
import { selectRuns, showOnly, shownAtFirst, toggleRun } from './run-selection';
import type { WorkspaceSearch } from './search';

const runs = Array.from({ length: 60 }, (_, index) => ({
  id: `r${index}`,
  display_name: `run-${index}`,
  tags: index % 2 ? ['odd'] : [],
  state: index === 3 ? 'failed' : 'finished',
})) as Run[];

const apply = (search: WorkspaceSearch, id: string): WorkspaceSearch => ({
  ...search,
  ...toggleRun(search, id, selectRuns(runs, search).shown.has(id)),
});

it('shows the first runs and lists all', () => {
  const { listed, shown } = selectRuns(runs, {});
  expect([listed.length, shown.size]).toEqual([60, shownAtFirst({})]);
});

it('filters by expression, tags and state together', () => {
  const ids = (search: WorkspaceSearch) => selectRuns(runs, search).listed.map(run => run.id);
  expect(ids({ q: '/^run-5\\d$/', tags: ['odd'] })).toEqual(['r51', 'r53', 'r55', 'r57', 'r59']);
  expect(ids({ states: ['failed'] })).toEqual(['r3']);
});

it('switches a run off and on again and leaves no trace', () => {
  const off = apply({}, 'r1');
  expect(selectRuns(runs, off).shown.has('r1')).toBe(false);
  expect(apply(off, 'r1')).toEqual({});
});

it('switches on a run beyond the first ones', () => {
  expect(selectRuns(runs, apply({}, 'r55')).shown.size).toBe(shownAtFirst({}) + 1);
});

it('shows one alone and adds to it', () => {
  const search = apply(showOnly('r2'), 'r4');
  expect([...selectRuns(runs, search).shown]).toEqual(['r2', 'r4']);
});

it('draws every member of groups, up to what the server takes at once', () => {
  const many = Array.from({ length: 1200 }, (_, index) => ({ ...runs[0], id: `m${index}` }));
  const { shown } = selectRuns(many, { group: ['tag'], hide: ['m3'], show: ['m1100'] });
  expect([shown.size, shown.has('m3'), shown.has('m1100')]).toEqual([1000, false, true]);
  const full = selectRuns(many, { group: ['tag'], show: ['m1100'] }).shown;
  expect([full.size, full.has('m1100')]).toEqual([1000, false]);
});
