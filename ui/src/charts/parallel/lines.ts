import {
  NONE_PLACE,
  passes,
  placeOf,
  type AxisBrush,
  type AxisValue,
  type ParallelAxis,
} from './axes';

/** A line across all axes: a run and its value on each. */
export interface ParallelLine {
  id: string;
  name: string;
  href: string;
  values: AxisValue[];
}

export interface PlacedLine {
  line: ParallelLine;
  /** On each axis, as `placeOf` gives them. */
  places: number[];
  /** Every brush lets it through. */
  isLit: boolean;
  /** Where it lies on the axis that colours; null without a value there. */
  shade: number | null;
}

export interface Placing {
  axes: ParallelAxis[];
  brushes: (AxisBrush | undefined)[];
  /** The axis that colours, and whether its low values are those to stand out. */
  colorBy: number;
  isLowBest: boolean;
}

/** Lines in the order in which they are drawn: unlit ones first, and those that stand out last. */
export function placeLines(lines: ParallelLine[], placing: Placing): PlacedLine[] {
  const { axes, brushes, colorBy, isLowBest } = placing;
  const colored = axes[colorBy] as ParallelAxis | undefined;
  const placed = lines.map(line => {
    const places = axes.map((axis, index) => placeOf(axis, line.values[index]));
    return {
      line,
      places,
      isLit: axes.every((axis, index) => passes(axis, brushes[index], line.values[index])),
      shade: colored ? shadeOf(colored, places[colorBy], isLowBest) : null,
    };
  });
  return placed.toSorted(
    (a, b) => Number(a.isLit) - Number(b.isLit) || (a.shade ?? -1) - (b.shade ?? -1),
  );
}

/** Colours follow values, not where a flipped axis has them. */
function shadeOf(axis: ParallelAxis, place: number, isLowBest: boolean): number | null {
  if (place === NONE_PLACE) return null;
  return axis.flip === isLowBest ? place : 1 - place;
}

/** The course of a line between two axes, level at both: `at` goes from 0 to 1. */
export function between(left: number, right: number, at: number): number {
  return left + (right - left) * at * at * (3 - 2 * at);
}

/**
 * The line nearest to a point, of those that are lit if any is: `x` counts axes, `y` is a place, and nothing farther than
 * `reach` is near. Lines drawn later lie on top and win.
 */
export function nearestLine(
  lines: PlacedLine[],
  x: number,
  y: number,
  reach: number,
): PlacedLine | null {
  let best: PlacedLine | null = null;
  let least = reach;
  const anyLit = lines.some(({ isLit }) => isLit);
  for (const placed of lines) {
    if (anyLit && !placed.isLit) continue;
    const last = placed.places.length - 1;
    if (last < 0) continue;
    const left = Math.min(Math.max(0, Math.floor(x)), Math.max(0, last - 1));
    const right = Math.min(left + 1, last);
    const at = Math.min(1, Math.max(0, x - left));
    const distance = Math.abs(between(placed.places[left], placed.places[right], at) - y);
    if (distance <= least) [best, least] = [placed, distance];
  }
  return best;
}
