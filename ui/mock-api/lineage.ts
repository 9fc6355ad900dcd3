import { hash, pick } from './random.ts';
import { Refusal, type Call } from './call.ts';
import type { Lineage, LineageEdge, LineageNode, RunState } from '../src/api/schema';

type GraphNode = Pick<LineageNode, 'id' | 'kind' | 'run' | 'artifact'>;

/** A made-up history of a project, of which an answer shows what is near the focus. */
class Graph {
  nodes = new Map<string, GraphNode>();
  edges: LineageEdge[] = [];
  readonly project: string;

  constructor(project: string) {
    this.project = project;
  }

  run(name: string, jobType: string, state: RunState = 'finished'): string {
    const id = `r${this.nodes.size}`;
    const run = { entity: 'ada', project: this.project, run: `run${this.nodes.size}`, name, state };
    const times = { created_at: new Date(1_790_000_000_000 + this.nodes.size * 6e5).toISOString() };
    const kept = { job_type: jobType, group: null, ...times };
    this.nodes.set(id, { id, kind: 'run', artifact: null, run: { ...run, ...kept } });
    return id;
  }

  artifact(collection: string, type: string, number: number, aliases: string[] = []): string {
    const id = `a${this.nodes.size}`;
    const artifact = {
      entity: 'ada',
      project: this.project,
      collection,
      type,
      version: `v${number}`,
      aliases,
      digest: 'd'.repeat(32),
      n_files: 1 + Math.floor(hash(this.nodes.size, 3) * 400),
      size_bytes: Math.floor(hash(this.nodes.size, 4) * 4e9),
      created_at: new Date(1_790_000_000_000 + this.nodes.size * 6e5).toISOString(),
    };
    this.nodes.set(id, { id, kind: 'artifact', run: null, artifact });
    return id;
  }

  edge(from: string, to: string, usedAs: string | null = null): void {
    this.edges.push({ from, to, used_as: usedAs });
  }
}

function trainings(graph: Graph, data: string[], count: number, sweep: number): string[] {
  const base = sweep % 2 === 0 ? graph.artifact('pretrained', 'model', sweep) : null;
  return Array.from({ length: count }, (_, index) => {
    const state = pick<RunState>(['finished', 'finished', 'finished', 'failed'], sweep, index);
    const run = graph.run(`train-${sweep}-${index}`, 'train', state);
    data.forEach((item, place) => graph.edge(item, run, place === 0 ? 'train' : 'validation'));
    if (base) graph.edge(base, run, 'weights');
    const model = graph.artifact('resnet50', 'model', sweep * 100 + index);
    graph.edge(run, model);
    return model;
  });
}

/** A pipeline from raw data to a model in production, `sweeps` sweeps of `width` trainings wide. */
function pipeline(project: string, sweeps: number, width: number): Graph {
  const graph = new Graph(project);
  const raw = [0, 1, 2].map(number => graph.artifact('raw-images', 'dataset', number));
  const labels = graph.artifact('labels', 'dataset', 3, ['audited']);
  const best: string[] = [];
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const prepare = graph.run(`prepare-${sweep}`, 'preprocess');
    graph.edge(raw[sweep % 3], prepare);
    if (sweep % 2 === 0) graph.edge(labels, prepare, 'labels');
    const data = graph.artifact(
      'imagenet-100',
      'dataset',
      sweep,
      sweep === sweeps - 1 ? ['latest'] : [],
    );
    const held = graph.artifact('imagenet-100-val', 'dataset', sweep);
    graph.edge(prepare, data);
    graph.edge(prepare, held);
    const models = trainings(graph, [data, held], width, sweep);
    const evaluate = graph.run(`evaluate-${sweep}`, 'evaluate');
    models.slice(0, 3).forEach(model => graph.edge(model, evaluate));
    graph.edge(held, evaluate, 'test');
    const report = graph.artifact('evaluation', 'report', sweep);
    graph.edge(evaluate, report);
    best.push(models[0]);
  }
  const release = graph.run('release-2026-09', 'release');
  best.slice(-3).forEach(model => graph.edge(model, release));
  const shipped = graph.artifact('classifier', 'model', 4, ['production', 'latest']);
  graph.edge(release, shipped);
  return graph;
}

