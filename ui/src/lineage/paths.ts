import type { GraphEdge } from './clusters';
import type { Point } from './layout';

/** Everything upstream and downstream of an item, itself included. */
export function reachOf(start: string, edges: Pick<GraphEdge, 'from' | 'to'>[]): Set<string> {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  const push = (map: Map<string, string[]>, key: string, value: string) => {
    const known = map.get(key);
    if (known) known.push(value);
    else map.set(key, [value]);
  };
  for (const { from, to } of edges) {
    push(after, from, to);
    push(before, to, from);
  }
  const walk = (next: Map<string, string[]>): string[] => {
    const seen = new Set([start]);
    // What is found while walking is walked, too.
    for (const id of seen) for (const near of next.get(id) ?? []) seen.add(near);
    return [...seen];
  };
  return new Set([...walk(before), ...walk(after)]);
}

/** A smooth line through points, level where it leaves and arrives. */
export function curveThrough(points: Point[]): string {
  return points
    .map(({ x, y }, index) => {
      if (index === 0) return `M${x} ${y}`;
      const last = points[index - 1];
      if (last.y === y) return `H${x}`;
      const bend = (x - last.x) / 2;
      return `C${last.x + bend} ${last.y} ${x - bend} ${y} ${x} ${y}`;
    })
    .join('');
}
