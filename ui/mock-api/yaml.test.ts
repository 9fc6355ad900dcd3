import { expect, it } from 'vitest';
import { toYaml } from '../src/util/yaml';
import { readYaml } from './yaml';

it('reads what the app writes', () => {
  const config = {
    name: 'a: b',
    method: 'bayes',
    run_cap: 50,
    parameters: {
      lr: { min: 1e-7, max: 0.1 },
      optimizer: { values: ['adam', 'yes', null, true, 3] },
      model: { parameters: { depth: { value: 3 } } },
      pairs: { values: [[1, 2], { x: 1 }] },
      nothing: {},
    },
  };
  expect(readYaml(toYaml(config))).toEqual(config);
  expect(readYaml(JSON.stringify(config))).toEqual(config);
});

it('refuses what is no mapping', () => {
  expect(() => readYaml('method')).toThrow('expected `key: value`, found `method`');
});
