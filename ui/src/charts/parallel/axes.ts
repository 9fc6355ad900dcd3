import { formatNumber, formatTick } from '~/util/format';
import type { Range } from '../scales';
import { logTicks, niceTicks } from '../ticks';

/** A value on an axis; null where a line has none. */
export type AxisValue = number | string | boolean | null;

/** What a person set about an axis; what is absent follows from the values. */
export interface AxisChoice {
  log?: boolean;
  flip?: boolean;
  /** Two numbers, or the categories that are let through. */
  brush?: AxisBrush;
}

export type AxisBrush = [number, number] | string[];

interface AxisBase {
  key: string;
  flip: boolean;
  /** Some lines have no value here; they meet below the axis. */
  hasNone: boolean;
}

export interface NumberAxis extends AxisBase {
  kind: 'number';
  range: Range;
  log: boolean;
  /** Every value is above zero. */
  canLog: boolean;
  /** The distinct values, ascending, if they are few. */
  few: number[] | null;
}

export interface CategoryAxis extends AxisBase {
  kind: 'category';
  /** From the lowest place to the highest. */
  categories: string[];
}

export type ParallelAxis = NumberAxis | CategoryAxis;

/** Where a line without a value crosses an axis; axes go from 0, at their foot, to 1. */
export const NONE_PLACE = -0.12;
/** Values over more decades than these are put on a log axis by themselves. */
const LOG_DECADES = 2.5;
const FEW = 7;

/** The text that a value stands under on an axis of categories. */
export const categoryOf = (value: AxisValue): string | null =>
  value === null ? null : String(value);

const numberOf = (value: AxisValue): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** An axis for values: of numbers if all are numbers, else of categories. `log` is what the values were drawn by. */
export function makeAxis(
  key: string,
  values: AxisValue[],
  choice: AxisChoice = {},
  log?: boolean,
): ParallelAxis {
  const flip = choice.flip ?? false;
  const known = values.filter(value => value !== null);
  if (known.length > 0 && known.every(value => typeof value === 'number'))
    return numberAxis(key, values, flip, choice.log ?? log);
  const names = [...new Set(known.map(String))];
  // The highest is on top, as on an axis of numbers; names are read from the top down.
  const categories = names.every(isNumeral)
    ? names.toSorted((a, b) => Number(a) - Number(b))
    : names.toSorted((a, b) => b.localeCompare(a));
  return { kind: 'category', key, flip, categories, hasNone: known.length < values.length };
}

const isNumeral = (text: string): boolean => text !== '' && !Number.isNaN(Number(text));

function numberAxis(
  key: string,
  values: AxisValue[],
  flip: boolean,
  log: boolean | undefined,
): NumberAxis {
  const numbers = values.map(numberOf).filter(value => value !== null);
  const distinct = [...new Set(numbers)].toSorted((a, b) => a - b);
  const [low, high] = [distinct[0] ?? 0, distinct.at(-1) ?? 1];
  const canLog = numbers.length > 0 && low > 0;
  const isLog = canLog && (log ?? Math.log10(high / low) > LOG_DECADES);
  const room = isLog ? 2 : Math.abs(low) / 10 || 1;
  return {
    kind: 'number',
    key,
    flip,
    hasNone: numbers.length < values.length,
    range: low < high ? [low, high] : isLog ? [low / room, low * room] : [low - room, low + room],
    log: isLog,
    canLog,
    few: distinct.length <= FEW ? distinct : null,
  };
}

/** Where a value lies on its axis: 0 at the foot, 1 on top, `NONE_PLACE` for none. */
export function placeOf(axis: ParallelAxis, value: AxisValue): number {
  const upright = uprightPlace(axis, value);
  return upright === null ? NONE_PLACE : axis.flip ? 1 - upright : upright;
}

function uprightPlace(axis: ParallelAxis, value: AxisValue): number | null {
  if (axis.kind === 'category') {
    const index = axis.categories.indexOf(categoryOf(value) ?? '');
    if (value === null || index < 0) return null;
    return axis.categories.length === 1 ? 0.5 : index / (axis.categories.length - 1);
  }
  const number = numberOf(value);
  if (number === null || (axis.log && number <= 0)) return null;
  const [low, high] = axis.range;
  return axis.log ? Math.log(number / low) / Math.log(high / low) : (number - low) / (high - low);
}

