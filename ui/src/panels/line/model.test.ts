import { expect, it } from 'vitest';
import type { PanelSpec } from '../panel';
import { axisOf, columnsFor, quantitiesOf } from './model';

const panel: PanelSpec = {
  id: 'val/loss',
  kind: 'line',
  stream: 'history',
  key: 'val/loss',
  label: 'val/loss',
  valueKinds: ['number'],
  stepMetric: 'epoch',
};

it('honours the step metric until somebody chooses', () => {
  expect(axisOf(null, panel).axis).toEqual({ kind: 'metric', name: 'epoch' });
  expect(axisOf('step', panel).axis).toEqual({ kind: 'step' });
  expect(axisOf('metric:lr', panel).label).toBe('lr');
  expect(axisOf('expr:lr * 2', panel).axis).toEqual({ kind: 'expression', name: 'lr * 2' });
});

it('draws system metrics over time whatever is chosen', () => {
  const system = { ...panel, stream: 'system' as const };
  expect([null, 'step', 'time'].map(x => axisOf(x, system).id)).toEqual([
    'runtime',
    'runtime',
    'time',
  ]);
});

it('asks for one of few widths', () => {
  expect([300, 512, 700, 9000].map(columnsFor)).toEqual([512, 512, 1024, 4000]);
});

it('draws the key, or the expressions of a panel that was added', () => {
  expect(quantitiesOf(panel)).toEqual([{ kind: 'key', text: 'val/loss' }]);
  const added = { ...panel, curves: ['lr', 'log(lr)'] };
  expect(quantitiesOf(added).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'expression lr',
    'expression log(lr)',
  ]);
  expect(quantitiesOf(added)).toBe(quantitiesOf(added));
});
