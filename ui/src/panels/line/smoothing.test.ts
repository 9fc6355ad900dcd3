import { expect, it } from 'vitest';
import { choosing, fitting, readSmoothing, smootherOf, smoothingOf } from './smoothing';

it('reads what the address says, and nothing from nonsense', () => {
  expect(readSmoothing({ smooth: 0.6 })).toEqual({ smooth: 0.6, smoother: undefined });
  expect(readSmoothing({ smooth: 40, smoother: 'gaussian' })).toEqual({
    smooth: 40,
    smoother: 'gaussian',
  });
  // A weight of 40 has no meaning, nor has a kind nobody knows.
  expect(readSmoothing({ smooth: 40, smoother: 'ema' }).smooth).toBeUndefined();
  expect(readSmoothing({ smooth: 0.5, smoother: 'magic' })).toEqual({
    smooth: 0.5,
    smoother: undefined,
  });
  expect(readSmoothing({ smooth: '0.5' }).smooth).toBeUndefined();
});

it('keeps the weight between kinds that have one, and takes a usual value else', () => {
  expect(choosing('ema', { smooth: 0.8 })).toEqual({ smooth: 0.8, smoother: 'ema' });
  expect(choosing('running_mean', { smooth: 0.8 })).toEqual({
    smooth: 10,
    smoother: 'running_mean',
  });
  expect(choosing('time_weighted_ema', { smooth: 10, smoother: 'running_mean' })).toEqual({
    smooth: 0.6,
    smoother: undefined,
  });
  expect(choosing('ema', {}).smooth).toBe(0.6);
});

it('takes a window in whole points', () => {
  expect(fitting(smootherOf('running_mean'), 12.4)).toBe(12);
  expect(fitting(smootherOf('gaussian'), 2.5)).toBe(2.5);
  expect(fitting(smootherOf('ema'), 7)).toBe(0.999);
});

it('asks for nothing at 0', () => {
  expect(smoothingOf({ smoother: 'ema' })).toBeNull();
  expect(smoothingOf({ smooth: 0.3 })).toEqual({ kind: 'time_weighted_ema', parameter: 0.3 });
});
