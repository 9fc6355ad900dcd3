import { expect, it } from 'vitest';
import { byImportance, correlationMeaning, correlationText } from './model';

it('tells the sign of a correlation', () => {
  expect([0.456, -0.4, 0.001, -0.001, null].map(correlationText)).toEqual([
    '+0.46',
    '−0.40',
    '0.00',
    '0.00',
    'no order',
  ]);
});

it('says what a correlation means', () => {
  const meaning = (correlation: number | null) => correlationMeaning('lr', 'loss', correlation);
  expect(meaning(0.8)).toBe('loss is higher where lr is higher');
  expect(meaning(-0.2)).toBe('loss is somewhat lower where lr is higher');
  expect(meaning(0.05)).toBe('loss hardly follows lr');
  expect(meaning(null)).toBe('the values of lr have no order');
});

it('puts the most important first', () => {
  const item = (label: string, importance: number) => ({
    key: label,
    label,
    importance,
    correlation: null,
  });
  const sorted = byImportance([item('b', 0.1), item('c', 0.8), item('a', 0.1)]);
  expect(sorted.map(({ label }) => label)).toEqual(['c', 'a', 'b']);
});
