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
