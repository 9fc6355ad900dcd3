import { expect, it } from 'vitest';
import { rawColumns } from './fixtures';
import { invert, projection, steadyRange, xExtent, yExtent } from './scales';

const columns = rawColumns([0, 1, 2, 3], [2, 10, Number.NaN, 4]);

it('spans what is there and forgets no spike', () => {
  expect(xExtent([columns], false)).toEqual([0, 3]);
  expect(yExtent([columns], [0, 3], false)).toEqual([1.6, 10.4]);
});

it('looks only at the zoomed range', () => {
  expect(yExtent([columns], [2.5, 3], false)?.[1]).toBeLessThan(6);
});

it('leaves zero and negative x off a log axis', () => {
  expect(xExtent([columns], true)).toEqual([1, 3]);
});

it('has no range without finite values', () => {
  expect(yExtent([rawColumns([1], [Number.NaN])], [0, 2], false)).toBeNull();
});

it('keeps the axis still while live data stays inside it', () => {
  expect(steadyRange([0, 108], [0, 105], true)).toEqual([0, 108]);
  expect(steadyRange([0, 108], [0, 110], true)).toEqual([0, 118.8]);
  expect(steadyRange([0, 108], [0, 100], false)).toEqual([0, 100]);
});

it('inverts what it projects', () => {
  const scales = {
    x: [1, 1000] as [number, number],
    y: [0, 1] as [number, number],
    logX: true,
    logY: false,
  };
  const plot = projection(scales, 300, 100);
  expect(plot.x(10)).toBeCloseTo(100);
  expect(invert(scales.x, true, plot.x(10) / 300)).toBeCloseTo(10);
});
