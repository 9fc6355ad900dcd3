import { expect, it } from 'vitest';
import {
  draftYaml,
  emptyParameter,
  parameterFault,
  problemsByParameter,
  readList,
  readParameter,
  readScalar,
  type SweepDraft,
} from './draft';

const draft = (change: Partial<SweepDraft> = {}): SweepDraft => ({
  name: '',
  method: 'bayes',
  metric: 'val/loss',
  goal: 'minimize',
  runCap: '50',
  earlyStop: 'none',
  minIter: '',
  program: '',
  parameters: [],
  ...change,
});

it('reads what stands in fields', () => {
  expect(
    ['3', '1e-3', '.5', 'true', 'null', 'adam', '"7"', ' x ', '[1,2]'].map(readScalar),
  ).toEqual([3, 0.001, 0.5, true, null, 'adam', '7', 'x', [1, 2]]);
});

it('reads lists whose members hold commas', () => {
  expect(readList('adam, "a, b", [1, 2], {"x": 1, "y": 2}, 0.5,')).toEqual([
    'adam',
    'a, b',
    [1, 2],
    { x: 1, y: 2 },
    0.5,
  ]);
  expect(readList('')).toEqual([]);
});

it.each([
  [{ value: 'adam' }],
  [{ values: [1, 'two', '3', true, null, 'a, b', [1]] }],
  [{ distribution: 'log_uniform_values', min: 1e-5, max: 0.1 }],
  [{ distribution: 'q_uniform', min: 0, max: 1, q: 0.25 }],
])('edits %j without changing it', spec => {
  const parameter = readParameter('x', spec)!;
  const yaml = draftYaml(draft({ parameters: [parameter] }));
  const again = draftYaml(draft({ parameters: [{ ...parameter, note: 'seen' }] }));
  expect(parameterFault(parameter)).toBeNull();
  expect(yaml).toBe(again);
  expect(yaml.slice(yaml.indexOf('parameters:'))).toMatchSnapshot();
});

it('takes a bare range as the client does', () => {
  expect(readParameter('x', { min: 1, max: 5 })?.kind).toBe('int_uniform');
  expect(readParameter('x', { min: 0.5, max: 5 })?.kind).toBe('uniform');
});

it.each([
  [7],
  [[1]],
  [{ parameters: {} }],
  [{ distribution: 'beta', min: 0, max: 1 }],
  [{ min: 'a' }],
])('leaves %j to the text', spec => {
  expect(readParameter('x', spec)).toBeNull();
});

it('writes a whole config, nested parameters under their first key', () => {
  const parameters = [
    { ...emptyParameter('lr'), kind: 'log_uniform_values' as const, min: '1e-7', max: '.1' },
    { ...emptyParameter('model.depth'), kind: 'int_uniform' as const, min: '2', max: '8' },
    { ...emptyParameter('model.dropout'), min: '0', max: '0.5' },
    { ...emptyParameter('seed'), isOn: false },
  ];
  const yaml = draftYaml(
    draft({ name: 'wide', program: 'train.py', earlyStop: 'hyperband', minIter: '3', parameters }),
  );
  expect(yaml).toMatchInlineSnapshot(`
    "name: wide
    program: train.py
    method: bayes
    metric:
      name: val/loss
      goal: minimize
    run_cap: 50
    early_terminate:
      type: hyperband
      min_iter: 3
    parameters:
      lr:
        distribution: log_uniform_values
        min: 1.0e-7
        max: 0.1
      model:
        parameters:
          depth:
            distribution: int_uniform
            min: 2
            max: 8
          dropout:
            distribution: uniform
            min: 0
            max: 0.5
    "
  `);
});

it('says what is missing', () => {
  expect(parameterFault(emptyParameter('lr'))).toBe('`min` is missing');
  expect(parameterFault({ ...emptyParameter(), min: '1', max: '2' })).toBe('a name is missing');
});

it('puts problems to the parameter that they are about', () => {
  const problems = [
    { path: 'parameters.lr.min', message: 'is above `max`' },
    { path: 'parameters.model.parameters.depth', message: 'is empty' },
    { path: 'metric.name', message: 'is missing' },
    { path: '', message: 'is no mapping' },
  ];
  expect([...problemsByParameter(problems, ['lr', 'model.depth', 'model'])]).toEqual([
    ['lr', ['is above `max`']],
    ['model.depth', ['is empty']],
    ['', ['`metric.name`: is missing', 'is no mapping']],
  ]);
});
