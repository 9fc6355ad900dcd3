import { expect, it } from 'vitest';
import { makeAxis, type AxisValue } from './axes';
import { between, nearestLine, placeLines, type ParallelLine, type Placing } from './lines';

const line = (id: string, ...values: AxisValue[]): ParallelLine => ({
  id,
  name: id,
  href: `/${id}`,
  values,
});
const lines = [line('a', 0, 3), line('b', 5, 1), line('c', 10, 2), line('d', 10, null)];

function placing(change: Partial<Placing> = {}, flip = false): Placing {
  const axes = [0, 1].map(index =>
    makeAxis(
      String(index),
      lines.map(({ values }) => values[index]),
      { flip: flip && index === 1 },
    ),
  );
  return { axes, brushes: [], colorBy: 1, isLowBest: true, ...change };
}

const order = (at: Placing) => placeLines(lines, at).map(placed => placed.line.id);

it('draws the best on top and what has no value below', () => {
  expect(order(placing())).toEqual(['d', 'a', 'c', 'b']);
  expect(order(placing({ isLowBest: false }))).toEqual(['d', 'b', 'c', 'a']);
  expect(order(placing({}, true))).toEqual(['d', 'a', 'c', 'b']);
});

it('shades from 0 to 1, the best strongest, whichever way the axis stands', () => {
  for (const flip of [false, true]) {
    const shades = placeLines(lines, placing({}, flip)).map(({ shade }) => shade);
    expect(shades).toEqual([null, 0, 0.5, 1]);
  }
});

it('draws what a brush leaves out first, and says so', () => {
  const placed = placeLines(lines, placing({ brushes: [[4, 11], undefined] }));
  expect(placed.map(({ isLit }) => isLit)).toEqual([false, true, true, true]);
  expect(placed[0].line.id).toBe('a');
  const both = placeLines(
    lines,
    placing({
      brushes: [
        [4, 11],
        [0, 1.5],
      ],
    }),
  );
  expect(both.filter(({ isLit }) => isLit).map(({ line }) => line.id)).toEqual(['b']);
});

it('is level at both axes', () => {
  expect([0, 0.001, 0.5, 1].map(at => Number(between(0, 1, at).toFixed(4)))).toEqual([
    0, 0, 0.5, 1,
  ]);
});

it('finds the line under the pointer', () => {
  const placed = placeLines(lines, placing());
  const found = (x: number, y: number) => nearestLine(placed, x, y, 0.05)?.line.id;
  expect(found(0, 0.02)).toBe('a');
  expect(found(0, 0.25)).toBeUndefined();
  expect(found(1, 0.5)).toBe('c');
  // Both end there; the one on top is meant.
  expect(found(0, 1)).toBe('c');
  expect(found(1.2, 1)).toBe('a');
  expect(nearestLine([], 0, 0, 1)).toBeNull();
});

it('leaves unlit lines alone', () => {
  const placed = placeLines(lines, placing({ brushes: [[4, 11], undefined] }));
  expect(nearestLine(placed, 0, 0, 0.05)).toBeNull();
});
