import { expect, it } from 'vitest';
import { parseAnsi } from '~/util/ansi';
import { countMatches, finderOf, markMatches, neighbour } from './console-matches';

it('counts on from page to page, as far as the search has come', () => {
  const full = { lines: [1, 2], found: 100_000, nextFrom: 500_000 };
  expect(countMatches([full])).toEqual({ found: 100_000, isMore: true });
  expect(countMatches([full, { lines: [3], found: 99_999, nextFrom: 500_100 }])).toEqual({
    found: 100_001,
    isMore: true,
  });
  expect(countMatches([full, { lines: [], found: 0, nextFrom: null }])).toEqual({
    found: 2,
    isMore: false,
  });
});

it('walks round the matches', () => {
  const walk = (current: number | null, backwards = false) =>
    neighbour([3, 5, 9], current, backwards, false);
  expect([walk(null), walk(3), walk(4), walk(9)]).toEqual([3, 5, 5, 3]);
  expect([walk(null, true), walk(9, true), walk(4, true), walk(3, true)]).toEqual([9, 5, 3, 9]);
  expect(neighbour([], null, false, true)).toBeNull();
});

it('goes on behind the last match where there are more, and nowhere before the first', () => {
  expect(neighbour([3, 5], 5, false, true)).toBe('more');
  expect(neighbour([3, 5], 3, true, true)).toBeNull();
});

const marked = (line: string, text: string, isPattern = false) =>
  markMatches(parseAnsi(line), finderOf({ text, isPattern })).map(pieces =>
    pieces.map(piece => (piece.isMatch ? `<${piece.text}>` : piece.text)).join(''),
  );

it('marks a text in any case, whatever characters it has', () => {
  expect(marked('Loss (a.b) LOSS', 'loss')).toEqual(['<Loss> (a.b) <LOSS>']);
  expect(marked('a.b axb', 'a.b')).toEqual(['<a.b> axb']);
  expect(marked('a/b-c', 'a/b-c')).toEqual(['<a/b-c>']);
});

it('marks what an expression matches, over changes of colour', () => {
  expect(marked('loss=\u001b[36m0.25\u001b[0m ok', String.raw`s=\d`, true)).toEqual([
    'los<s=>',
    '<0>.25',
    ' ok',
  ]);
  expect(marked('x=\u001b[36mx\u001b[0m', '^x', true)).toEqual(['<x>=', 'x']);
});

it('marks nothing where an expression is none here or matches nothing', () => {
  expect(marked('a(b', '(', true)).toEqual(['a(b']);
  expect(marked('abc', 'x*', true)).toEqual(['abc']);
});
