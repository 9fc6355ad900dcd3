import { expect, it } from 'vitest';
import { readRunSearch, readWorkspaceSearch } from './search';

it('keeps what it knows and drops the rest', () => {
  expect(
    readWorkspaceSearch({ q: 'otter', smooth: 0.6, x: 'runtime', evil: 1, hide: 'a', none: 'yes' }),
  ).toEqual({
    q: 'otter',
    smooth: 0.6,
    x: 'runtime',
    hide: ['a'],
  });
});

it('refuses values out of range', () => {
  expect(readWorkspaceSearch({ smooth: 7 })).toEqual({});
  expect(readRunSearch({ tab: 'nonsense', line: -3 })).toEqual({});
});

it('reads panels that were added, and no nonsense', () => {
  const plots = [['log(loss)'], ['a', 'b', 'c', 'd', 'e'], [], 'x', [{}]];
  expect(readRunSearch({ plots })).toEqual({ plots: [['log(loss)'], ['a', 'b', 'c', 'd']] });
  expect(readWorkspaceSearch({ plots: 'log(loss)' })).toEqual({});
});

it('reads groups and how they are drawn; what is default is left out', () => {
  expect(readWorkspaceSearch({ group: 'config:lr', gline: 'median', gband: 'minmax' })).toEqual({
    group: ['config:lr'],
    gline: 'median',
  });
  expect(readWorkspaceSearch({ gband: 'wide' })).toEqual({});
});

it('reads numbers that are names', () => {
  expect(readWorkspaceSearch({ q: 42, show: [7, 'b'] })).toEqual({ q: '42', show: ['7', 'b'] });
});
