import { expect, it } from 'vitest';
import { markDifferences, type Piece } from './marks';

const shown = (pieces: Piece[]): string =>
  pieces.map(({ text, differs }) => (differs ? `[${text}]` : text)).join('');
const marked = (left: string, right: string): string[] => {
  const marks = markDifferences(left, right);
  return [shown(marks.left), shown(marks.right)];
};

it('marks single characters', () => {
  expect(marked('CPython 3.12.4', 'CPython 3.12.7')).toEqual([
    'CPython 3.12.[4]',
    'CPython 3.12.[7]',
  ]);
  expect(marked('seed 17', 'seed 17 --amp')).toEqual(['seed 17', 'seed 17[ --amp]']);
});

it('marks nothing of what is the same', () => {
  expect(marked('adamw', 'adamw')).toEqual(['adamw', 'adamw']);
  expect(marked('', '')).toEqual(['', '']);
});

it('marks texts as a whole that have little in common', () => {
  expect(marked('adamw', 'lion')).toEqual(['[adamw]', '[lion]']);
  expect(marked('', 'lion')).toEqual(['', '[lion]']);
});

it.each([300, 3000, 30_000])('gives back %i characters whole, and soon', length => {
  const left = 'lorem ipsum '.repeat(length / 12);
  const right = left.replaceAll('ipsum', 'dolor');
  const marks = markDifferences(left, right);
  expect(marks.left.map(piece => piece.text).join('')).toBe(left);
  expect(marks.right.map(piece => piece.text).join('')).toBe(right);
});
