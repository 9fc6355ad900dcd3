import { expect, it } from 'vitest';
import { rawColumns } from './fixtures';
import { spikeThreshold } from './spikes';

const folded = (extents: number[]) => {
  const columns = rawColumns(
    extents.map((_, index) => index),
    extents.map(() => 0),
  );
  columns.count.fill(128);
  columns.max.set(extents);
  return columns;
};

it('tells the spike from the noise', () => {
  const extents = [1, 1.2, 0.9, 1.1, 40, 1];
  const threshold = spikeThreshold(folded(extents));
  expect(extents.filter(extent => extent > threshold)).toEqual([40]);
});

it('finds a spike on a flat curve', () => {
  expect(spikeThreshold(folded([0, 0, 0, 5, 0]))).toBe(0);
});

it('leaves curves of single rows alone', () => {
  expect(spikeThreshold(rawColumns([0, 1], [0, 9]))).toBe(Number.POSITIVE_INFINITY);
});
