import { expect, it } from 'vitest';
import { plotPanels } from '~/panels/sections';
import { withPlot } from './use-plot-edits';

const PLOTS = [['log(a)'], ['a', 'b']];

it('adds before the others, changes in place, removes', () => {
  const [, second] = plotPanels(PLOTS);
  expect(withPlot(PLOTS, ['c'], null)).toEqual([['c'], ['log(a)'], ['a', 'b']]);
  expect(withPlot(PLOTS, ['c'], second)).toEqual([['log(a)'], ['c']]);
  expect(withPlot(PLOTS, null, second)).toEqual([['log(a)']]);
  expect(withPlot([['a', 'b']], null, second)).toBeUndefined();
});

it('holds no panel twice', () => {
  expect(withPlot(PLOTS, ['a', 'b'], null)).toEqual([['a', 'b'], ['log(a)']]);
});
