import { expect, it } from 'vitest';
import { plainJson } from './exact-json';
import { exactObject, objectFault } from './json-fault';

const faultOf = (text: string): string | undefined => objectFault(text)?.message;

it('finds no fault in objects that JSON.parse reads', () => {
  for (const text of [
    '{}',
    ' {"a" : [1, -0.5e+3, true, null, "\\u00e9\\n", {}, []]}\n',
    '{"": {"__proto__": 0}}',
    `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`,
  ]) {
    expect(faultOf(text)).toBeUndefined();
    expect(plainJson(exactObject(text))).toEqual(JSON.parse(text));
  }
});

it('says where a text stops to be JSON, and what was expected there', () => {
  const texts: [string, string][] = [
    ['', 'line 1, column 1: expected an object, which begins with `{`, found the end'],
    ['[1]', 'line 1, column 1: expected an object, which begins with `{`, found `[`'],
    ['{"a": 1,\n  }', 'line 2, column 3: expected a key in double quotes, found `}`'],
    ['{"a": 1\n "b": 2}', 'line 2, column 2: expected `,` or `}`, found `"`'],
    ['{"a" 1}', 'line 1, column 6: expected `:`, found `1`'],
    ['{"a": [1, ]}', 'line 1, column 11: expected a value, found `]`'],
    ['{"a": [1}', 'line 1, column 9: expected `,` or `]`, found `}`'],
    ['{"a": 1', 'line 1, column 8: expected `,` or `}`, found the end'],
    ['{"a": 01}', 'line 1, column 7: expected a value, found `01`'],
    ['{"a": 1} x', 'line 1, column 10: expected nothing behind the last `}`, found `x`'],
    ['{a: 1}', 'line 1, column 2: expected a key in double quotes, found `a`'],
    ['{"a": 🦦}', 'line 1, column 7: expected a value, found `🦦`'],
  ];
  for (const [text, message] of texts) {
    expect(faultOf(text)).toBe(message);
    expect(() => {
      if (text !== '[1]') JSON.parse(text);
      else throw new Error('a list is JSON, and no object');
    }).toThrow();
  }
});

it('says what JSON has for what other languages write', () => {
  expect(faultOf('{"a": None}')).toContain('found `None`: JSON writes `null`');
  expect(faultOf('{"a": -Infinity}')).toContain('`"-Infinity"` is text');
  expect(faultOf("{'a': 1}")).toContain('strings stand in double quotes');
  expect(faultOf('{"a": 1 // one\n}')).toContain('JSON has no comments');
});

it('refuses strings that do not end, keys given twice, and what is nested too deeply', () => {
  expect(objectFault('{"a": "x\n"}')).toEqual({
    message:
      'line 1, column 7: a string is not closed on its line, or has a `\\` that means nothing',
    position: 6,
  });
  expect(faultOf('{"a": "\\d"}')).toContain('a `\\` that means nothing');
  expect(faultOf('{"a": 1, "b": {"a": 1},\n "\\u0061": 2}')).toBe(
    'line 2, column 2: the key `a` is given twice',
  );
  expect(faultOf('{"a":'.repeat(100_000))).toContain('more than 100 levels');
});
