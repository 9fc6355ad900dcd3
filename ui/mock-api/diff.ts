import { Refusal, type Call } from './call.ts';
import type { World } from './world.ts';
import type {
  Diff,
  DiffAlignment,
  DiffChange,
  DiffEntry,
  DiffFinding,
  DiffSection,
  DiffSectionName,
  Json,
  LineageNode,
} from '../src/api/schema';

function entry(key: string, left: Json, right: Json, more: Partial<DiffEntry> = {}): DiffEntry {
  const change: DiffChange = left === null ? 'added' : right === null ? 'removed' : 'changed';
  const nothing = {
    left_text_url: null,
    right_text_url: null,
    left_size_bytes: null,
    right_size_bytes: null,
  };
  return { key, change, left, right, ...nothing, ...more };
}

const section = (
  name: DiffSectionName,
  nSame: number,
  entries: DiffEntry[],
  truncated = false,
): DiffSection => ({
  name,
  n_same: nSame,
  n_different: truncated ? 12_400 : entries.length,
  entries,
  truncated,
});

function sideOf(world: World, spec: string): LineageNode {
  const run = /^run:([^/]+)\/([^/]+)\/(.+)$/.exec(spec);
  const artifact = /^artifact:([^/]+)\/([^/]+)\/([^:]+):(.+)$/.exec(spec);
  const found = run && world.runs.find(item => item.project === run[2] && item.id === run[3]);
  if (found) return node({ run: found.id, name: found.display_name, state: found.state }, null);
  const collection = artifact && world.collections.find(item => item.name === artifact[3]);
  if (!collection) throw new Refusal(404, 'not_found', `\`${spec}\` is no run and no version`);
  return node(null, { collection: collection.name, type: collection.type, version: artifact[4] });
}

let made = 0;

function node(
  run: { run: string; name: string; state: 'finished' | string } | null,
  artifact: { collection: string; type: string; version: string } | null,
): LineageNode {
  made += 1;
  const place = { entity: 'ada', project: 'vision' };
  const at = '2026-09-12T08:14:00Z';
  return {
    id: `n${made}`,
    kind: run ? 'run' : 'artifact',
    depth: 0,
    run: run && {
      ...place,
      ...run,
      state: run.state as 'finished',
      created_at: at,
      job_type: 'train',
      group: null,
    },
    artifact: artifact && {
      ...place,
      ...artifact,
      aliases: [],
      digest: '0'.repeat(32),
      n_files: 34,
      size_bytes: 812_000_000,
      created_at: at,
    },
    n_hidden_up: 0,
    n_hidden_down: 0,
  };
}

const dataset = (version: string): LineageNode =>
  node(null, { collection: 'imagenet-100', type: 'dataset', version });
const raw = (version: string): LineageNode =>
  node(null, { collection: 'raw-images', type: 'dataset', version });

