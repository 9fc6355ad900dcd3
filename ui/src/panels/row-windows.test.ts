import { expect, it } from 'vitest';
import type { HistoryRow } from '~/api/schema';
import {
  newestWindows,
  stepBeside,
  windowAt,
  windowsAround,
  type Extent,
  type StepWindow,
} from './row-windows';

const row = (step: number): HistoryRow => ({ step, runtime: null, time: null, values: {} });
/** 50,000 rows, one every 10 steps. */
const long: Extent = { count: 50_000, first: 0, last: 499_990 };

it('asks for a short key whole', () => {
  expect(windowAt({ count: 1000, first: 0, last: 9e6 }, 5)).toBeNull();
  expect(windowAt({ count: 5000, first: null, last: null }, 5)).toBeNull();
});

it('reaches every step of a long run with windows of no more than a page', () => {
  const steps = [0, 123_456, 499_990];
  const windows = steps.map(step => windowAt(long, step) as StepWindow);
  windows.forEach((window, index) => {
    expect(window.min).toBeLessThanOrEqual(steps[index]);
    expect(window.max).toBeGreaterThanOrEqual(steps[index]);
    expect((window.max - window.min + 1) / 10).toBeLessThanOrEqual(1000);
  });
  expect(windowAt(long, 1e9)).toEqual(windows[2]);
});

it('keeps its windows while a run grows evenly', () => {
  const grown = { count: 60_000, first: 0, last: 599_990 };
  expect(windowAt(grown, 123_456)).toEqual(windowAt(long, 123_456));
});

it('asks for the neighbours once it knows what stood at the step', () => {
  const here = windowAt(long, 20_000) as StepWindow;
  expect(windowsAround(long, 20_000, () => undefined)).toEqual([here]);
  const around = windowsAround(long, 20_000, window => [row(window.min)]);
  expect(around.map(window => window.min)).toEqual([here.min - 8192, here.min, here.min + 8192]);
});

it('goes back over empty windows to the newest row up to the step', () => {
  const rowsOf = (window: StepWindow): HistoryRow[] => (window.min === 0 ? [row(7)] : []);
  const around = windowsAround(long, 40_000, rowsOf);
  expect(around.map(window => window.min)).toEqual([0, 8192, 16_384, 24_576, 32_768, 40_960]);
});

it('takes the newest windows where not all are wanted', () => {
  const windows = newestWindows(long, 3);
  expect(windows).toHaveLength(3);
  expect(windows[2]).toEqual(windowAt(long, 499_990));
  expect(newestWindows({ count: 9, first: 0, last: 9 }, 3)).toEqual([]);
});

it('steps to the next row, and to the edge of what is loaded', () => {
  const range = {
    known: [10, 20, 900],
    loaded: { min: 0, max: 99 },
    all: { min: 0, max: 5000 },
  };
  expect(stepBeside(range, 10, 1)).toBe(20);
  expect(stepBeside(range, 20, -1)).toBe(10);
  // 900 is another run's: this one may have rows before it.
  expect(stepBeside(range, 20, 1)).toBe(100);
  expect(stepBeside(range, 10, -1)).toBe(10);
});
