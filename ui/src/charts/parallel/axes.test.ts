import { expect, it } from 'vitest';
import {
  axisTicks,
  brushBetween,
  brushStretches,
  makeAxis,
  NONE_PLACE,
  numberAt,
  passes,
  placeOf,
  type NumberAxis,
} from './axes';

const places = (axis: ReturnType<typeof makeAxis>, values: Parameters<typeof placeOf>[1][]) =>
  values.map(value => Number(placeOf(axis, value).toFixed(4)));

it('puts numbers between the least and the greatest', () => {
  const axis = makeAxis('x', [2, 4, 10]);
  expect(places(axis, [2, 4, 10])).toEqual([0, 0.25, 1]);
  expect(places(makeAxis('x', [2, 4, 10], { flip: true }), [2, 4, 10])).toEqual([1, 0.75, 0]);
});

it('takes a log axis for values over many decades, unless told otherwise', () => {
  const values = [1e-5, 1e-3, 1e-1];
  expect(places(makeAxis('lr', values), values)).toEqual([0, 0.5, 1]);
  expect(makeAxis('lr', values, { log: false })).toMatchObject({ log: false, canLog: true });
  expect(makeAxis('lr', [1, 2], {}, true)).toMatchObject({ log: true });
  expect(makeAxis('lr', [0, 1e-3, 10], { log: true })).toMatchObject({ log: false, canLog: false });
});

it('puts one value in the middle', () => {
  expect(places(makeAxis('x', [5]), [5])).toEqual([0.5]);
  expect(places(makeAxis('x', [0]), [0])).toEqual([0.5]);
  expect(places(makeAxis('x', [5], {}, true), [5])).toEqual([0.5]);
  expect(places(makeAxis('x', ['sgd']), ['sgd'])).toEqual([0.5]);
});

it('lets lines without a value meet below', () => {
  const axis = makeAxis('loss', [1, null, Number.NaN, Number.POSITIVE_INFINITY, 3]);
  expect(axis.hasNone).toBe(true);
  expect(places(axis, [null, Number.NaN, 3])).toEqual([NONE_PLACE, NONE_PLACE, 1]);
  expect(axisTicks(axis, 200).at(-1)).toEqual({ place: NONE_PLACE, label: 'none' });
});

it('takes anything but numbers for categories, read from the top down', () => {
  const axis = makeAxis('optimizer', ['sgd', 'adam', true, 'sgd', null]);
  expect(axis).toMatchObject({ kind: 'category', categories: ['true', 'sgd', 'adam'] });
  expect(places(axis, ['adam', 'sgd', true])).toEqual([1, 0.5, 0]);
  const numerals = makeAxis('size', ['8', '128', '64']);
  expect(numerals).toMatchObject({ categories: ['8', '64', '128'] });
});

it('has no values at all', () => {
  const axis = makeAxis('loss', [null, null]);
  expect(places(axis, [null])).toEqual([NONE_PLACE]);
  expect(axisTicks(axis, 200)).toEqual([{ place: NONE_PLACE, label: 'none' }]);
});

it.each([{}, { flip: true }, { log: true }, { log: true, flip: true }])(
  'finds the number at a place with %j',
  choice => {
    const axis = makeAxis('x', [1, 10, 50, 100], choice) as NumberAxis;
    for (const value of [1, 10, 73, 100])
      expect(numberAt(axis, placeOf(axis, value))).toBeCloseTo(value);
  },
);

it('brushes numbers', () => {
  const axis = makeAxis('x', [0, 5, 10]);
  const brush = brushBetween(axis, 0.8, 0.45)!;
  expect(brush).toEqual([4.5, 8]);
  expect([0, 5, 8, 10, null].map(value => passes(axis, brush, value))).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
  expect(brushStretches(axis, brush)[0].map(place => Number(place.toFixed(6)))).toEqual([
    0.45, 0.8,
  ]);
  expect(brushBetween(axis, -0.3, -0.05)).toBeNull();
  expect(brushBetween(axis, -1, 0.5)).toEqual([0, 5]);
});

it('brushes categories', () => {
  const axis = makeAxis('optimizer', ['adam', 'lion', 'sgd']);
  const brush = brushBetween(axis, 0.4, 1.1)!;
  expect(brush).toEqual(['lion', 'adam']);
  expect(['adam', 'sgd', null].map(value => passes(axis, brush, value))).toEqual([
    true,
    false,
    false,
  ]);
  expect(brushBetween(axis, -0.1, 1.1)).toBeNull();
  expect(brushStretches(axis, ['lion', 'gone'])).toHaveLength(1);
});

it('ticks few values where they are, and many at round numbers', () => {
  const labels = (values: number[], height = 240) =>
    axisTicks(makeAxis('x', values), height).map(({ label }) => label);
  expect(labels([16, 32, 64, 256])).toEqual(['16', '32', '64', '256']);
  // 16 and 32 of 4,096 are too close to be told apart.
  expect(labels([16, 32, 2048, 4096], 100)).toEqual(['16', '2048', '4096']);
  const many = Array.from({ length: 50 }, (_, index) => index / 49);
  expect(labels(many)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  expect(labels(many.map(value => 10 ** (-5 + 4 * value)))).toEqual([
    '1e-5',
    '0.0001',
    '0.001',
    '0.01',
    '0.1',
  ]);
});
