import type { CollectionRef } from '../src/api/client';
import type { LinkSource } from '../src/api/org-schema';
import { canWrite } from '../src/util/roles.ts';
import type { MockCollection, MockLink } from './collections.ts';
import { projectRole } from './groups.ts';
import { fileBytes } from './media.ts';
import { hash, pick } from './random.ts';
import { Refusal, bodyOf, type Call } from './call.ts';
import type { MockRun, World } from './world.ts';
import type {
  ArtifactFile,
  ArtifactType,
  Collection,
  Json,
  JsonObject,
  List,
  Page,
  RunArtifacts,
  RunReference,
  ShortVersion,
  Version,
  VersionEvent,
  VersionPatch,
} from '../src/api/schema';

const HOUR = 3_600_000;
const START = Date.now();
const N_TABLE_ROWS = 48_210;

export function page<T>(items: T[], query: URLSearchParams): Page<T> {
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('limit') ?? 200);
  return {
    items: items.slice(start, end),
    total: items.length,
    next_cursor: end < items.length ? String(end) : null,
  };
}

const hex = (...parts: number[]): string =>
  Array.from({ length: 4 }, (_, index) =>
    Math.floor(hash(...parts, index) * 0xffffffff)
      .toString(16)
      .padStart(8, '0'),
  ).join('');

function collectionsOf(world: World, entity: string, project: string): MockCollection[] {
  return world.collections.filter(item => item.entity === entity && item.project === project);
}

export function artifactTypes(world: World, entity: string, project: string): ArtifactType[] {
  const counts = new Map<string, number>();
  for (const { type } of collectionsOf(world, entity, project))
    counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, description: '', n_collections: count }));
}

export function listCollections(
  world: World,
  entity: string,
  project: string,
  query: URLSearchParams,
): Page<Collection> {
  const search = (query.get('search') ?? '').toLowerCase();
  const found = collectionsOf(world, entity, project).filter(
    ({ name, type }) => name.toLowerCase().includes(search) && (query.get('type') ?? type) === type,
  );
  const { items, ...rest } = page(found, query);
  return { ...rest, items: items.map(item => collectionBody(item)) };
}

/** Numbers of the versions that are there, newest first. */
function numbersOf(collection: MockCollection): number[] {
  return Array.from(
    { length: collection.nVersions },
    (_, index) => collection.nVersions - 1 - index,
  ).filter(number => !collection.deleted.has(number));
}

function aliasesOf(collection: MockCollection, number: number): string[] {
  const edited = collection.edits.get(number)?.aliases;
  if (edited) return edited;
  return [
    ...(number === numbersOf(collection)[0] ? ['latest'] : []),
    ...Object.entries(collection.aliases)
      .filter(([, at]) => at === number)
      .map(([alias]) => alias),
  ];
}

const createdAt = (collection: MockCollection, number: number): string =>
  collection.links.get(number)?.at ??
  new Date(
    START - (collection.nVersions - number) * 7 * HOUR - hash(collection.seed, number) * 5 * HOUR,
  ).toISOString();

function shortBody(collection: MockCollection, number: number): ShortVersion {
  const nFiles =
    collection.name === 'firehose' ? 30_000 : makeFiles(collection.name, number).length;
  return {
    entity: collection.entity,
    project: collection.project,
    collection: collection.name,
    type: collection.type,
    version: `v${number}`,
    aliases: aliasesOf(collection, number),
    digest: hex(collection.seed, number),
    n_files: nFiles,
    size_bytes: Math.floor(4e8 + number * 3_127_000 + hash(collection.seed, number, 3) * 9e8),
    created_at: createdAt(collection, number),
  };
}

export function loggedRun(run: MockRun): RunReference {
  return {
    entity: run.entity,
    project: run.project,
    run: run.id,
    name: run.display_name,
    state: run.state,
    created_at: run.created_at,
    job_type: run.job_type,
    group: run.group,
  };
}

