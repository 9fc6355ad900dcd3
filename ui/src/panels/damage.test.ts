import { expect, it } from 'vitest';
import { describeDamage } from './damage';

const damaged = (runs: string[]) =>
  runs.map(run => ({ run, message: `chunk of ${run} is damaged` }));
const nameOf = (run: string) => (run === 'a' ? 'otter' : undefined);

it('says nothing where all runs can be read', () => {
  expect(describeDamage([], nameOf)).toBeNull();
});

it('tells of one run what is wrong with it', () => {
  expect(describeDamage(damaged(['a']), nameOf)?.note).toBe(
    '1 run cannot be read: otter: chunk of a is damaged',
  );
});

it('names a few of several, and tells of each what is wrong beside', () => {
  const told = describeDamage(damaged(['a', 'b', 'c', 'd', 'e']), nameOf);
  expect(told?.note).toBe('5 runs cannot be read: otter, b, c, 2 more');
  expect(told?.details.split('\n')).toHaveLength(5);
  expect(told?.details).toMatch(/^otter: chunk of a is damaged\n/);
});
