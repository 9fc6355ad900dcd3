import type { Smoothing } from '../src/api/schema';

export type Point = [x: number, y: number];

/** Smooths all points of a curve the way the server promises; what is not finite stays and does not count. */
export function smoothPoints(points: Point[], { kind, parameter }: Smoothing): Point[] {
  const finite = points.filter(([, y]) => Number.isFinite(y));
  const smoothed = SMOOTHERS[kind](finite, parameter);
  let place = 0;
  return points.map(([x, y]) => [x, Number.isFinite(y) ? smoothed[place++] : y]);
}

const SMOOTHERS: Record<Smoothing['kind'], (points: Point[], parameter: number) => number[]> = {
  time_weighted_ema(points, weight) {
    const extent = points.length > 0 ? points.at(-1)![0] - points[0][0] || 1 : 1;
    const base = Math.min(Math.sqrt(weight), 0.999);
    return average(points, (x, before) => base ** (((x - before) / extent) * 1000));
  },
  ema: (points, weight) => average(points, () => weight),
  gaussian: (points, deviation) =>
    windowed(points, Math.ceil(deviation * 4), distance =>
      Math.exp(-0.5 * (distance / deviation) ** 2),
    ),
  running_mean: (points, size) => windowed(points, Math.floor(size / 2), () => 1),
};

function average(points: Point[], decay: (x: number, before: number) => number): number[] {
  let [sum, weight, before] = [0, 0, Number.NaN];
  return points.map(([x, y]) => {
    const kept = Number.isNaN(before) ? 0 : decay(x, before);
    [sum, weight, before] = [sum * kept + y, weight * kept + 1, x];
    return sum / weight;
  });
}

function windowed(
  points: Point[],
  reach: number,
  weightOf: (distance: number) => number,
): number[] {
  const weights = Array.from({ length: reach + 1 }, (_, distance) => weightOf(distance));
  return points.map((_, place) => {
    let [sum, weight] = [0, 0];
    const end = Math.min(points.length - 1, place + reach);
    for (let other = Math.max(0, place - reach); other <= end; other += 1) {
      const share = weights[Math.abs(other - place)];
      sum += share * points[other][1];
      weight += share;
    }
    return sum / weight;
  });
}