function metadataOf(collection: MockCollection, number: number): JsonObject {
  if (collection.type === 'dataset') {
    return {
      classes: 100,
      rows: 48_000 + number * 130,
      split: { train: 0.8, val: 0.1, test: 0.1 },
      source: number < 8 ? 's3://acme-raw/2026-05/' : 's3://acme-raw/2026-08/',
      filters: number < 8 ? ['blurry'] : ['blurry', 'duplicate'],
      schema: { image: 'png', label: 'int32', weight: 'float32' },
      ...(number >= 9 ? { reviewed_by: 'grace' } : {}),
    };
  }
  return {
    epoch: 12 + number,
    val: { acc: Number((0.7 + hash(collection.seed, number, 9) * 0.2).toFixed(4)), loss: 0.41 },
    framework: 'torch 2.8.0',
    quantized: false,
  };
}

/** The version that a link leads to. */
function sourceOf({ links, source }: MockCollection, number: number): LinkSource {
  const { first, ...place } = source;
  return links.get(number)?.source ?? { ...place, version: `v${first + number}` };
}

export interface NewMockLink extends Omit<MockLink, 'at'> {
  aliases: string[];
}

/** Links a version into a collection, which is made if there is none. */
export function linkVersion(
  world: World,
  { entity, project, collection: name }: CollectionRef,
  type: string,
  { aliases, ...link }: NewMockLink,
): Version {
  let collection = collectionsOf(world, entity, project).find(item => item.name === name);
  if (!collection) {
    collection = {
      entity,
      project,
      name,
      type,
      kind: 'links',
      description: '',
      tags: [],
      nVersions: 0,
      seed: world.collections.length + 1,
      aliases: {},
      edits: new Map(),
      deleted: new Set(),
      links: new Map(),
      source: { ...link.source, first: 0 },
    };
    world.collections.push(collection);
  }
  const number = collection.nVersions;
  collection.nVersions += 1;
  collection.links.set(number, { ...link, at: new Date().toISOString() });
  for (const alias of aliases) collection.aliases[alias] = number;
  return versionBody(world, collection, number);
}

export function versionBody(world: World, collection: MockCollection, number: number): Version {
  const runs = world.runsOf(collection.entity, collection.project);
  const run = runs.length > 0 ? runs[(number * 7 + collection.seed) % runs.length] : null;
  const { aliases: _aliases, ...edits } = collection.edits.get(number) ?? {};
  return {
    ...shortBody(collection, number),
    tags: number % 5 === 0 ? ['reviewed'] : [],
    description: number % 3 === 0 ? 'Labels of class 41 corrected after the audit.' : '',
    metadata: metadataOf(collection, number),
    ttl_s: number % 7 === 3 ? 30 * 86_400 : null,
    updated_at: createdAt(collection, number),
    logged_by: run && loggedRun(run),
    used_as: null,
    n_used_by: Math.floor(hash(collection.seed, number, 4) * 20),
    source: collection.kind === 'links' ? sourceOf(collection, number) : null,
    ...edits,
  } as Version;
}

/** A version, its source told only to who sees that, too. */
function versionSeen(
  { world, username }: Call,
  collection: MockCollection,
  number: number,
): Version {
  const version = versionBody(world, collection, number);
  const { source } = version;
  const isSeen = source && projectRole(world, source.entity, source.project, username) !== null;
  return { ...version, source: isSeen ? source : null };
}

export function collectionBody(collection: MockCollection): Collection {
  const numbers = numbersOf(collection);
  const latest = numbers.length > 0 ? shortBody(collection, numbers[0]) : null;
  return {
    entity: collection.entity,
    project: collection.project,
    name: collection.name,
    type: collection.type,
    kind: collection.kind,
    description: collection.description,
    tags: collection.tags,
    n_versions: numbers.length,
    latest,
    size_bytes: (latest?.size_bytes ?? 0) * Math.ceil(Math.sqrt(numbers.length)),
    created_at: createdAt(collection, 0),
    updated_at: latest?.created_at ?? createdAt(collection, 0),
  };
}

function findCollection({ world, method, path, username }: Call): MockCollection {
  const [, entity, project, name] = path;
  const found = collectionsOf(world, entity, project).find(item => item.name === name);
  const role = projectRole(world, entity, project, username);
  if (!found || !role)
    throw new Refusal(
      404,
      'collection_not_found',
      `artifact collection \`${name}\` does not exist in \`${entity}/${project}\``,
    );
  if (method !== 'GET' && !canWrite(role))
    throw new Refusal(403, 'forbidden', `you have the role ${role}, this needs the role member`);
  return found;
}

