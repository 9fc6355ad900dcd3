import { expect, it } from 'vitest';
import { readSweepSearch, withChoice, withoutBrushes } from './search';

it('reads what it wrote and leaves out the rest', () => {
  const search = {
    axes: { lr: { log: false, brush: [0.1, 0.2] }, optimizer: { flip: true, brush: ['adam'] } },
    off: ['seed'],
    color: 'lr',
    logy: false,
  };
  expect(readSweepSearch({ ...search, unknown: 7 })).toEqual(search);
});

it.each([
  [{ axes: 'lr' }],
  [{ axes: [1] }],
  [{ axes: { lr: null, x: { log: 'yes', flip: 1, brush: 'all' } } }],
  [{ off: 'lr', order: 7, color: {}, logy: 1, bynumber: 'no' }],
])('takes nothing from %j', search => {
  expect(readSweepSearch(search)).toEqual({});
});

it('forgets an axis on which nothing is set', () => {
  const axes = withChoice({ lr: { flip: true } }, 'seed', { brush: [1, 2] });
  expect(axes).toEqual({ lr: { flip: true }, seed: { brush: [1, 2] } });
  expect(withChoice(axes, 'seed', { brush: undefined })).toEqual({ lr: { flip: true } });
  expect(withChoice({ lr: { flip: true } }, 'lr', { flip: undefined })).toBeUndefined();
});

it('clears every brush and nothing else', () => {
  const axes = { lr: { log: true, brush: [1, 2] as [number, number] }, seed: { brush: ['1'] } };
  expect(withoutBrushes(axes)).toEqual({ lr: { log: true } });
  expect(withoutBrushes(undefined)).toBeUndefined();
});
