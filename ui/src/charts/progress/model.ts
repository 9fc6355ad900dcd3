/** A value that was reached at a time. */
export interface ProgressPoint {
  id: string;
  name: string;
  href: string;
  x: number;
  /** Null where there is none: such points are left out. */
  value: number | null;
  /** It may still change. */
  isLive: boolean;
}

export interface Step {
  x: number;
  value: number;
}

const isFinitePoint = (point: ProgressPoint): point is ProgressPoint & { value: number } =>
  point.value !== null && Number.isFinite(point.value);

/** Points that have a value, in the order of x. */
export function shownPoints(points: ProgressPoint[]): (ProgressPoint & { value: number })[] {
  return points.filter(isFinitePoint).toSorted((a, b) => a.x - b.x);
}

/** The best value up to each point at which it got better. Ties do not; what is still running does not count. */
export function bestSoFar(points: ProgressPoint[], isLowBest: boolean): Step[] {
  const steps: Step[] = [];
  for (const { x, value, isLive } of shownPoints(points)) {
    const best = steps.at(-1);
    if (isLive || (best && (isLowBest ? value >= best.value : value <= best.value))) continue;
    if (best && best.x === x) best.value = value;
    else steps.push({ x, value });
  }
  return steps;
}

/** The best point that counts; the first of equals. */
export function bestPoint(points: ProgressPoint[], isLowBest: boolean): ProgressPoint | null {
  const last = bestSoFar(points, isLowBest).at(-1);
  if (!last) return null;
  return shownPoints(points).find(p => !p.isLive && p.value === last.value) ?? null;
}

/** Whether values ask for a log axis: all above zero, over more than `decades` of ten. */
export function wantsLog(values: number[], decades = 2.5): boolean {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.length > 1 && low > 0 && Math.log10(high / low) > decades;
}
