import { expect, it } from 'vitest';
import { edges, sweep } from './fixtures';
import { layOut, settle, type Layout } from './layout';
import { curveThrough, reachOf } from './paths';

const GAPS = { layer: 40, row: 10 };

function place(...texts: string[]): Layout {
  const given = edges(...texts);
  const ids = [...new Set(given.flatMap(({ from, to }) => [from, to]))];
  const nodes = ids.map(id => ({ id, width: 100, height: 30, firstLayer: 0 }));
  return layOut(nodes, given, GAPS);
}

/** Whether no two nodes of a layer overlap. */
function isApart({ layers, places }: Layout): boolean {
  return layers.every(layer =>
    layer.every(
      (id, at) => at === 0 || places.get(id)!.y - places.get(layer[at - 1])!.y >= 40 - 1e-6,
    ),
  );
}

it('puts what comes of something to its right', () => {
  const { layers, places } = place('a>b', 'b>c', 'a>c', 'c>d');
  expect(layers).toEqual([['a'], ['b'], ['c'], ['d']]);
  expect(['a', 'b', 'c', 'd'].map(id => places.get(id)!.x)).toEqual([50, 190, 330, 470]);
});

it('leads long edges round what stands between', () => {
  const layout = place('a>b', 'b>c', 'a>c');
  expect(layout.routes[2]).toHaveLength(4);
  const b = layout.places.get('b')!;
  expect(Math.abs(layout.routes[2][1].y - b.y)).toBeGreaterThanOrEqual(15);
});

it('puts a late source right before its use', () => {
  expect(place('a>b', 'b>c', 'late>c').layers).toEqual([
    ['a'],
    expect.arrayContaining(['b', 'late']),
    ['c'],
  ]);
});

it('undoes crossings', () => {
  const { layers } = place('a>x', 'b>y', 'c>z', 'b>p', 'c>q', 'a>r');
  const parent: Record<string, string> = { x: 'a', r: 'a', y: 'b', p: 'b', z: 'c', q: 'c' };
  const owners = layers[1].map(id => layers[0].indexOf(parent[id]));
  expect(owners).toEqual(owners.toSorted());
});

it('draws a circle, with the edge that closes it led back', () => {
  const { layers, routes } = place('a>b', 'b>a');
  expect(layers).toEqual([['a'], ['b']]);
  expect(routes[1][0].x).toBeGreaterThan(routes[1].at(-1)!.x);
});

it('places nothing, and single nodes', () => {
  expect(layOut([], [], GAPS)).toMatchObject({ width: 0, height: 0 });
  const alone = layOut([{ id: 'a', width: 10, height: 10, firstLayer: 0 }], [], GAPS);
  expect(alone.places.get('a')).toEqual({ x: 5, y: 5 });
});

it('places thousands of nodes, none over another', () => {
  const sweeps = Array.from({ length: 20 }, (_, index) => sweep(`d${index}`, 50));
  const all = sweeps.flatMap(({ edges }) => edges);
  const ids = [...new Set(all.flatMap(({ from, to }) => [from, to]))];
  const layout = layOut(
    ids.map(id => ({ id, width: 100, height: 30, firstLayer: 0 })),
    all,
    GAPS,
  );
  expect(layout.places.size).toBe(2020);
  expect(isApart(layout)).toBe(true);
});

it('splits a layer that is much taller than a window, and leads edges through', () => {
  const texts = Array.from({ length: 100 }, (_, index) => [`a>m${index}`, `m${index}>z`]).flat();
  const layout = place(...texts);
  expect(layout.layers.map(layer => layer.length)).toEqual([1, 20, 20, 20, 20, 20, 1]);
  expect(layout.height).toBeLessThan(20 * 40 + 400);
  expect(isApart(layout)).toBe(true);
  expect(layout.routes.every(route => route.length >= 2)).toBe(true);
});

it('settles as near as may be to the wishes', () => {
  expect(settle([0, 100], [10, 10])).toEqual([0, 100]);
  expect(settle([50, 50, 50], [10, 10, 10])).toEqual([40, 50, 60]);
  expect(settle([20, 0], [10, 10])).toEqual([5, 15]);
});

it('finds everything up and down from a node, but not beside it', () => {
  const graph = edges('a>r', 'b>r', 'r>m', 'a>s', 'm>e');
  expect([...reachOf('r', graph)].toSorted()).toEqual(['a', 'b', 'e', 'm', 'r']);
});

it('draws level lines straight', () => {
  expect(
    curveThrough([
      { x: 0, y: 5 },
      { x: 10, y: 5 },
    ]),
  ).toBe('M0 5H10');
  expect(
    curveThrough([
      { x: 0, y: 0 },
      { x: 10, y: 8 },
    ]),
  ).toBe('M0 0C5 0 5 8 10 8');
});
