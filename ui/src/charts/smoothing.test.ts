import { expect, it } from 'vitest';
import { rawColumns } from './fixtures';
import { smooth } from './smoothing';

const xs = Array.from({ length: 200 }, (_, index) => index);
const noisy = xs.map(x => Math.sin(x / 20) + (x % 2 ? 0.3 : -0.3));

it('leaves a constant as it is', () => {
  const smoothed = smooth(
    rawColumns(
      xs,
      xs.map(() => 4),
    ),
    0.9,
    199,
  );
  expect(smoothed.every(value => Math.abs(value - 4) < 1e-12)).toBe(true);
});

it('returns the values themselves at weight 0', () => {
  expect(Array.from(smooth(rawColumns(xs, noisy), 0, 199))).toEqual(noisy);
});

it('passes over NaN without spreading it', () => {
  const smoothed = smooth(rawColumns([0, 1, 2], [1, Number.NaN, 1]), 0.5, 2);
  expect(Array.from(smoothed)).toEqual([1, Number.NaN, 1]);
});

it('draws the same curve zoomed as whole, given what came before', () => {
  const whole = rawColumns(xs, noisy);
  const zoomed = rawColumns(xs.slice(100), noisy.slice(100));
  const expected = smooth(whole, 0.9, 199).slice(100);
  const actual = smooth(zoomed, 0.9, 199, whole);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index], 12));
});