function small(project: string): Graph {
  const graph = new Graph(project);
  const data = graph.artifact('tiny-stories', 'dataset', 0, ['latest']);
  const train = graph.run('calm-pine-2', 'train');
  const model = graph.artifact('story-model', 'model', 0, ['latest']);
  const evaluate = graph.run('bold-wren-3', 'evaluate', 'failed');
  const report = graph.artifact('report', 'report', 0);
  graph.edge(data, train);
  graph.edge(train, model);
  graph.edge(model, evaluate);
  graph.edge(evaluate, report);
  return graph;
}

/** The graph that is asked about, and what in it stands for the focus. */
function graphAt(of: string): { graph: Graph; focus: string } {
  const artifact = /^artifact:ada\/([^/]+)\/([^:]+):v?(.+)$/.exec(of);
  const run = /^run:ada\/([^/]+)\/(.+)$/.exec(of);
  const project = artifact?.[1] ?? run?.[1];
  if (!project || of.includes('no-such'))
    throw new Refusal(404, 'artifact_not_found', `\`${of}\` is no run and no version of yours`);
  const graph =
    project === 'language'
      ? small(project)
      : ['firehose', 'raw-images', 'labels'].includes(artifact?.[2] ?? '')
        ? pipeline(project, 51, 12)
        : pipeline(project, 3, 7);
  const nodes = [...graph.nodes.values()];
  const known =
    nodes.find(node =>
      run
        ? node.run?.run === run[2]
        : node.artifact?.collection === artifact?.[2] &&
          node.artifact?.version === `v${artifact?.[3]}`,
    ) ??
    (artifact
      ? nodes.find(node => node.artifact?.collection === artifact[2])
      : nodes.find(node => node.run?.job_type === 'train'));
  const focus = known ?? nodes[0];
  if (artifact && focus.artifact)
    Object.assign(focus.artifact, { collection: artifact[2], version: `v${artifact[3]}` });
  if (run && focus.run) focus.run.run = run[2];
  return { graph, focus: focus.id };
}

export function answerLineage({ query }: Call): Lineage {
  const { graph, focus } = graphAt(query.get('of') ?? '');
  const limit = Number(query.get('limit') ?? 500);
  const depths = new Map([[focus, 0]]);
  let isCut = false;
  const walk = (direction: 1 | -1, steps: number) => {
    let front = [focus];
    for (let step = 1; step <= steps && front.length > 0; step += 1) {
      const next: string[] = [];
      for (const { from, to } of graph.edges) {
        const [near, far] = direction === 1 ? [from, to] : [to, from];
        if (!front.includes(near) || depths.has(far)) continue;
        if (depths.size >= limit) {
          isCut = true;
          continue;
        }
        depths.set(far, step * direction);
        next.push(far);
      }
      front = next;
    }
  };
  walk(-1, Number(query.get('up') ?? 1000));
  walk(1, Number(query.get('down') ?? 1000));
  const missing = (id: string, near: 'from' | 'to', far: 'from' | 'to') =>
    graph.edges.filter(edge => edge[near] === id && !depths.has(edge[far])).length;
  return {
    focus,
    nodes: [...depths].map(([id, depth]) => ({
      ...(graph.nodes.get(id) as GraphNode),
      depth,
      n_hidden_up: missing(id, 'to', 'from'),
      n_hidden_down: missing(id, 'from', 'to'),
    })),
    edges: graph.edges.filter(({ from, to }) => depths.has(from) && depths.has(to)),
    truncated: isCut,
    n_nodes_total: graph.nodes.size,
    n_hidden: graph.project === 'vision' ? 2 : 0,
  };
}
