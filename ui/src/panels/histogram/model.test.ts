import { expect, it } from 'vitest';
import type { Json } from '~/api/schema';
import { readHistogram, toHeatMap } from './model';

it('reads explicit and packed edges', () => {
  expect(readHistogram(3, { _type: 'histogram', values: [1, 2], bins: [0, 1, 2] })?.edges).toEqual([
    0, 1, 2,
  ]);
  expect(
    readHistogram(3, {
      _type: 'histogram',
      values: [1, 2],
      packedBins: { min: -1, size: 0.5, count: 2 },
    })?.edges,
  ).toEqual([-1, -0.5, 0]);
});

it.each<Json>([
  null,
  'text',
  { _type: 'histogram' },
  { _type: 'histogram', values: [1], bins: [0] },
  { _type: 'histogram', values: ['NaN'], bins: [0, 1] },
])('refuses %j', value => expect(readHistogram(0, value)).toBeNull());

it('shares counts out over one grid', () => {
  const map = toHeatMap(
    [
      { step: 0, counts: [4], edges: [0, 2] },
      { step: 5, counts: [1, 3], edges: [0, 2, 4] },
    ],
    4,
  );
  expect(map?.steps).toEqual([0, 5]);
  expect(Array.from(map?.cells ?? [], cell => Number(cell.toFixed(2)))).toEqual([
    1, 1, 0, 0, 0.25, 0.25, 0.75, 0.75,
  ]);
});
