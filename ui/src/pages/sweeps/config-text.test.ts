import { expect, it } from 'vitest';
import { readableConfig } from './config-text';

it('keeps YAML as it was given', () => {
  const text = '# tuned by hand\nmethod: grid\n';
  expect(readableConfig(text)).toBe(text);
  expect(readableConfig('{method: grid}')).toBe('{method: grid}');
});

it('puts JSON on lines and leaves its numbers alone', () => {
  const text = readableConfig('{"parameters":{"x":{"min":0.0,"max":1}}}');
  // An engine that cannot keep numbers as written keeps the whole text.
  const expected =
    'rawJSON' in JSON
      ? '{\n  "parameters": {\n    "x": {\n      "min": 0.0,\n      "max": 1\n    }\n  }\n}\n'
      : '{"parameters":{"x":{"min":0.0,"max":1}}}';
  expect(text).toBe(expected);
});
