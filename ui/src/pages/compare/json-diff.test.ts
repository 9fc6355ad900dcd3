import { expect, it } from 'vitest';
import { diffJson } from './json-diff';

it('compares leaf by leaf', () => {
  const left = { lr: 0.1, model: { depth: 50, name: 'resnet' }, tags: ['a', 'b'], gone: null };
  const right = { lr: 0.1, model: { depth: 101, name: 'resnet' }, tags: ['a'], come: {} };
  expect(diffJson(left, right).map(({ key, change }) => `${key} ${change}`)).toEqual([
    'come added',
    'gone removed',
    'lr same',
    'model.depth changed',
    'model.name same',
    'tags changed',
  ]);
});

it('tells a leaf from a branch in its place', () => {
  expect(diffJson({ a: 1 }, { a: { b: 1 } }).map(({ key, change }) => `${key} ${change}`)).toEqual([
    'a removed',
    'a.b added',
  ]);
});
