import { expect, it } from 'vitest';
import { logTicks, niceTicks } from './ticks';

it.each([
  [[0, 1], 4, [0, 0.5, 1]],
  [[0, 1], 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [[-3.2, 7.9], 3, [0, 5]],
  [[0.0012, 0.0019], 4, [0.0012, 0.0014, 0.0016, 0.0018]],
] as [[number, number], number, number[]][])('puts round ticks on %j', (range, count, values) => {
  expect(niceTicks(range, count).values).toEqual(values);
});

it('gives a range without width one tick', () => {
  expect(niceTicks([3, 3], 4).values).toEqual([3]);
});

it.each([
  [
    [1e-5, 1e-1],
    [1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
  ],
  [
    [0.01, 0.1],
    [0.01, 0.02, 0.05, 0.1],
  ],
  [
    [0.031, 0.04],
    [0.031, 0.04],
  ],
] as [[number, number], number[]][])('puts decades on %j', (range, values) => {
  expect(logTicks(range)).toEqual(values);
});
