import { expect, it } from 'vitest';
import { toYaml } from './yaml';

it('writes nested values in block style and quotes what would change type', () => {
  const value = {
    lr: 0.01,
    name: 'adam w',
    flag: 'yes',
    text: 'a: b',
    list: [1, { x: null }],
    empty: {},
  };
  expect(toYaml(value)).toMatchInlineSnapshot(`
    "lr: 0.01
    name: adam w
    flag: "yes"
    text: "a: b"
    list:
      - 1
      -
        x: null
    empty: {}
    "
  `);
});

it('writes small and large numbers so that every reader takes them for numbers', () => {
  expect(toYaml([1e-7, -2e-9, 1.5e-8, 1e21, 0.00001])).toBe(
    '- 1.0e-7\n- -2.0e-9\n- 1.5e-8\n- 1.0e+21\n- 0.00001\n',
  );
});
