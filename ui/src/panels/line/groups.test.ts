import { expect, it } from 'vitest';
import { rawColumns } from '~/charts/fixtures';
import { groupColumns, type GroupBand } from './groups';

const f = (...values: number[]) => Float64Array.from(values);
const columns = {
  ...rawColumns([0, 1], [2, 5]),
  min: f(0, 5),
  max: f(7, 5),
  group: {
    n: Uint32Array.from([3, 1]),
    median: f(1.5, 5),
    sd: f(2, Number.NaN),
    se: f(1, Number.NaN),
    ciLow: f(-2.3, Number.NaN),
    ciHigh: f(6.3, Number.NaN),
  },
};

it.each<[GroupBand, number[], number[]]>([
  ['minmax', [0, 5], [7, 5]],
  ['sd', [0, 5], [4, 5]],
  ['se', [1, 5], [3, 5]],
  ['ci95', [-2.3, 5], [6.3, 5]],
  ['none', [2, 5], [2, 5]],
])('draws %s, as thin as the line where one member has no deviation', (band, min, max) => {
  const drawn = groupColumns(columns, { line: 'mean', band });
  expect([...drawn.min]).toEqual(min);
  expect([...drawn.max]).toEqual(max);
});

it('draws the median with deviations round the mean', () => {
  const drawn = groupColumns(columns, { line: 'median', band: 'sd' });
  expect([...drawn.mean]).toEqual([1.5, 5]);
  expect([drawn.min[0], drawn.max[0]]).toEqual([0, 4]);
});

it('leaves single runs alone', () => {
  const run = rawColumns([0], [1]);
  expect(groupColumns(run, { line: 'median', band: 'sd' })).toBe(run);
});
