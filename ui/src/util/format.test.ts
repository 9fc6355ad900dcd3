import { describe, expect, it } from 'vitest';
import {
  cutNote,
  formatAgo,
  formatBytes,
  formatDuration,
  formatNumber,
  formatTick,
} from './format';

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [7, '7'],
    [-3, '−3'],
    [0.123456, '0.1235'],
    [1234.5678, '1235'],
    [48_210, '48210'],
    [1_234_567, '1.235M'],
    [2.5e-7, '2.5e-7'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ])('%s reads %s', (value, text) => expect(formatNumber(value)).toBe(text));
});

describe('formatTick', () => {
  it('keeps the decimals of neighbours equal', () => {
    expect([0.1, 0.15, 0.2].map(value => formatTick(value, 0.05))).toEqual([
      '0.10',
      '0.15',
      '0.20',
    ]);
  });
  it('writes neighbours alike when they are tiny', () => {
    expect([0.00015, 0.0001, 0.00005].map(value => formatTick(value, 5e-5))).toEqual([
      '1.5e-4',
      '1e-4',
      '5e-5',
    ]);
  });
  it('never rounds neighbours unevenly', () => {
    expect([5.5, 5.75, 6].map(value => formatTick(value, 0.25))).toEqual(['5.50', '5.75', '6.00']);
  });
  it('uses SI suffixes from 10,000 up', () => {
    expect([20_000, 25_000].map(value => formatTick(value, 5000))).toEqual(['20k', '25k']);
  });
});

it('formats durations by their two largest units', () => {
  expect([9, 189, 3840, 190_000].map(formatDuration)).toEqual(['9s', '3m 09s', '1h 04m', '2d 04h']);
});

it('formats bytes in binary units', () => {
  expect([12, 2048, 5_242_880].map(formatBytes)).toEqual(['12 B', '2.0 KiB', '5.0 MiB']);
});

it('formats ages', () => {
  expect([2000, 45_000, 3_700_000, 90_000_000].map(age => formatAgo(0, age))).toEqual([
    'just now',
    '45 s ago',
    '1 h ago',
    'yesterday',
  ]);
});

it('says where a list stops, and nothing of whole ones', () => {
  expect(cutNote('newest', 5000, 12_345)).toBe('only the newest 5,000 of 12,345 are listed');
  expect(cutNote('first', 20_000, null)).toBe('only the first 20,000 are listed');
  expect(cutNote('newest', 7, 7)).toBeNull();
});
