import { expect, it } from 'vitest';
import type { ProjectKey, RunKey } from '~/api/schema';
import {
  buildSections,
  historyPanels,
  missedNote,
  plotPanels,
  probeNote,
  systemPanels,
} from './sections';

const key = (
  name: string,
  kinds: string[] = ['number'],
  more: Partial<ProjectKey> = {},
): ProjectKey => ({
  name,
  label: name,
  kinds,
  n_runs: 1,
  count: 1,
  step_metric: null,
  hidden: false,
  goal: null,
  ...more,
});

const names = (search = '') => {
  const panels = [
    ...historyPanels([
      key('train/loss'),
      key('lr'),
      key('layer/10/norm'),
      key('layer/9/norm'),
      key('_step'),
      key('note', ['string']),
      key('samples', ['image-file']),
      key('secret', ['number'], { hidden: true }),
    ]),
    ...systemPanels([
      { ...key('system.cpu'), first_step: 0, last_step: 0, min: 0, max: 0, last: 0 } as RunKey,
    ]),
  ];
  return buildSections(panels, search).map(section => [
    section.name,
    section.panels.map(panel => panel.label),
  ]);
};

it('makes a section of each first prefix, the plain keys first and the system last', () => {
  expect(names()).toEqual([
    ['Charts', ['lr', 'samples']],
    ['layer', ['layer/9/norm', 'layer/10/norm']],
    ['train', ['train/loss']],
    ['system', ['cpu']],
  ]);
});

it('searches panels by expression', () => {
  expect(names('^l(r|ayer/9)').flatMap(([, labels]) => labels)).toEqual(['lr', 'layer/9/norm']);
});

it('shows a custom chart in place of its table', () => {
  const chart = { definition: 'wandb/line/v0', fields: {}, strings: {}, table_key: 'roc_table' };
  const panels = historyPanels([key('roc_table', ['table-file'])], { roc: chart });
  expect(panels.map(panel => [panel.kind, panel.key])).toEqual([['custom', 'roc']]);
});

it('puts panels that were added first', () => {
  const panels = [...historyPanels([key('a/b'), key('lr')]), ...plotPanels([['a / b', 'lr']])];
  expect(buildSections(panels).map(({ name }) => name)).toEqual(['Added panels', 'Charts', 'a']);
});

it('says whose the panels are that only some runs were asked for', () => {
  const curves = historyPanels([key('lr')]);
  const charts = historyPanels([], { pr: { table_key: 't' } as never });
  const some = { asked: 6, of: 1250 };
  expect(probeNote(charts, some)).toBe('custom charts of the first 6 of 1,250 runs');
  expect(probeNote(curves, some)).toBeNull();
  expect(missedNote([...curves, ...charts], some)).toBe(
    'no system metrics in the first 6 of 1,250 runs; others were not asked',
  );
  const all = { asked: 3, of: 3 };
  expect([probeNote(charts, all), missedNote(curves, all)]).toEqual([null, null]);
  expect([probeNote(charts, null), missedNote(curves, null)]).toEqual([null, null]);
});
