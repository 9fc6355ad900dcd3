/** Places a graph in layers from left to right. Knows nothing of what its nodes are. */

export interface LayoutNode {
  id: string;
  width: number;
  height: number;
  /** The least layer it may be put in. */
  firstLayer: number;
}

export interface LayoutEdge {
  from: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  /** Centres. */
  places: Map<string, Point>;
  /** Points of each edge in the order they were given, ends included. */
  routes: Point[][];
  /** Ids of each layer from the top down. */
  layers: string[][];
  width: number;
  height: number;
}

export interface Gaps {
  layer: number;
  row: number;
}

const ORDER_SWEEPS = 12;
/** Of more places than this, order is looked for less long. */
const MANY = 4000;
const FEW_SWEEPS = 4;
const PLACE_SWEEPS = 8;
/** The room an edge takes where it passes a layer; less where many do. */
const LANE = 14;
const MAX_LANES = 280;
/** A layer of more nodes than this, and than fit a wide window, becomes several. */
const LEAST_ROWS = 24;

/** A node, or a place where an edge passes a layer. */
interface Vertex {
  index: number;
  id: string | null;
  /** Where it stands before layers are put in order: a place where an edge passes, beside the edge's quieter end. */
  seed: number;
  layer: number;
  width: number;
  height: number;
  before: number[];
  after: number[];
  y: number;
}

/** Edges in the direction of layers: one of each circle is turned round, and loops are left out. */
function withoutCircles(nodes: LayoutNode[], edges: LayoutEdge[]): LayoutEdge[] {
  const next = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { from, to } of edges) if (from !== to && next.has(to)) next.get(from)?.push(to);
  const state = new Map<string, 'open' | 'done'>();
  const turned = new Set<string>();
  for (const { id: root } of nodes) {
    if (state.has(root)) continue;
    const stack: [string, number][] = [[root, 0]];
    state.set(root, 'open');
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const [id, place] = top;
      const target = next.get(id)?.[place];
      top[1] += 1;
      if (target === undefined) {
        state.set(id, 'done');
        stack.pop();
      } else if (state.get(target) === 'open') turned.add(`${id}\n${target}`);
      else if (!state.has(target)) {
        state.set(target, 'open');
        stack.push([target, 0]);
      }
    }
  }
  return edges.map(({ from, to }) =>
    turned.has(`${from}\n${to}`) ? { from: to, to: from } : { from, to },
  );
}

