import { expect, it } from 'vitest';
import type { ChartLine } from './draw-lines';
import { rawColumns } from './fixtures';
import { readAt } from './nearest';

const line = (id: string, xs: number[], ys: number[]): ChartLine => ({
  id,
  name: id,
  color: '#000',
  columns: rawColumns(xs, ys),
  smoothed: null,
  curve: null,
});

it('reads the nearest point of each curve, highest first', () => {
  const readings = readAt(
    [line('a', [0, 10, 20], [1, 2, 3]), line('b', [0, 10, 20], [5, 6, 7])],
    11,
    2,
  );
  expect(readings.map(reading => [reading.line.id, reading.value])).toEqual([
    ['b', 6],
    ['a', 2],
  ]);
});

it('tells the smoothed value, found by its x, and the raw one', () => {
  const smoothed = rawColumns([10, 20], [2.5, 2.75]);
  const both = { ...line('a', [0, 10, 20], [1, 2, 3]), smoothed };
  expect(readAt([both], 19, 2)[0]).toMatchObject({ value: 2.75, raw: 3 });
  expect(readAt([line('a', [0, 10, 20], [1, 2, 3])], 19, 2)[0]).toMatchObject({
    value: 3,
    raw: null,
  });
});

it('leaves out curves that end before', () => {
  expect(readAt([line('a', [0, 1, 2], [1, 2, 3])], 50, 2)).toEqual([]);
});

it('skips NaN', () => {
  expect(readAt([line('a', [0, 1, 2], [1, Number.NaN, 3])], 1.2, 1)[0].value).toBe(3);
});

it('reads a sparse curve between its points, but not beyond its end', () => {
  const sparse = line(
    'a',
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
    Array.from({ length: 10 }, () => 1),
  );
  expect(readAt([sparse], 44, 1)).toHaveLength(1);
  expect(readAt([sparse], 94, 1)).toHaveLength(0);
});
