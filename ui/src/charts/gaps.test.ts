import { expect, it } from 'vitest';
import { rawColumns } from './fixtures';
import { strokes } from './gaps';

const steady = Array.from({ length: 20 }, (_, index) => index);

it('draws a steady curve in one stroke', () => {
  expect(strokes(rawColumns(steady, steady))).toEqual([[0, 20]]);
});

it('breaks where steps are missing', () => {
  const xs = steady.map(x => (x < 10 ? x : x + 40));
  expect(strokes(rawColumns(xs, steady))).toEqual([
    [0, 10],
    [10, 20],
  ]);
});

it('breaks at NaN and at infinity', () => {
  const ys = steady.map(y => (y === 4 ? Number.NaN : y === 9 ? Number.POSITIVE_INFINITY : y));
  expect(strokes(rawColumns(steady, ys))).toEqual([
    [0, 4],
    [5, 9],
    [10, 20],
  ]);
});

it('joins a key that is logged rarely but evenly', () => {
  expect(
    strokes(
      rawColumns(
        steady.map(x => x * 500),
        steady,
      ),
    ),
  ).toHaveLength(1);
});
