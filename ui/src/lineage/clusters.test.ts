import { expect, it } from 'vitest';
import { findClusters, foldClusters } from './clusters';
import { edges, node, sweep } from './fixtures';

const sizes = (clusters: { length: number }[]): number[] =>
  clusters.map(({ length }) => length).toSorted((a, b) => a - b);

it('folds five of a kind with the same neighbour, and not four', () => {
  const five = [0, 1, 2, 3, 4].map(index => node(`r${index}`, 'train'));
  const uses = edges(...five.map(({ id }) => `a>${id}`));
  expect(sizes(findClusters([node('a'), ...five], uses, 'a'))).toEqual([5]);
  expect(findClusters([node('a'), ...five.slice(1)], uses.slice(1), 'a')).toEqual([]);
});

it('folds trainings together with the models they made', () => {
  const { nodes, edges } = sweep('adata', 20);
  const { items, edges: merged } = foldClusters(
    [node('adata'), ...nodes],
    edges,
    'adata',
    new Set(),
  );
  expect(items.map(({ members }) => members.length)).toEqual([1, 20, 20]);
  expect(merged.map(({ count }) => count)).toEqual([20, 20]);
});

it('keeps apart what comes from different data', () => {
  const [one, two] = [sweep('aone', 6), sweep('atwo', 6)];
  const nodes = [node('aone'), node('atwo'), ...one.nodes, ...two.nodes];
  const clusters = findClusters(nodes, [...one.edges, ...two.edges], 'aone');
  expect(sizes(clusters)).toEqual([6, 6, 6, 6]);
});

it('keeps out what stands otherwise, and its neighbours', () => {
  const { nodes, edges: all } = sweep('adata', 9);
  const more = edges('amradata-0>reval');
  const clusters = findClusters(
    [node('adata'), node('reval', 'eval'), ...nodes],
    [...all, ...more],
    'adata',
  );
  expect(sizes(clusters)).toEqual([8, 8]);
});

it('never folds the focus, nor kinds together', () => {
  const runs = [0, 1, 2, 3, 4].map(index => node(`r${index}`, index < 3 ? 'train' : 'eval'));
  const uses = edges(...runs.map(({ id }) => `a>${id}`));
  expect(findClusters([node('a'), ...runs], uses, 'a')).toEqual([]);
  const alike = runs.map(({ id }) => node(id, 'train'));
  expect(findClusters([node('a'), ...alike], uses, 'r0')).toEqual([]);
});

it('unfolds the cluster of a node and no other', () => {
  const { nodes, edges } = sweep('adata', 6);
  const { items, edges: merged } = foldClusters(
    [node('adata'), ...nodes],
    edges,
    'adata',
    new Set(['radata-3']),
  );
  expect(items.map(({ members }) => members.length).toSorted()).toEqual([1, 1, 1, 1, 1, 1, 1, 6]);
  expect(merged).toHaveLength(12);
});