/** Layers by longest path; what has nothing before it stands right before what comes first after it. */
function layersOf(nodes: LayoutNode[], edges: LayoutEdge[]): Map<string, number> {
  const layers = new Map(nodes.map(({ id, firstLayer }) => [id, firstLayer]));
  const waiting = new Map(nodes.map(({ id }) => [id, 0]));
  const after = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { from, to } of edges) {
    if (from === to) continue;
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
    after.get(from)?.push(to);
  }
  const isSource = new Set(nodes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id));
  const ready = [...isSource];
  for (let at = 0; at < ready.length; at += 1) {
    const layer = layers.get(ready[at]) as number;
    for (const target of after.get(ready[at]) ?? []) {
      layers.set(target, Math.max(layers.get(target) as number, layer + 1));
      const left = (waiting.get(target) as number) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  for (const id of isSource) {
    const targets = after.get(id) ?? [];
    if (targets.length > 0)
      layers.set(id, Math.min(...targets.map(target => layers.get(target) as number)) - 1);
  }
  const first = Math.min(...layers.values());
  for (const [id, layer] of layers) layers.set(id, layer - first);
  return layers;
}

/** Splits layers that are far taller than they are worth: a window is wider than it is high. */
function splitTall(nodes: LayoutNode[], layerOf: Map<string, number>): Map<string, number> {
  const most = Math.max(LEAST_ROWS, Math.ceil(Math.sqrt(nodes.length)));
  const layers: string[][] = [];
  for (const { id } of nodes) {
    const layer = layerOf.get(id) as number;
    (layers[layer] ??= []).push(id);
  }
  const split = new Map<string, number>();
  let first = 0;
  for (const ids of layers) {
    const parts = Math.max(1, Math.ceil((ids?.length ?? 0) / most));
    // In turns, so that edges of neighbours run level between the nodes of the parts they pass.
    ids?.forEach((id, place) => split.set(id, first + (place % parts)));
    first += parts;
  }
  return split;
}

/** How often edges between two neighbouring layers cross. */
function crossings(upper: Vertex[], vertices: Vertex[], position: number[]): number {
  const ends = upper.flatMap(vertex =>
    vertex.after.map(target => position[vertices[target].index]).toSorted((a, b) => a - b),
  );
  // Pairs out of order, counted while they are merged.
  const count = (list: number[]): [number[], number] => {
    if (list.length < 2) return [list, 0];
    const middle = list.length >> 1;
    const [left, inLeft] = count(list.slice(0, middle));
    const [right, inRight] = count(list.slice(middle));
    const merged: number[] = [];
    let total = inLeft + inRight;
    let [i, j] = [0, 0];
    while (i < left.length || j < right.length) {
      if (j >= right.length || (i < left.length && left[i] <= right[j])) {
        merged.push(left[i]);
        i += 1;
      } else {
        merged.push(right[j]);
        total += left.length - i;
        j += 1;
      }
    }
    return [merged, total];
  };
  return count(ends)[1];
}

const mean = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Orders every layer by the mean place of neighbours, back and forth, and keeps the order with the fewest crossings. */
function orderLayers(layers: Vertex[][], vertices: Vertex[]): Vertex[][] {
  const position = vertices.map(() => 0);
  const number = (layer: Vertex[]) =>
    layer.forEach((vertex, place) => {
      position[vertex.index] = place;
    });
  layers.forEach(number);
  const total = (order: Vertex[][]): number =>
    order.slice(0, -1).reduce((sum, layer) => sum + crossings(layer, vertices, position), 0);
  let order = layers;
  let [best, fewest] = [layers, total(layers)];
  const sweeps = vertices.length > MANY ? FEW_SWEEPS : ORDER_SWEEPS;
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep += 1) {
    const isForth = sweep % 2 === 0;
    order = [...order];
    for (let step = 1; step < order.length; step += 1) {
      const place = isForth ? step : order.length - 1 - step;
      const wish = new Map(
        order[place].map((vertex, at) => {
          const near = isForth ? vertex.before : vertex.after;
          return [vertex, near.length > 0 ? mean(near.map(index => position[index])) : at];
        }),
      );
      order[place] = order[place].toSorted(
        (a, b) => (wish.get(a) as number) - (wish.get(b) as number),
      );
      number(order[place]);
    }
    const crossed = total(order);
    if (crossed < fewest) [best, fewest] = [order, crossed];
  }
  return best;
}

/**
 * Moves the vertices of a layer as near to where they wish to be as their order and the room between them allow: the
 * least sum of squares, found by pooling neighbours that would overlap.
 */
export function settle(wishes: number[], rooms: number[]): number[] {
  const offsets: number[] = [];
  let sum = 0;
  wishes.forEach((_, index) => {
    if (index > 0) sum += (rooms[index - 1] + rooms[index]) / 2;
    offsets.push(sum);
  });
  const blocks: { total: number; count: number }[] = [];
  wishes.forEach((wish, index) => {
    let block = { total: wish - offsets[index], count: 1 };
    for (;;) {
      const last = blocks.at(-1);
      if (!last || last.total / last.count <= block.total / block.count) break;
      blocks.pop();
      block = { total: last.total + block.total, count: last.count + block.count };
    }
    blocks.push(block);
  });
  return blocks
    .flatMap(({ total, count }) => Array<number>(count).fill(total / count))
    .map((base, index) => base + offsets[index]);
}

function placeRows(layers: Vertex[][], vertices: Vertex[], gap: number): void {
  const roomOf = (vertex: Vertex): number => vertex.height + (vertex.id === null ? 0 : gap);
  for (const layer of layers) {
    let y = 0;
    for (const vertex of layer) {
      vertex.y = y + roomOf(vertex) / 2;
      y += roomOf(vertex);
    }
    for (const vertex of layer) vertex.y -= y / 2;
  }
  for (let sweep = 0; sweep < PLACE_SWEEPS; sweep += 1) {
    const isForth = sweep % 2 === 0;
    for (const layer of isForth ? layers : layers.toReversed()) {
      const wishes = layer.map(vertex => {
        const near = isForth ? vertex.before : vertex.after;
        return near.length > 0 ? mean(near.map(index => vertices[index].y)) : vertex.y;
      });
      settle(wishes, layer.map(roomOf)).forEach((y, place) => {
        layer[place].y = y;
      });
    }
  }
}