function findVersion(collection: MockCollection, wanted: string): number {
  const numbers = numbersOf(collection);
  const plain = /^v(\d+)$/.exec(wanted);
  const found = plain
    ? numbers.find(number => number === Number(plain[1]))
    : numbers.find(number => aliasesOf(collection, number).includes(wanted));
  if (found === undefined)
    throw new Refusal(
      404,
      'artifact_not_found',
      `artifact collection \`${collection.name}\` has no version \`${wanted}\``,
    );
  return found;
}

const ownAliases = (collection: MockCollection, number: number): string[] =>
  aliasesOf(collection, number).filter(alias => alias !== 'latest');

export async function answerCollections(call: Call): Promise<unknown> {
  const { world, method, path, query, request } = call;
  const collection = findCollection(call);
  if (path[4] === 'versions') {
    const { items, ...rest } = page(numbersOf(collection), query);
    return { ...rest, items: items.map(number => versionSeen(call, collection, number)) };
  }
  if (method === 'DELETE') {
    const named = numbersOf(collection).find(number => ownAliases(collection, number).length > 0);
    if (named !== undefined && query.get('aliases') !== 'true')
      throw new Refusal(
        409,
        'artifact_has_aliases',
        `version \`v${named}\` of \`${collection.name}\` has the alias \`${ownAliases(collection, named)[0]}\``,
        'delete with its aliases if nothing relies on them',
      );
    world.collections = world.collections.filter(other => other !== collection);
    return null;
  }
  if (method === 'PATCH') {
    const body = await bodyOf(request);
    if (world.collections.some(other => other.name === body.name && other !== collection))
      throw new Refusal(409, 'name_taken', `artifact collection \`${String(body.name)}\` exists`);
    Object.assign(collection, body);
  }
  return collectionBody(collection);
}

export async function answerArtifacts(call: Call): Promise<unknown> {
  const { world, method, path, query, request } = call;
  const collection = findCollection(call);
  const number = findVersion(collection, path[4]);
  switch (path[5]) {
    case undefined:
      break;
    case 'files':
      return path.length > 6
        ? sendBytes(call, collection, number, path.slice(6).join('/'))
        : listFiles(collection, number, query);
    case 'rows':
      return tableRows(path.slice(6).join('/'), number, query);
    case 'history':
      return history(world, collection, number);
    default:
      throw new Refusal(404, 'route_not_found', 'no such route');
  }
  if (method === 'DELETE') {
    const named = ownAliases(collection, number);
    if (named.length > 0 && query.get('aliases') !== 'true')
      throw new Refusal(
        409,
        'artifact_has_aliases',
        `version \`v${number}\` of \`${collection.name}\` has the alias \`${named[0]}\``,
        'delete it with its aliases if nothing relies on them',
      );
    collection.deleted.add(number);
    return null;
  }
  if (method === 'PATCH') {
    const patch = (await bodyOf(request)) as VersionPatch;
    if ('description' in patch || 'metadata' in patch || 'ttl_s' in patch)
      needWriteAtSource(call, collection, number);
    applyPatch(collection, number, patch);
  }
  return versionSeen(call, collection, number);
}

/** What is said of a version is said where it was logged, not where it is linked. */
function needWriteAtSource(
  { world, username }: Call,
  collection: MockCollection,
  number: number,
): void {
  if (collection.kind !== 'links') return;
  const { entity, project } = sourceOf(collection, number);
  if (!canWrite(projectRole(world, entity, project, username)))
    throw new Refusal(403, 'forbidden', `you may not write in \`${entity}/${project}\``);
}

function applyPatch(collection: MockCollection, number: number, patch: VersionPatch): void {
  const { add_aliases: added = [], remove_aliases: removed = [], ...rest } = patch;
  const bad = added.find(alias => /[:/]/.test(alias));
  if (bad !== undefined)
    throw new Refusal(422, 'invalid_alias', `alias \`${bad}\` holds \`:\` or \`/\``);
  // An alias is of one version: it moves.
  for (const other of numbersOf(collection)) {
    const names = aliasesOf(collection, other);
    if (other !== number && names.some(name => added.includes(name)))
      edit(collection, other, { aliases: names.filter(name => !added.includes(name)) });
  }
  const names = aliasesOf(collection, number).filter(name => !removed.includes(name));
  edit(collection, number, { ...rest, aliases: [...new Set([...names, ...added])] });
}

