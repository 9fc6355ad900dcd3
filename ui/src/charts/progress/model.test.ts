import { expect, it } from 'vitest';
import { bestPoint, bestSoFar, shownPoints, wantsLog, type ProgressPoint } from './model';

const point = (x: number, value: number | null, isLive = false): ProgressPoint => ({
  id: `r${x}`,
  name: `run ${x}`,
  href: '/',
  x,
  value,
  isLive,
});

it('steps down where a lower value is reached', () => {
  const points = [point(3, 2), point(1, 5), point(2, 6), point(4, 2), point(5, 1)];
  expect(bestSoFar(points, true)).toEqual([
    { x: 1, value: 5 },
    { x: 3, value: 2 },
    { x: 5, value: 1 },
  ]);
  expect(bestPoint(points, true)?.id).toBe('r5');
});

it('steps up where a higher value is better', () => {
  const points = [point(1, 5), point(2, 6), point(3, 2)];
  expect(bestSoFar(points, false).map(({ value }) => value)).toEqual([5, 6]);
  expect(bestPoint(points, false)?.id).toBe('r2');
});

it('leaves out what has no value, and does not count what still runs', () => {
  const points = [point(1, null), point(2, Number.NaN), point(3, 0.1, true), point(4, 3)];
  expect(shownPoints(points).map(({ x }) => x)).toEqual([3, 4]);
  expect(bestSoFar(points, true)).toEqual([{ x: 4, value: 3 }]);
});

it('takes the better of two at the same time', () => {
  expect(bestSoFar([point(1, 5), point(1, 4)], true)).toEqual([{ x: 1, value: 4 }]);
});

it('has no best of nothing', () => {
  expect(bestSoFar([], true)).toEqual([]);
  expect(bestPoint([point(1, null)], true)).toBeNull();
});

it('asks for a log axis over many decades only', () => {
  expect(wantsLog([1e-4, 1])).toBe(true);
  expect(wantsLog([0.1, 1])).toBe(false);
  expect(wantsLog([0, 1e5])).toBe(false);
  expect(wantsLog([])).toBe(false);
});
