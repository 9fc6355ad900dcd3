import { expect, it } from 'vitest';
import { parseExpression, parsePattern } from './pattern';

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
