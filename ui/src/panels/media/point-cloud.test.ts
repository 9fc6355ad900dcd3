import { expect, it } from 'vitest';
import type { Json } from '~/api/schema';
import { boundsOf, boxEdges, projector, readPointCloud } from './point-cloud';

it('reads plain, classed and coloured points, leaving out nonsense', () => {
  const cloud = readPointCloud([
    [0, 1, 2],
    [3, 4, 5, 1],
    [6, 7, 8, 255, 0, 16],
    [1, 2],
    'x',
    ['NaN', 1, 2],
  ]);
  expect(cloud?.count).toBe(3);
  expect([...(cloud?.positions ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(cloud?.colors[0]).toBe(-1);
  expect(cloud?.colors[2]).toBe(0xff0010);
});

it('reads boxes and vectors', () => {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map(bits => [bits & 1, (bits >> 1) & 1, bits >> 2]);
  const cloud = readPointCloud({
    type: 'lidar/beta',
    points: [],
    boxes: [{ corners, label: 'car', color: [0, 255, 0] }, { corners: [[0, 0, 0]] }],
    vectors: [{ start: [0, 0, 0], end: [1, 1, 1] }],
  });
  expect(cloud?.segments).toHaveLength(13);
  expect(cloud?.segments[0].color).toBe(0x00ff00);
});

it.each<Json>([null, 7, 'text', {}, [], { points: 'no' }])('reads nothing from %j', value =>
  expect(readPointCloud(value)).toBeNull(),
);

it('finds the edges of a long box whatever the order of its corners', () => {
  const corners = [7, 2, 4, 1, 0, 6, 3, 5].map(bits => [
    (bits & 1) * 10,
    (bits >> 1) & 1,
    (bits >> 2) * 2,
  ]);
  const edges = boxEdges(corners);
  expect(edges).toHaveLength(12);
  for (const [a, b] of edges)
    expect(corners[a].filter((part, axis) => part !== corners[b][axis])).toHaveLength(1);
});

it('puts the middle into the middle and what is higher above it', () => {
  const positions = new Float32Array([0, 0, 0, 2, 2, 2, 1, 1, 1, 1, 1, 2]);
  const cloud = { count: 4, positions, colors: new Int32Array(4), segments: [] };
  const project = projector(boundsOf(cloud), { turn: 0.4, lift: 0.3, zoom: 1 }, 200, 100);
  const out = new Float64Array(3);
  project(positions, 6, out);
  expect([out[0], out[1]]).toEqual([100, 50]);
  project(positions, 9, out);
  expect(out[1]).toBeLessThan(50);
});