export function answerDiff({ world, query }: Call): Diff {
  const [leftSpec, rightSpec] = [query.get('left') ?? '', query.get('right') ?? ''];
  const [left, right] = [sideOf(world, leftSpec), sideOf(world, rightSpec)];
  if (leftSpec === rightSpec) {
    const names: DiffSectionName[] = ['config', 'summary', 'code', 'inputs'];
    return {
      left,
      right,
      first_differences: [],
      sections: names.map(name => section(name, 14, [])),
      lineage: [],
      truncated: false,
    };
  }
  const code = (version: string, path: string) =>
    `/api/v1/artifacts/ada/vision/source-train/${version}/files/${path}`;
  const text = (version: string, path: string) =>
    `/api/v1/artifacts/ada/vision/imagenet-100/${version}/files/${path}`;
  const isRuns = left.kind === 'run' && right.kind === 'run';
  const sections = [
    section('config', 11, [
      entry('lr', 0.0003, 0.001),
      entry('optimizer', 'adamw', 'lion'),
      entry('model.dropout', 0.1, null),
      entry('data.root', '/data/imagenet-100/2026-05-17', '/data/imagenet-100/2026-08-02'),
      entry('data.augment', ['flip', 'crop', 'mixup'], ['flip', 'crop', 'mixup', 'cutout']),
      entry('notes 🦦', null, 'chosen late at night, after the second coffee'),
    ]),
    section('summary', 4, [
      entry('val.acc', 0.9123, 0.8744),
      entry('val.loss.last', 0.31872, 0.40155),
      entry('best_checkpoint', 'epoch-31.pt', 'epoch-12.pt'),
    ]),
    section('command', 1, [
      entry(
        'command',
        'python train.py --config configs/resnet50.yaml --seed 17',
        'python train.py --config configs/resnet50.yaml --seed 21 --amp',
      ),
    ]),
    section('git', 1, [
      entry(
        'commit',
        '8f14e45fceea167a5a36dedd4bea2543a1b2c3d4',
        '8f14e45fceea167a5a36dedd4bea2543ffeeddcc',
      ),
    ]),
    section('code', 22, [
      entry('train.py', null, null, {
        change: 'changed',
        left_text_url: code('v0', 'train.py'),
        right_text_url: code('v1', 'train.py'),
        left_size_bytes: 2410,
        right_size_bytes: 2544,
      }),
      entry('data/loader.py', null, null, {
        change: 'removed',
        left_text_url: code('v0', 'data/loader.py'),
        left_size_bytes: 812,
      }),
    ]),
    section('environment', 9, [
      entry('gpu', 'NVIDIA A100-SXM4-40GB', 'NVIDIA H100-PCIe-80GB'),
      entry('python', 'CPython 3.12.4', 'CPython 3.12.7'),
    ]),
    section('packages', 141, [
      entry('torch', '2.8.0', '2.8.1'),
      entry('flash-attn', null, '2.7.4'),
      entry('apex', '0.9.10', null),
    ]),
    section(
      'inputs',
      1,
      [
        entry('imagenet-100', 'v7', 'v9', { left_size_bytes: 8.1e8, right_size_bytes: 8.4e8 }),
        entry('imagenet-100/labels.csv', 'h+Kc2vQ==', 'p0Zx91A==', {
          left_text_url: text('v7', 'config/augment.yaml'),
          right_text_url: text('v9', 'images/n1440764/frame_0.png'),
          left_size_bytes: 18_412,
          right_size_bytes: 18_530,
        }),
        ...Array.from({ length: 40 }, (_, index) =>
          entry(`imagenet-100/images/n0${index}/frame_${index}.png`, null, 'Kq2x01w==', {
            right_size_bytes: 21_000 + index,
          }),
        ),
      ],
      true,
    ),
    ...(isRuns
      ? []
      : [
          section('metadata', 5, [entry('epoch', 53, 72), entry('val.acc', 0.81, 0.77)]),
          section('files', 33, [
            entry('weights/last.pt', 'aa==', 'bb==', {
              left_size_bytes: 98_234_112,
              right_size_bytes: 98_234_563,
            }),
          ]),
        ]),
  ];
  const finding = (
    depth: number,
    name: DiffSectionName,
    key: string,
    values: [Json, Json],
    nodes: [LineageNode, LineageNode],
    message: string,
  ): DiffFinding => ({
    depth,
    section: name,
    key,
    change: 'changed',
    left: values[0],
    right: values[1],
    left_node: nodes[0],
    right_node: nodes[1],
    message,
    is_root: depth !== 1,
    files:
      depth === 1
        ? [
            entry('labels.csv', null, null, {
              change: 'changed',
              left_size_bytes: 18_412,
              right_size_bytes: 18_530,
            }),
            entry('images/n01/frame_1.png', null, null, { right_size_bytes: 21_001 }),
          ]
        : [],
  });
  const steps = (
    depth: number,
    name: string,
    nodes: [LineageNode | null, LineageNode | null],
    differences: number,
  ): DiffAlignment => ({
    depth,
    name,
    left: nodes[0],
    right: nodes[1],
    state: !nodes[0]
      ? 'only_right'
      : !nodes[1]
        ? 'only_left'
        : differences > 0
          ? 'changed'
          : 'same',
    n_differences: differences,
  });
  const prepare = (id: string) => node({ run: id, name: `prepare ${id}`, state: 'finished' }, null);
  return {
    left,
    right,
    first_differences: [
      finding(
        3,
        'metadata',
        'source',
        ['2026-05', '2026-08'],
        [raw('v1'), raw('v2')],
        'dataset `raw-images` moved from `v1` to `v2`: 12,400 files were added',
      ),
      finding(
        0,
        'code',
        'train.py',
        [null, null],
        [left, right],
        '`train.py` changed: weight decay and a schedule were added',
      ),
      finding(
        0,
        'config',
        'lr',
        [0.0003, 0.001],
        [left, right],
        'config `lr` changed from `0.0003` to `0.001`',
      ),
      finding(
        1,
        'inputs',
        'imagenet-100',
        ['v7', 'v9'],
        [dataset('v7'), dataset('v9')],
        '`imagenet-100` moved from `v7` to `v9`: `labels.csv` changed and 12,399 files were added, because what it was made of differs',
      ),
    ],
    sections,
    truncated: false,
    lineage: [
      steps(0, 'train', [left, right], 9),
      steps(1, 'imagenet-100', [dataset('v7'), dataset('v9')], 42),
      steps(
        1,
        'pretrained',
        [null, node(null, { collection: 'pretrained', type: 'model', version: 'v2' })],
        0,
      ),
      steps(2, 'preprocess', [prepare('p1'), prepare('p2')], 1),
      steps(3, 'raw-images', [raw('v1'), raw('v2')], 3),
      steps(
        3,
        'labels',
        [
          node(null, { collection: 'labels', type: 'dataset', version: 'v3' }),
          node(null, { collection: 'labels', type: 'dataset', version: 'v3' }),
        ],
        0,
      ),
    ],
  };
}
