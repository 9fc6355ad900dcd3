import type { Range } from './scales';

/** Round values within a range, about `count` of them, and how far apart they are. */
export function niceTicks(
  [low, high]: Range,
  count: number,
): { values: number[]; increment: number } {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return { values: [low], increment: 1 };
  const power = 10 ** Math.floor(Math.log10(rough));
  const increment = [1, 2, 5, 10].map(step => step * power).find(step => step >= rough * 0.999)!;
  const first = Math.ceil(low / increment - 1e-9);
  const last = Math.floor(high / increment + 1e-9);
  const values = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * increment).toPrecision(12)),
  );
  return { values, increment };
}

/** Decades within a range of values above zero; over few decades also their twos and fives, and at least the ends. */
export function logTicks([low, high]: Range): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  const isShort = Math.log10(high / low) < 2.5;
  const all = isShort ? decades.flatMap(decade => [decade, 2 * decade, 5 * decade]) : decades;
  const inside = all.filter(value => value >= low * 0.999 && value <= high * 1.001);
  return (inside.length > 1 ? inside : [low, high]).map(value => Number(value.toPrecision(12)));
}
