import type { Json, JsonObject } from '~/api/schema';
import { classColor } from './overlay-color';

/** Points and line segments in space, as typed arrays. */
export interface PointCloud {
  count: number;
  /** x, y and z of each point. */
  positions: Float32Array;
  /** `0xrrggbb` of each point, or -1 for the colour of the theme. */
  colors: Int32Array;
  /** Both ends of each segment of boxes and vectors. */
  segments: { ends: Float32Array; color: number }[];
}

const MAX_POINTS = 2_000_000;
const PLAIN = -1;

/** Reads a `.pts.json` file: rows of x, y, z and a class or a colour, or an object with them, boxes and vectors. */
export function readPointCloud(value: Json): PointCloud | null {
  const holder = isObject(value) ? value : {};
  const rows = Array.isArray(value) ? value : holder.points;
  if (!Array.isArray(rows)) return null;
  const points = rows.slice(0, MAX_POINTS).filter(isPoint);
  const positions = new Float32Array(points.length * 3);
  const colors = new Int32Array(points.length);
  points.forEach((point, index) => {
    positions.set(point.slice(0, 3), index * 3);
    colors[index] = colorOf(point.slice(3));
  });
  const segments = [...boxSegments(holder.boxes), ...vectorSegments(holder.vectors)];
  return points.length + segments.length > 0
    ? { count: points.length, positions, colors, segments }
    : null;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const isPoint = (value: Json | undefined): value is number[] =>
  Array.isArray(value) &&
  value.length >= 3 &&
  value.every(part => typeof part === 'number' && Number.isFinite(part));

function colorOf(rest: number[]): number {
  if (rest.length === 1) return Number.parseInt(classColor(Math.round(rest[0])).slice(1), 16);
  return rest.length >= 3 ? packed(rest) : PLAIN;
}

function packed([red, green, blue]: number[]): number {
  const byte = (part: number): number => Math.min(255, Math.max(0, Math.round(part)));
  return (byte(red) << 16) | (byte(green) << 8) | byte(blue);
}

function boxSegments(boxes: Json | undefined): PointCloud['segments'] {
  if (!Array.isArray(boxes)) return [];
  return boxes.flatMap(box => {
    if (!isObject(box) || !Array.isArray(box.corners)) return [];
    const corners = box.corners.filter(isPoint);
    if (corners.length !== 8) return [];
    const color = isPoint(box.color) ? packed(box.color) : PLAIN;
    return boxEdges(corners).map(([from, to]) => ({
      ends: new Float32Array([...corners[from].slice(0, 3), ...corners[to].slice(0, 3)]),
      color,
    }));
  });
}

/**
 * The twelve edges of a box whose corners come in any order and any turn. Of the ways from one corner to the others,
 * edges are those that are no sum of two others.
 */
export function boxEdges(corners: number[][]): [number, number][] {
  const edges: [number, number][] = [];
  corners.forEach((from, start) => {
    const ways = corners.map(to => to.map((part, axis) => part - from[axis]));
    const reach = Math.max(...ways.flat().map(Math.abs)) * 1e-3;
    const isSum = (target: number): boolean =>
      ways.some((a, first) =>
        ways.some(
          (b, second) =>
            first < second &&
            ![start, target].includes(first) &&
            ![start, target].includes(second) &&
            [0, 1, 2].every(axis => Math.abs(a[axis] + b[axis] - ways[target][axis]) <= reach),
        ),
      );
    for (let end = start + 1; end < corners.length; end += 1)
      if (!isSum(end)) edges.push([start, end]);
  });
  return edges;
}

function vectorSegments(vectors: Json | undefined): PointCloud['segments'] {
  if (!Array.isArray(vectors)) return [];
  return vectors.flatMap(vector => {
    if (!isObject(vector) || !isPoint(vector.start) || !isPoint(vector.end)) return [];
    const ends = new Float32Array([...vector.start.slice(0, 3), ...vector.end.slice(0, 3)]);
    return [{ ends, color: isPoint(vector.color) ? packed(vector.color) : PLAIN }];
  });
}

export interface SpaceView {
  /** Turn about the upright axis and above the horizon, radians. */
  turn: number;
  lift: number;
  zoom: number;
}

/** Middle and half the extent of what there is. */
export function boundsOf({ positions, segments }: PointCloud): {
  middle: number[];
  radius: number;
} {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const values of [positions, ...segments.map(segment => segment.ends)]) {
    for (let at = 0; at < values.length; at += 1) {
      low[at % 3] = Math.min(low[at % 3], values[at]);
      high[at % 3] = Math.max(high[at % 3], values[at]);
    }
  }
  const middle = low.map((edge, axis) => (edge + high[axis]) / 2);
  const radius = Math.hypot(...low.map((edge, axis) => (high[axis] - edge) / 2));
  return { middle, radius: radius || 1 };
}

/** Where a point lies in a picture of a size, and how far from the eye. The z axis points up. */
export function projector(
  { middle, radius }: { middle: number[]; radius: number },
  { turn, lift, zoom }: SpaceView,
  width: number,
  height: number,
): (values: Float32Array, at: number, out: Float64Array) => void {
  const [sinT, cosT, sinL, cosL] = [Math.sin(turn), Math.cos(turn), Math.sin(lift), Math.cos(lift)];
  const scale = (Math.min(width, height) / 2.2) * zoom;
  const eye = 4;
  return (values, at, out) => {
    const x = (values[at] - middle[0]) / radius;
    const y = (values[at + 1] - middle[1]) / radius;
    const z = (values[at + 2] - middle[2]) / radius;
    const right = x * cosT + y * sinT;
    const away = y * cosT - x * sinT;
    const up = z * cosL - away * sinL;
    const depth = eye + away * cosL + z * sinL;
    const near = depth > 0.1 ? (scale * eye) / depth : Number.NaN;
    out[0] = width / 2 + right * near;
    out[1] = height / 2 - up * near;
    out[2] = depth;
  };
}
