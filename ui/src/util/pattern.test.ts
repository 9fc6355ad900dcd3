import { expect, it } from 'vitest';
import { parseExpression, parsePattern, serverSearch } from './pattern';

it('matches plain text anywhere, in any case', () => {
  expect(parsePattern('OTTER').matches('brisk-otter-41')).toBe(true);
  expect(parsePattern('o.t').matches('brisk-otter-41')).toBe(false);
});

it('matches an expression between slashes', () => {
  expect(parsePattern('/^brisk.*41$/').matches('brisk-otter-41')).toBe(true);
  expect(parsePattern('/^otter/').matches('brisk-otter-41')).toBe(false);
});

it('says why an expression is refused and hides nothing', () => {
  const pattern = parsePattern('/(/');
  expect(pattern.error).not.toBeNull();
  expect(pattern.matches('anything')).toBe(true);
});

it('reads panel searches as expressions', () => {
  expect(parseExpression('loss|acc').matches('train/acc')).toBe(true);
  expect(parseExpression('loss(').matches('loss(x)')).toBe(true);
});

it.each([
  ['', {}],
  ['loss', { search: 'loss' }],
  ['train/loss', { search: 'train/loss' }],
  ['/loss/', { search: 'loss' }],
  ['^train/(loss|acc)$', { pattern: '(?i)^train/(loss|acc)$' }],
  ['/a.b/i', { pattern: '(?i)a.b' }],
  // Still being typed: the page matches it as text, too.
  ['loss(', { search: 'loss(' }],
])('asks the server for %j', (text, query) => expect(serverSearch(text)).toEqual(query));
