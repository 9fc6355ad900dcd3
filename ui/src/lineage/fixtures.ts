import type { LineageEdge, LineageNode } from '~/api/schema';

/** A version `a…` or a run `r…` of a kind, for tests. */
export function node(id: string, kind = 'thing'): LineageNode {
  const place = { entity: 'ada', project: 'vision', created_at: '2026-09-01T00:00:00Z' };
  const isRun = id.startsWith('r');
  return {
    id,
    kind: isRun ? 'run' : 'artifact',
    depth: 0,
    run: isRun
      ? { ...place, run: id, name: id, state: 'finished', job_type: kind, group: null }
      : null,
    artifact: isRun
      ? null
      : {
          ...place,
          collection: id,
          type: kind,
          version: 'v0',
          aliases: [],
          digest: '',
          n_files: 1,
          size_bytes: 1,
        },
    n_hidden_up: 0,
    n_hidden_down: 0,
  };
}

/** Edges written as `from>to`. */
export const edges = (...texts: string[]): LineageEdge[] =>
  texts.map(text => {
    const [from, to] = text.split('>');
    return { from, to, used_as: null };
  });

/** `count` trainings of `data`, each with a model. */
export function sweep(data: string, count: number, first = 0) {
  const runs = Array.from({ length: count }, (_, index) => `r${data}-${first + index}`);
  const models = runs.map(id => `am${id}`);
  return {
    nodes: [...runs.map(id => node(id, 'train')), ...models.map(id => node(id, 'model'))],
    edges: edges(
      ...runs.map(id => `${data}>${id}`),
      ...runs.map((id, index) => `${id}>${models[index]}`),
    ),
  };
}
