import { expect, it } from 'vitest';
import { shareOut } from './quick-hits';

const group = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);

it('shows everything in order while there is room', () => {
  expect(shareOut([group('p', 2), [], group('a', 1)], 30, 5)).toEqual(['p0', 'p1', 'a0']);
});

it('keeps places for groups behind a long one, and no more than they fill', () => {
  const shown = shareOut([group('p', 1), group('r', 300), group('a', 2), group('c', 9)], 10, 3);
  expect(shown).toEqual(['p0', 'r0', 'r1', 'r2', 'r3', 'a0', 'a1', 'c0', 'c1', 'c2']);
});

it('never shows more than there is room for', () => {
  const groups = Array.from({ length: 8 }, (_, index) => group(String(index), 9));
  expect(shareOut(groups, 10, 3)).toHaveLength(10);
});
