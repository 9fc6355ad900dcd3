import { expect, it } from 'vitest';
import { diffTexts, foldSame, isBinary, type DiffRow } from './text-diff';

const shown = ({ kind, left, right }: DiffRow): string =>
  `${kind} ${left ? `${left.number}:${left.text}` : '-'} | ${right ? `${right.number}:${right.text}` : '-'}`;

it('sets lines side by side', () => {
  const { rows, nAdded, nRemoved } = diffTexts('a\nb\nc\nd\n', 'a\nB\nc\nd\ne\n');
  expect(rows.map(shown)).toEqual([
    'same 1:a | 1:a',
    'changed 2:b | 2:B',
    'same 3:c | 3:c',
    'same 4:d | 4:d',
    'added - | 5:e',
  ]);
  expect([nAdded, nRemoved]).toEqual([2, 1]);
});

it('takes a missing text for an empty one', () => {
  expect(diffTexts('', 'x\ny').rows.map(shown)).toEqual(['added - | 1:x', 'added - | 2:y']);
  expect(diffTexts('x\n', '').rows.map(shown)).toEqual(['removed 1:x | -']);
});

it('does not mind how lines end', () => {
  expect(diffTexts('a\r\nb\r\n', 'a\nb').rows.every(row => row.kind === 'same')).toBe(true);
});

it('gives up on texts that share nothing', () => {
  const text = (letter: string) => Array.from({ length: 9000 }, (_, i) => letter + i).join('\n');
  const { isCut, rows } = diffTexts(text('a'), text('b'));
  expect(isCut).toBe(true);
  expect(rows).toHaveLength(9000);
});

it('tells texts from other content', () => {
  expect(isBinary('naïve 🦦 text\n')).toBe(false);
  expect(isBinary('')).toBe(false);
  expect(isBinary('PNG\0\0')).toBe(true);
  expect(isBinary(new TextDecoder().decode(new Uint8Array([200, 201, 202, 65, 255])))).toBe(true);
});

it('folds what is far from a difference', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const changed = lines.with(10, 'another');
  const folded = foldSame(diffTexts(lines.join('\n'), changed.join('\n')).rows);
  expect(folded.map(row => (row.kind === 'gap' ? row.rows.length : row.kind))).toEqual([
    7,
    ...Array(3).fill('same'),
    'changed',
    ...Array(3).fill('same'),
    6,
  ]);
});
