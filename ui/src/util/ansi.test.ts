import { expect, it } from 'vitest';
import { parseAnsi, stripAnsi } from './ansi';

it('maps colours to the theme and ends them at reset', () => {
  const spans = parseAnsi('a \u001b[31mred\u001b[0m b');
  expect(spans.map(span => [span.text, span.color])).toEqual([
    ['a ', null],
    ['red', 'var(--ansi-1)'],
    [' b', null],
  ]);
});

it('reads 256 and true colours', () => {
  expect(parseAnsi('\u001b[38;5;196mx')[0].color).toBe('rgb(255 0 0)');
  expect(parseAnsi('\u001b[38;2;1;2;3mx')[0].color).toBe('rgb(1 2 3)');
});

it('keeps the last state of a progress bar and drops cursor movements', () => {
  expect(stripAnsi('10%\r50%\r100%\u001b[K')).toBe('100%');
});

it('survives nonsense', () => {
  expect(stripAnsi('\u001b[38;5mtext\u001b[99999m!')).toBe('text!');
});
