import { expect, it } from 'vitest';
import type { CustomChart, JsonObject } from '~/api/schema';
import { chartRows, distinctNames, parseDefinition, substitute, withData } from './model';
import { presetSpec } from './presets';

const chart: CustomChart = {
  definition: 'wandb/line/v0',
  fields: { x: 'a.b', y: 'loss', stroke: null },
  strings: { title: 'Loss' },
  table_key: 't',
};

it('substitutes fields and strings, escaping what Vega reads as a path', () => {
  const spec = {
    title: '${string:title}',
    x: { field: '${field:x}' },
    gone: '[${field:none}]',
    n: 1,
  };
  expect(substitute(spec, chart)).toEqual({
    title: 'Loss',
    x: { field: 'a\\.b' },
    gone: '[]',
    n: 1,
  });
});

it('draws the shipped charts with our own specs', () => {
  expect(presetSpec(chart, [{ name: 'otter', color: '#000' }])).toMatchObject({
    mark: 'line',
    encoding: { y: { field: 'loss' } },
    title: 'Loss',
  });
  expect(presetSpec({ ...chart, definition: 'ada/own' }, [])).toBeNull();
});

it('draws every chart that the client library names', () => {
  const shipped = [
    'area-under-curve/v0 bar/v0 confusion_matrix/v1 histogram/v0 line/v0 lineseries/v0 scatter/v0',
    'calibration/v1 class_proportions/v1 decision_boundaries/v1 elbow/v1 feature_importances/v1',
    'learning_curve/v1 metrics/v1 outliers/v1 residuals_plot/v1 silhouette_/v1',
  ].flatMap(names => names.split(' '));
  for (const name of shipped)
    expect(presetSpec({ ...chart, definition: `wandb/${name}` }, []), name).not.toBeNull();
});

it('finds the columns of a confusion matrix that names no fields', () => {
  const bare = { ...chart, definition: 'wandb/confusion_matrix/v1', fields: {} };
  expect(JSON.stringify(presetSpec(bare, [{ name: 'otter', color: '#000' }]))).toContain(
    '"field":"Count"',
  );
});

it('tells a definition from what is none', () => {
  expect(parseDefinition('{"mark":"bar"}')).toEqual({ mark: 'bar' });
  expect(['{', '7', 'null', [], null].map(parseDefinition)).toEqual([null, null, null, null, null]);
});

it('names the run in every row', () => {
  const rows = chartRows({ columns: ['x'], rows: [[1], [2]] }, { id: 'r1', name: 'otter' });
  expect(rows[1]).toEqual({ x: 2, run: 'otter', name: 'otter', id: 'r1' });
});

it('fills the data a definition names and leaves the rest', () => {
  const spec: JsonObject = {
    data: [
      { name: 'wandb', url: 'https://evil.example' },
      { name: 'other', source: 'wandb' },
    ],
  };
  expect(JSON.parse(JSON.stringify(withData(spec, [{ x: 1 }]))).data).toEqual([
    { name: 'wandb', values: [{ x: 1 }] },
    { name: 'other', source: 'wandb' },
  ]);
});

it('tells runs of one name apart', () => {
  const runs = [
    { id: 'a', name: 'otter' },
    { id: 'b', name: 'otter' },
    { id: 'c', name: 'wren' },
  ];
  expect([...distinctNames(runs).values()]).toEqual(['otter (a)', 'otter (b)', 'wren']);
});