/** The number at a place of an axis. */
export function numberAt(axis: NumberAxis, place: number): number {
  const upright = axis.flip ? 1 - place : place;
  const [low, high] = axis.range;
  return axis.log ? low * (high / low) ** upright : low + (high - low) * upright;
}

/** What lies between two places of an axis; null if that is nothing, or everything. */
export function brushBetween(axis: ParallelAxis, a: number, b: number): AxisBrush | null {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  if (axis.kind === 'category') {
    const inside = axis.categories.filter(category => {
      const place = placeOf(axis, category);
      return place >= low && place <= high;
    });
    return inside.length === 0 || inside.length === axis.categories.length ? null : inside;
  }
  if (high <= 0 || low >= 1) return null;
  const ends = [numberAt(axis, Math.max(0, low)), numberAt(axis, Math.min(1, high))];
  return [Math.min(...ends), Math.max(...ends)];
}

/** The stretches of an axis that a brush covers, each from its lower to its upper place. */
export function brushStretches(axis: ParallelAxis, brush: AxisBrush): [number, number][] {
  if (axis.kind === 'number') {
    if (!isRange(brush)) return [];
    const clamped = brush.map(value => clamp(axis, value));
    const ends = clamped.map(value => placeOf(axis, value));
    return [[Math.min(...ends), Math.max(...ends)]];
  }
  const half = axis.categories.length < 2 ? 0.1 : 0.5 / (axis.categories.length - 1);
  const room = Math.min(half * 0.7, 0.06);
  return brush.flatMap(category => {
    const place = placeOf(axis, String(category));
    return place === NONE_PLACE ? [] : [[place - room, place + room] as [number, number]];
  });
}

const clamp = ({ range: [low, high] }: NumberAxis, value: number): number =>
  Math.min(high, Math.max(low, value));

export const isRange = (brush: AxisBrush): brush is [number, number] =>
  brush.length === 2 && typeof brush[0] === 'number';

/** Whether a brush lets a value through. What has no value never passes. */
export function passes(
  axis: ParallelAxis,
  brush: AxisBrush | undefined,
  value: AxisValue,
): boolean {
  if (!brush) return true;
  if (value === null) return false;
  if (axis.kind === 'category') return (brush as (string | number)[]).includes(String(value));
  if (!isRange(brush)) return true;
  const number = numberOf(value);
  return number !== null && number >= brush[0] && number <= brush[1];
}

export interface AxisTick {
  place: number;
  label: string;
}

/** Ticks of an axis that is `height` pixels high, none closer than `gap` pixels. */
export function axisTicks(axis: ParallelAxis, height: number, gap = 15): AxisTick[] {
  const ticks =
    axis.kind === 'category'
      ? axis.categories.map(label => ({ place: placeOf(axis, label), label }))
      : numberTicks(axis, height);
  const kept = spread(ticks, gap / Math.max(1, height));
  return axis.hasNone ? [...kept, { place: NONE_PLACE, label: 'none' }] : kept;
}

function numberTicks(axis: NumberAxis, height: number): AxisTick[] {
  const tick = (value: number, label: string): AxisTick => ({ place: placeOf(axis, value), label });
  if (axis.few) return axis.few.map(value => tick(value, formatNumber(value)));
  if (axis.log) return logTicks(axis.range).map(value => tick(value, formatNumber(value)));
  const { values, increment } = niceTicks(axis.range, Math.max(2, Math.floor(height / 48)));
  return values.map(value => tick(value, formatTick(value, increment)));
}

/** Leaves out ticks that would stand too close; the ends are the last to go. */
function spread(ticks: AxisTick[], gap: number): AxisTick[] {
  const sorted = ticks.toSorted((a, b) => a.place - b.place);
  const kept: AxisTick[] = [];
  for (const tick of sorted) {
    const before = kept.at(-1);
    if (!before || tick.place - before.place >= gap) kept.push(tick);
    else if (tick === sorted.at(-1)) {
      if (kept.length > 1) kept.pop();
      kept.push(tick);
    }
  }
  return kept;
}
