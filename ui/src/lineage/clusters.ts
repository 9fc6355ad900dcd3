import type { LineageEdge, LineageNode } from '~/api/schema';

/** So many of a kind become one. */
export const LEAST_FOLDED = 5;

/** What is drawn as one: a node, or several of a kind that stand alike in the graph. */
export interface GraphItem {
  id: string;
  kind: LineageNode['kind'];
  members: LineageNode[];
}

export interface GraphEdge {
  from: string;
  to: string;
  /** How many edges it stands for. */
  count: number;
}

export interface FoldedGraph {
  items: GraphItem[];
  edges: GraphEdge[];
}

/** What makes nodes of a kind: versions have their type, runs their job type. */
export const kindOf = ({ artifact, run }: LineageNode): string =>
  artifact ? `artifact ${artifact.type}` : `run ${run?.job_type ?? ''}`;

type Colors = Map<string, number>;

/** Nodes of a colour have, of every colour, as many neighbours each. */
function refine(nodes: LineageNode[], edges: LineageEdge[], start: Colors): Colors {
  let colors = start;
  let count = new Set(colors.values()).size;
  for (;;) {
    const around = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
    for (const { from, to, used_as: usedAs } of edges) {
      around.get(from)?.push(`>${colors.get(to)} ${usedAs ?? ''}`);
      around.get(to)?.push(`<${colors.get(from)} ${usedAs ?? ''}`);
    }
    const names = new Map<string, number>();
    const next: Colors = new Map();
    for (const { id } of nodes) {
      const name = `${colors.get(id)}|${(around.get(id) ?? []).toSorted().join('|')}`;
      if (!names.has(name)) names.set(name, names.size);
      next.set(id, names.get(name) as number);
    }
    if (names.size === count) return next;
    colors = next;
    count = names.size;
  }
}

function groupsOf(nodes: LineageNode[], colors: Colors): LineageNode[][] {
  const groups = new Map<number, LineageNode[]>();
  for (const node of nodes) {
    const color = colors.get(node.id) as number;
    const group = groups.get(color);
    if (group) group.push(node);
    else groups.set(color, [node]);
  }
  return [...groups.values()];
}

/**
 * Groups of five or more nodes of a kind whose neighbours are the same: the very same node, or members of the same
 * group. So twenty trainings of one data set and the twenty models they made become two groups.
 */
export function findClusters(
  nodes: LineageNode[],
  edges: LineageEdge[],
  focus: string,
): LineageNode[][] {
  const kinds = new Map<string, number>();
  let colors: Colors = new Map(
    nodes.map(node => {
      const kind = node.id === focus ? 'focus' : kindOf(node);
      if (!kinds.has(kind)) kinds.set(kind, kinds.size);
      return [node.id, kinds.get(kind) as number];
    }),
  );
  for (;;) {
    colors = refine(nodes, edges, colors);
    const groups = groupsOf(nodes, colors);
    const small = groups.filter(({ length }) => length > 1 && length < LEAST_FOLDED);
    if (small.length === 0) return groups.filter(({ length }) => length >= LEAST_FOLDED);
    // Too few to be folded: each stands for itself, which may tell their neighbours apart.
    let next = groups.length;
    for (const node of small.flat()) {
      colors.set(node.id, next);
      next += 1;
    }
  }
}

/** The graph with its clusters folded, but for those that hold a node of `unfolded`. */
export function foldClusters(
  nodes: LineageNode[],
  edges: LineageEdge[],
  focus: string,
  unfolded: Set<string>,
): FoldedGraph {
  const itemOf = new Map<string, string>(nodes.map(({ id }) => [id, id]));
  const items = new Map<string, GraphItem>(
    nodes.map(node => [node.id, { id: node.id, kind: node.kind, members: [node] }]),
  );
  for (const members of findClusters(nodes, edges, focus)) {
    if (members.some(({ id }) => unfolded.has(id))) continue;
    const id = `cluster ${members[0].id}`;
    items.set(id, { id, kind: members[0].kind, members });
    for (const member of members) {
      items.delete(member.id);
      itemOf.set(member.id, id);
    }
  }
  const merged = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const [from, to] = [itemOf.get(edge.from), itemOf.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const key = `${from}\n${to}`;
    const known = merged.get(key);
    if (known) known.count += 1;
    else merged.set(key, { from, to, count: 1 });
  }
  return { items: [...items.values()], edges: [...merged.values()] };
}
