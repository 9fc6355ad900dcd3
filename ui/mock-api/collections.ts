import { hash } from './random.ts';
import type { LinkSource } from '../src/api/org-schema';
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
  /** Of links: what somebody linked since the world was made, and where the others lead. */
  links: Map<number, MockLink>;
  source: Omit<LinkSource, 'version'> & { first: number };
}

export interface MockLink {
  source: LinkSource;
  by: string;
  at: string;
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

const MODELS = 'wandb-registry-models';

/** Collections of teams, and those of registries that lead to them. */
const SHARED: (Start & Pick<MockCollection, 'entity' | 'project'>)[] = [
  {
    entity: 'perception',
    project: 'lidar',
    name: 'lane-detector',
    type: 'model',
    nVersions: 31,
    aliases: { best: 28 },
  },
  { entity: 'perception', project: 'lidar', name: 'sweeps-2026', type: 'dataset', nVersions: 6 },
  { entity: 'weather', project: 'nowcasting', name: 'radar', type: 'dataset', nVersions: 2 },
  {
    entity: 'acme',
    project: MODELS,
    name: 'lane-keeping',
    type: 'model',
    nVersions: 7,
    kind: 'links',
    description: 'Keeps the car in its lane, day and night. Owned by perception.',
    tags: ['car', 'certified'],
    aliases: { production: 4, staging: 6, 'release-2026-10': 6, 'release-2026-09': 6 },
    source: { entity: 'perception', project: 'lidar', collection: 'lane-detector', first: 20 },
  },
  {
    entity: 'acme',
    project: MODELS,
    name: 'image-classifier',
    type: 'model',
    nVersions: 3,
    kind: 'links',
    aliases: { production: 2 },
    source: { entity: 'ada', project: 'vision', collection: 'resnet50', first: 50 },
  },
  {
    entity: 'acme',
    project: MODELS,
    name: LONG_NAME,
    type: 'model',
    nVersions: 1,
    kind: 'links',
    description: '🦦 emoji in the description',
    source: { entity: 'perception', project: 'lidar', collection: 'lane-detector', first: 1 },
  },
  { entity: 'acme', project: MODELS, name: 'retired', type: 'model', nVersions: 0, kind: 'links' },
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
      links: new Map(),
      source: { entity: 'ada', project: 'vision', collection: 'resnet50', first: 38 },
      ...start,
    });
  VISION.forEach(start => add('vision', start));
  add('wandb-registry-mine', { name: 'notes', type: 'dataset', nVersions: 1 });
  add('language', { name: 'tiny-stories', type: 'dataset', nVersions: 1 });
  for (let index = 0; index < 1500; index += 1) {
    add('crowded', {
      name: `sweep-${Math.floor(index / 50)}-model-${String(index).padStart(4, '0')}`,
      type: index % 5 === 0 ? 'dataset' : 'model',
      nVersions: 1 + Math.floor(hash(index, 5) * 30),
    });
  }
  for (const start of SHARED) add(start.project, start);
  for (let index = 0; index < 130; index += 1)
    add('wandb-registry-datasets', {
      entity: 'acme',
      name: `drive-${String(index).padStart(3, '0')}`,
      type: 'dataset',
      nVersions: 1 + (index % 4),
      kind: 'links',
      source: { entity: 'perception', project: 'lidar', collection: 'sweeps-2026', first: 0 },
    });
  return made;
}