function edit(collection: MockCollection, number: number, change: object): void {
  collection.edits.set(number, { ...collection.edits.get(number), ...change });
}

const KNOWN_FILES = [
  'README.md',
  'labels.csv',
  'config/augment.yaml',
  'config/classes.json',
  'media/sample.wav',
  'shards/part-000.parquet',
  'shards/part-001.parquet',
  'tables/predictions.table.json',
  'weights/last.pt',
];

/** The files of a version: some of them change from version to version, some come and some go. */
function makeFiles(collection: string, number: number): ArtifactFile[] {
  if (collection === 'source-train')
    return ['train.py', 'data/loader.py', 'requirements.txt'].map(path =>
      fileOf(path, number, sourceText(path, number).length, 'text/x-python'),
    );
  const images = Array.from(
    { length: 24 + (number % 4) },
    (_, index) => `images/n${String(1440764 + index * 971)}/frame_${index}.png`,
  );
  const files = [...KNOWN_FILES, ...images].map((path, index) =>
    fileOf(path, index % 5 === 0 ? number : 0, sizeOf(path), typeOf(path)),
  );
  const far = fileOf('external/huge.tar', 0, 5_368_709_120, 'application/x-tar');
  return [...files, { ...far, reference: 's3://acme-raw/2026-08/huge.tar' }];
}

function fileOf(path: string, seed: number, size: number, type: string): ArtifactFile {
  const md5 = hex(seed, path.length, path.charCodeAt(path.length - 5)).slice(0, 22);
  return { path, size_bytes: size + seed * 11, mime_type: type, md5: `${md5}==`, reference: null };
}

const sizeOf = (path: string): number =>
  path.endsWith('.pt') ? 98_234_112 : path.endsWith('.parquet') ? 8_120_000 : 18_400 + path.length;

const TYPES: Record<string, string> = {
  md: 'text/markdown',
  csv: 'text/csv',
  yaml: 'application/yaml',
  json: 'application/json',
  wav: 'audio/wav',
  parquet: 'application/vnd.apache.parquet',
  png: 'image/png',
};
const typeOf = (path: string): string =>
  TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream';

const FIREHOSE_FILES = Array.from({ length: 30_000 }, (_, index) =>
  fileOf(
    `shard-${String(Math.floor(index / 100)).padStart(3, '0')}/part-${String(index).padStart(5, '0')}.parquet`,
    0,
    8_120_000,
    TYPES.parquet,
  ),
);

function listFiles(collection: MockCollection, number: number, query: URLSearchParams) {
  const prefix = query.get('prefix') ?? '';
  const files =
    collection.name === 'firehose'
      ? FIREHOSE_FILES
      : makeFiles(collection.name, number).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const found = prefix === '' ? files : files.filter(file => file.path.startsWith(prefix));
  return { ...page(found, query), total: null };
}

function sendBytes(
  call: Call,
  collection: MockCollection,
  number: number,
  path: string,
): undefined {
  const { response, world } = call;
  const send = (bytes: Buffer | string, type: string): undefined => {
    response.setHeader('Content-Type', type);
    response.setHeader('Content-Security-Policy', 'sandbox allow-scripts');
    response.end(bytes);
    return undefined;
  };
  if (collection.name === 'source-train') return send(sourceText(path, number), 'text/plain');
  if (path === 'README.md')
    return send(
      `# ${collection.name} v${number}\n\nMade by \`prepare.py\`. See the [card](https://example.org).\n\n- 100 classes\n- licence: research only\n`,
      'text/markdown',
    );
  if (path.endsWith('.yaml'))
    return send('flip: 0.5\ncrop: 160\nmixup:\n  alpha: 0.4\n', 'text/plain');
  if (path === 'config/classes.json')
    return send(JSON.stringify({ n: 100, names: ['otter', 'pine', 'wren'] }), 'application/json');
  const [run] = world.runs;
  const file = path.endsWith('.pt') ? null : fileBytes(run, path);
  if (!file)
    throw new Refusal(404, 'file_not_found', `version \`v${number}\` has no file \`${path}\``);
  return send(file.bytes, file.type);
}

