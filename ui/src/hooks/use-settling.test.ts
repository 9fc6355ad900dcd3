import { expect, it } from 'vitest';
import { HandedOn } from './use-settling';

function handedOn(...values: string[]) {
  const handed = new HandedOn<string>();
  values.forEach(value => handed.add(value));
  return handed;
}

it('waits for the last value that was handed on', () => {
  const handed = handedOn('/-3', '/-3\\d');
  expect(handed.isCaughtUpBy('/-3')).toBe(false);
  expect(handed.isCaughtUpBy('/-3\\d')).toBe(true);
});

it('takes values that were passed over as arrived', () => {
  expect(handedOn('a', 'ab', 'abc').isCaughtUpBy('abc')).toBe(true);
});

it('gives way to a value of somebody else', () => {
  const handed = handedOn('a', 'ab');
  expect(handed.isCaughtUpBy('undone')).toBe(true);
  expect(handed.isCaughtUpBy('ab')).toBe(true);
});