/** Places nodes in layers so that edges run from left to right, are short and cross seldom. */
export function layOut(nodes: LayoutNode[], given: LayoutEdge[], gaps: Gaps): Layout {
  if (nodes.length === 0) return { places: new Map(), routes: [], layers: [], width: 0, height: 0 };
  const edges = withoutCircles(nodes, given);
  const layerOf = splitTall(nodes, layersOf(nodes, edges));
  const vertices: Vertex[] = [];
  const add = (
    id: string | null,
    seed: number,
    layer: number,
    width: number,
    height: number,
  ): Vertex => {
    const vertex = {
      index: vertices.length,
      id,
      seed,
      layer,
      width,
      height,
      before: [],
      after: [],
      y: 0,
    };
    vertices.push(vertex);
    return vertex;
  };
  const byId = new Map(
    nodes.map(({ id, width, height }, place) => [
      id,
      add(id, place, layerOf.get(id) as number, width, height),
    ]),
  );
  const degrees = new Map<string, number>();
  for (const { from, to } of edges)
    for (const id of [from, to]) degrees.set(id, (degrees.get(id) ?? 0) + 1);
  const chains = edges.map(({ from, to }): Vertex[] => {
    const [start, end] = [byId.get(from), byId.get(to)];
    if (!start || !end || start === end) return [];
    const isQuiet = (degrees.get(from) ?? 0) <= (degrees.get(to) ?? 0);
    const quiet = isQuiet ? start : end;
    const chain = [start];
    for (let layer = start.layer + 1; layer < end.layer; layer += 1)
      chain.push(add(null, quiet.seed, layer, 0, LANE));
    chain.push(end);
    chain.slice(1).forEach((vertex, place) => {
      chain[place].after.push(vertex.index);
      vertex.before.push(chain[place].index);
    });
    return chain;
  });
  const layers = Array.from({ length: Math.max(...layerOf.values()) + 1 }, (): Vertex[] => []);
  for (const vertex of vertices) layers[vertex.layer].push(vertex);
  for (const layer of layers) {
    layer.sort((a, b) => a.seed - b.seed);
    const passing = layer.filter(({ id }) => id === null);
    for (const vertex of passing) vertex.height = Math.min(LANE, MAX_LANES / passing.length);
  }
  const order = orderLayers(layers, vertices);
  placeRows(order, vertices, gaps.row);

  const widths = order.map(layer => Math.max(0, ...layer.map(({ width }) => width)));
  const centres: number[] = [];
  let x = 0;
  for (const width of widths) {
    centres.push(x + width / 2);
    x += width + gaps.layer;
  }
  const top = Math.min(...vertices.map(({ y, height }) => y - height / 2));
  const bottom = Math.max(...vertices.map(({ y, height }) => y + height / 2));
  const pointOf = (vertex: Vertex): Point => ({ x: centres[vertex.layer], y: vertex.y - top });
  return {
    places: new Map([...byId].map(([id, vertex]) => [id, pointOf(vertex)])),
    routes: chains.map((chain, place) => {
      const points = chain.flatMap((vertex, at): Point[] => {
        const point = pointOf(vertex);
        const half = (vertex.id === null ? widths[vertex.layer] : vertex.width) / 2;
        if (at === 0) return [{ x: point.x + half, y: point.y }];
        if (at === chain.length - 1) return [{ x: point.x - half, y: point.y }];
        return [
          { x: point.x - half, y: point.y },
          { x: point.x + half, y: point.y },
        ];
      });
      return edges[place].from === given[place].from ? points : points.toReversed();
    }),
    layers: order.map(layer => layer.flatMap(({ id }) => (id === null ? [] : [id]))),
    width: x - gaps.layer,
    height: bottom - top,
  };
}