export function sourceText(path: string, number: number): string {
  if (path !== 'train.py') return `# ${path}\nimport torch\n`;
  const body = Array.from({ length: 60 }, (_, index) =>
    index % 9 === 0 ? '' : `    value_${index} = step(batch, ${index})`,
  );
  const optimizer =
    number === 0
      ? ['optimizer = torch.optim.AdamW(model.parameters(), lr=config.lr)']
      : [
          'optimizer = torch.optim.AdamW(model.parameters(), lr=config.lr, weight_decay=0.05)',
          'scheduler = CosineAnnealingLR(optimizer, config.epochs)',
        ];
  return [
    'import torch',
    '',
    'model = build(config)',
    ...optimizer,
    '',
    'for batch in loader:',
    ...body,
    number === 0 ? 'save(model, "last.pt")' : 'save(model, "best.pt")',
    '',
  ].join('\n');
}

const CLASSES = ['otter', 'pine', 'wren', 'comet'];

function tableRows(path: string, number: number, query: URLSearchParams) {
  if (!/\.(csv|tsv|jsonl|parquet|table\.json)$/.test(path))
    throw new Refusal(422, 'not_a_table', `\`${path}\` is no table`);
  const hasMedia = path.endsWith('.table.json');
  const total = path.endsWith('.parquet') ? N_TABLE_ROWS : 240 + (number % 3);
  const from = Number(query.get('from') ?? 0);
  const end = Math.min(total, from + Number(query.get('limit') ?? 100));
  const items = Array.from({ length: Math.max(0, end - from) }, (_, offset): Json[] => {
    const index = from + offset;
    const label = pick(CLASSES, index, 1);
    const isMoved = index % 17 === 0;
    return [
      `n${String(1_440_764 + index * 37)}`,
      ...(hasMedia
        ? [
            {
              _type: 'image-file',
              path: `images/frame_${index % 20}.png`,
              width: 160,
              height: 120,
            } as JsonObject,
          ]
        : []),
      isMoved ? pick(CLASSES, index, number) : label,
      Number((hash(index, isMoved ? number : 0, 7) * 0.999).toFixed(4)),
      index % 2 === 0,
    ];
  });
  return {
    columns: [
      { name: 'id', type: 'text' },
      ...(hasMedia ? [{ name: 'image', type: 'json' }] : []),
      { name: 'label', type: 'text' },
      { name: 'score', type: 'number' },
      { name: 'held_out', type: 'boolean' },
    ],
    n_columns: hasMedia ? 5 : 4,
    items,
    from,
    total,
    has_more: end < total,
  };
}

function history(world: World, collection: MockCollection, number: number): List<VersionEvent> {
  const at = createdAt(collection, number);
  const later = (hours: number) => new Date(Date.parse(at) + hours * HOUR).toISOString();
  const { logged_by: run } = versionBody(world, collection, number);
  const events: VersionEvent[] = [
    { at, kind: 'created', by: 'ada', detail: run?.run ?? null },
    ...ownAliases(collection, number).map((alias, index) => ({
      at: later(index + 1),
      kind: 'alias_added' as const,
      by: 'grace',
      detail: alias,
    })),
    { at: later(3), kind: 'description_changed', by: 'ada', detail: null },
  ];
  return { items: events };
}

export function runArtifacts(world: World, run: MockRun): RunArtifacts {
  if (run.project === 'empty' || run.project === 'wide') return { used: [], logged: [] };
  const found = collectionsOf(world, run.entity, run.project);
  const body = (name: string, number: number) => {
    const collection = found.find(item => item.name === name);
    return collection ? [versionBody(world, collection, number)] : [];
  };
  return {
    used: [
      ...body('imagenet-100', run.seed % 12).map(item => ({ ...item, used_as: 'train' })),
      ...body('source-train', run.seed % 2),
      ...body('tiny-stories', 0),
    ],
    logged: [...body('resnet50', run.seed % 64), ...body('predictions', run.seed % 5)],
  };
}
