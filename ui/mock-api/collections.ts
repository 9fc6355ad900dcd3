import { hash } from './random.ts';
import type { Collection, VersionPatch } from '../src/api/schema';

/** What somebody changed of a version since the world was made. */
export type VersionEdits = Omit<VersionPatch, 'add_aliases' | 'remove_aliases'> & {
  aliases?: string[];
};

export interface MockCollection {
  entity: string;
  project: string;
  name: string;
  type: string;
  kind: Collection['kind'];
  description: string;
  tags: string[];
  nVersions: number;
  seed: number;
  /** Aliases besides `latest`, and the number of the version that has each. */
  aliases: Record<string, number>;
  edits: Map<number, VersionEdits>;
  deleted: Set<number>;
}

const LONG_NAME =
  'a-collection-with-a-remarkably-long-name-that-somebody-once-chose-and-nobody-dares-to-rename';

type Start = Pick<MockCollection, 'name' | 'type' | 'nVersions'> & Partial<MockCollection>;

const VISION: Start[] = [
  {
    name: 'imagenet-100',
    type: 'dataset',
    nVersions: 12,
    description: '100 classes of ImageNet, resized to 160 pixels.',
    tags: ['images', 'public'],
    aliases: { clean: 9, 'paper-2026': 7 },
  },
  { name: 'raw-images', type: 'dataset', nVersions: 3 },
  {
    name: 'resnet50',
    type: 'model',
    nVersions: 64,
    aliases: { production: 41, staging: 60, best: 60 },
    description: 'Checkpoints of the classifier.',
  },
  { name: 'predictions', type: 'run_table', nVersions: 5 },
  { name: 'source-train', type: 'code', nVersions: 2 },
  { name: 'firehose', type: 'dataset', nVersions: 10_000, aliases: { pinned: 4021 } },
  { name: 'production-models', type: 'model', nVersions: 4, kind: 'links', aliases: { live: 3 } },
  { name: LONG_NAME, type: 'evaluation 🦦', nVersions: 1 },
];

/** The collections of every project, their versions made when asked for. */
export function makeCollections(): MockCollection[] {
  const made: MockCollection[] = [];
  const add = (project: string, start: Start) =>
    made.push({
      entity: 'ada',
      project,
      kind: 'versions',
      description: '',
      tags: [],
      seed: made.length + 1,
      aliases: {},
      edits: new Map(),
      deleted: new Set(),
      ...start,
    });
  VISION.forEach(start => add('vision', start));
  add('language', { name: 'tiny-stories', type: 'dataset', nVersions: 1 });
  for (let index = 0; index < 1500; index += 1) {
    add('crowded', {
      name: `sweep-${Math.floor(index / 50)}-model-${String(index).padStart(4, '0')}`,
      type: index % 5 === 0 ? 'dataset' : 'model',
      nVersions: 1 + Math.floor(hash(index, 5) * 30),
    });
  }
  return made;
}
