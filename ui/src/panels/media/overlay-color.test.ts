import { expect, it } from 'vitest';
import { inkOn } from './overlay-color';

it('writes dark on light and light on dark', () => {
  expect(['#ffffff', '#b98e00', '#233a87', '#000000'].map(inkOn)).toEqual([
    '#000000',
    '#000000',
    '#ffffff',
    '#ffffff',
  ]);
});
