import type * as Wire from '../src/api/schema';
import {
  LONG_USER,
  makeGroups,
  makeRegistries,
  type MockGroup,
  type MockRegistry,
} from './groups.ts';
import { makeCollections, type MockCollection } from './collections.ts';
import { hash, noise, pick } from './random.ts';
import { registryProject } from '../src/util/roles.ts';
import { addSweeps, type MockSweep } from './sweeps.ts';

export interface MockRun extends Wire.RunDetail {
  entity: string;
  project: string;
  seed: number;
  /** Rows a second while running. */
  rate: number;
  /** How often its console has started over. */
  n_restarts: number;
  /** Why its rows cannot be read. */
  damage: string | null;
}

export interface MockProject {
  entity: string;
  name: string;
  description: string | null;
  created_at: string;
}

interface MockUser extends Wire.User {
  password: string;
}

interface MockKey extends Wire.ApiKey {
  username: string;
}

const START = Date.now();
const DAY = 86_400_000;
const ADJECTIVES = [
  'brisk',
  'calm',
  'bold',
  'quiet',
  'amber',
  'lucid',
  'proud',
  'swift',
  'mellow',
  'vivid',
];
const NOUNS = [
  'otter',
  'pine',
  'wren',
  'comet',
  'harbor',
  'meadow',
  'falcon',
  'ember',
  'lagoon',
  'summit',
];
const OPTIMIZERS = ['adamw', 'sgd', 'lion'];
const TAGS = ['baseline', 'ablation', 'long', 'sweep-3', 'paper'];
const iso = (time: number): string => new Date(time).toISOString();

export class World {
  users: MockUser[] = [
    {
      username: 'ada',
      email: 'ada@example.org',
      admin: true,
      created_at: iso(START - 90 * DAY),
      password: 'ballast',
    },
    {
      username: 'grace',
      email: 'grace@example.org',
      admin: false,
      created_at: iso(START - 40 * DAY),
      password: 'ballast',
    },
    {
      username: 'newcomer',
      email: 'new@example.org',
      admin: false,
      created_at: iso(START),
      password: 'ballast',
    },
    ...['alan', 'barbara', LONG_USER].map((username, index) => ({
      username,
      email: `${username}@example.org`,
      admin: false,
      created_at: iso(START - (30 - index) * DAY),
      password: 'ballast',
    })),
  ];
  apiKeys: MockKey[] = [
    {
      id: 'k1',
      username: 'ada',
      name: 'laptop',
      hint: '9f3c',
      created_at: iso(START - 60 * DAY),
      last_used_at: iso(START - 7_200_000),
    },
    {
      id: 'k2',
      username: 'ada',
      name: 'cluster',
      hint: '07be',
      created_at: iso(START - 30 * DAY),
      last_used_at: null,
    },
  ];
  projects: MockProject[] = [];
  runs: MockRun[] = [];
  collections: MockCollection[] = makeCollections();
  groups: MockGroup[] = makeGroups();
  registries: MockRegistry[] = makeRegistries();
  sweeps: MockSweep[] = [];
  sessions = new Map<string, string>();

  constructor() {
    this.addProject('ada', 'vision', 'Image classification on small data', 60);
    this.addProject('ada', 'language', null, 20);
    this.addProject('ada', 'empty', 'Nothing logged yet', 2);
    this.addProject('ada', 'broken', 'Every list of this project fails', 9);
    this.addProject(
      'ada',
      'a-project-with-a-remarkably-long-name-that-somebody-once-chose-and-nobody-dares-to-rename',
      '🦦 emoji in the description',
      33,
    );
    // Named as the projects of registries are, and none of them.
    this.addProject('ada', 'wandb-registry-mine', null, 90);
    this.addProject('ada', 'crowded', 'More runs and files than a page lists', 80);
    this.addProject('ada', 'wide', 'More metrics than a page makes panels of', 70);
    this.addProject('ada', 'damaged', 'Stored rows of one run are damaged', 75);
    this.addProject('grace', 'protein', null, 12);
    this.addProject('perception', 'lidar', 'Lanes and kerbs from point clouds', 70);
    this.addProject('perception', 'depth-maps', null, 50);
    this.addProject('weather', 'nowcasting', null, 20);
    for (const { organization, name, description } of this.registries)
      this.addProject(organization, registryProject(name), description, 30);
    for (let index = 0; index < 312; index += 1) this.addRun('ada', 'vision', index, 312);
    for (let index = 0; index < 5; index += 1) this.addRun('ada', 'language', index, 5);
    this.addRun('ada', this.projects[4].name, 0, 1);
    this.addRun('ada', 'crowded', 0, 1);
    for (let index = 1; index < 4; index += 1) this.addRun('ada', 'wide', index, 9);
    for (let index = 1; index < 4; index += 1) this.addRun('ada', 'damaged', index, 9);
    this.runsOf('ada', 'damaged')[1].damage = 'stored history is damaged: chunk 17 cannot be read';
    this.addRun('grace', 'protein', 0, 1);
    for (let index = 0; index < 4; index += 1) this.addRun('perception', 'lidar', index, 40);
    this.addRun('perception', 'depth-maps', 0, 90);
    this.addRun('weather', 'nowcasting', 0, 60);
    addSweeps(this);
  }

  addProject(entity: string, name: string, description: string | null, daysAgo: number): void {
    this.projects.push({ entity, name, description, created_at: iso(START - daysAgo * DAY) });
  }

  addRun(entity: string, project: string, index: number, total: number): MockRun {
    const seed = index + 1;
    const age = (total - index) * 5_400_000 + hash(seed, 1) * 3_600_000;
    const live = project === 'vision' ? index >= total - 3 : project === 'language' && index === 4;
    const created = live ? START - 600_000 : START - age;
    const rows = live ? 600 : index === 0 ? 200_000 : 400 + Math.floor(hash(seed, 2) * 1600);
    const states: Wire.RunState[] = [
      'finished',
      'finished',
      'finished',
      'finished',
      'failed',
      'crashed',
      'killed',
    ];
    const state = live ? 'running' : index % 40 === 39 ? 'preempted' : pick(states, seed, 3);
    const duration = live ? 600 : rows * 0.9;
    const optimizer = pick(OPTIMIZERS, seed, 4);
    const lr = Number((10 ** (-4 + 2 * hash(seed, 5))).toPrecision(3));
    const name = `${pick(ADJECTIVES, seed, 6)}-${pick(NOUNS, seed, 7)}-${index + 1}`;
    const run: MockRun = {
      entity,
      project,
      seed,
      rate: live ? 1 : 0,
      n_restarts: 0,
      damage: null,
      id: `r${(1000 + index).toString(36)}${Math.floor(hash(seed, 8) * 1e6).toString(36)}`,
      display_name:
        index === total - 5
          ? '🦦 a run with a long name, chosen late at night: resnet50 · mixup 0.4 · cosine · seed 17'
          : name,
      number: index + 1,
      state,
      exit_code: state === 'finished' ? 0 : state === 'failed' ? 1 : null,
      created_at: iso(created),
      heartbeat_at: iso(live ? START : created + duration * 1000),
      ended_at: live ? null : iso(created + duration * 1000),
      duration_s: duration,
      user: entity,
      group: index % 3 === 0 ? 'lr-study' : null,
      job_type: 'train',
      tags: TAGS.filter((_tag, place) => hash(seed, 9, place) > 0.82),
      notes:
        index === total - 1
          ? 'First run with the new augmentation.\nCompare with the baseline.'
          : null,
      color: null,
      stop_requested: false,
      deleted_at: null,
      n_history_rows: rows,
      n_system_rows: Math.ceil(duration / 15),
      n_console_lines: index === total - 1 ? 1_000_000 : 420 + Math.floor(hash(seed, 10) * 4000),
      n_problems: index === total - 2 ? 2 : 0,
      parent: null,
      sweep: null,
      summary: {},
      config: {
        lr,
        optimizer,
        batch_size: pick([32, 64, 128, 256], seed, 11),
        epochs: 40,
        model: {
          name: 'resnet50',
          depth: 50,
          pretrained: true,
          dropout: Number(hash(seed, 12).toFixed(2)),
        },
        data: { root: '/data/imagenet-100', workers: 8, augment: ['flip', 'crop', 'mixup'] },
        seed,
      },
      environment: environment(seed),
      metric_definitions: [],
      custom_charts: customCharts(),
    };
    if (index === total - 2 && total > 2)
      run.parent = { run: this.runs.at(-1)?.id ?? run.id, step: 200 };
    run.summary = summaryOf(run);
    this.runs.push(run);
    return run;
  }

  /** Lets running runs grow to where they are by now and returns those that did. */
  advance(now: number): MockRun[] {
    const grown: MockRun[] = [];
    for (const run of this.runs) {
      if (run.state !== 'running' || run.rate === 0) continue;
      if (run.stop_requested) {
        Object.assign(run, { state: 'killed', ended_at: iso(now), exit_code: 255 });
        grown.push(run);
        continue;
      }
      const rows = 600 + Math.floor(((now - START) / 1000) * run.rate);
      if (rows === run.n_history_rows) continue;
      run.n_history_rows = rows;
      run.duration_s = (now - Date.parse(run.created_at)) / 1000;
      run.n_system_rows = Math.ceil(run.duration_s / 5);
      run.n_console_lines += 1;
      run.heartbeat_at = iso(now);
      run.summary = summaryOf(run);
      grown.push(run);
    }
    return grown;
  }

  runsOf(entity: string, project: string): MockRun[] {
    return this.runs.filter(run => run.entity === entity && run.project === project);
  }
}

function summaryOf(run: MockRun): Wire.JsonObject {
  const step = run.n_history_rows - 1;
  return {
    _step: step,
    _runtime: run.duration_s,
    train: { loss: curve(run, 'train/loss', step), acc: curve(run, 'train/acc', step) },
    val: { loss: { min: curve(run, 'val/loss', step) * 0.97, last: curve(run, 'val/loss', step) } },
    lr: curve(run, 'lr', step),
    diverged: false,
    best_checkpoint: `epoch-${Math.floor(step / 50)}.pt`,
    gradient: 'NaN',
  };
}

function environment(seed: number): Wire.Environment {
  return {
    os: 'Linux-6.1.0-18-amd64-x86_64-with-glibc2.36',
    python: 'CPython 3.12.4',
    host: `node-${seed % 8}`,
    program: 'train.py',
    command: 'python train.py --config configs/resnet50.yaml --seed 17',
    git_remote: 'git@github.com:ada/vision.git',
    git_commit: `${Math.floor(hash(seed, 20) * 1e15)
      .toString(16)
      .padStart(13, '0')}${'a1b2c3d4e5f60718293a4b5c6d7'.slice(0, 27)}`,
    cpu_count: 32,
    gpu: 'NVIDIA A100-SXM4-40GB',
    gpu_count: 2,
    memory_bytes: 270_000_000_000,
    cuda: '12.4',
    executable: '/home/ada/.venv/bin/python',
    packages: [
      'numpy==2.1.0',
      'torch==2.8.0',
      'torchvision==0.23.0',
      'wandb==0.31.0',
      'pillow==11.3.0',
      'tqdm==4.67.1',
    ],
  };
}

function customCharts(): Record<string, Wire.CustomChart> {
  return {
    pr_curve: {
      definition: 'wandb/area-under-curve/v0',
      fields: { x: 'recall', y: 'precision', class: 'class' },
      strings: {
        title: 'Precision and recall',
        'x-axis-title': 'Recall',
        'y-axis-title': 'Precision',
      },
      table_key: 'pr_curve_table',
    },
    confusion: {
      definition: 'wandb/confusion_matrix/v1',
      fields: { Actual: 'Actual', Predicted: 'Predicted', nPredictions: 'nPredictions' },
      strings: { title: 'Confusion' },
      table_key: 'confusion_table',
    },
    scores: {
      definition: 'ada/score_bars',
      fields: { label: 'class', value: 'precision' },
      strings: { title: 'Mean precision of each class' },
      table_key: 'pr_curve_table',
    },
    mystery: {
      definition: 'ada/gone',
      fields: {},
      strings: {},
      table_key: 'confusion_table',
    },
    malformed: {
      definition: 'ada/malformed',
      fields: {},
      strings: {},
      table_key: 'confusion_table',
    },
  };
}

/** The value of a metric at a step: made from the seed, so that nothing has to be stored. */
export function curve(run: MockRun, key: string, step: number): number {
  const { seed } = run;
  const size = hash(seed, 30);
  const progress = step / 1500;
  switch (key) {
    case 'train/loss':
      return (
        0.15 +
        0.2 * size +
        2.2 * Math.exp(-progress * (3 + 4 * size)) +
        0.06 * noise(seed, 31, step) +
        (step % 997 === 640 ? 1.4 : 0)
      );
    case 'train/acc':
      return Math.min(
        0.999,
        0.94 +
          0.05 * size -
          0.75 * Math.exp(-progress * (3 + 3 * size)) +
          0.012 * noise(seed, 32, step),
      );
    case 'train/grad_norm':
      return (
        Math.exp(0.4 - progress * 0.6 + 0.35 * noise(seed, 33, step)) *
        (hash(seed, 34, step) > 0.997 ? 9 : 1)
      );
    case 'train/unstable':
      return step % 211 === 100
        ? Number.NaN
        : step % 503 === 300
          ? Number.POSITIVE_INFINITY
          : Math.sin(step / 60 + seed) * Math.exp(step / 900);
    case 'val/loss':
      return (
        0.3 +
        0.25 * size +
        1.8 * Math.exp(-progress * (3 + 3 * size)) +
        0.02 * noise(seed, 35, step)
      );
    case 'val/acc':
      return 0.91 + 0.06 * size - 0.7 * Math.exp(-progress * 4) + 0.006 * noise(seed, 36, step);
    case 'lr':
      return (
        (run.config.lr as number) *
        Math.min(1, step / 100) *
        (0.5 + 0.5 * Math.cos(Math.min(1, step / 2000) * Math.PI))
      );
    case 'epoch':
      return Math.floor(step / 50);
    case 'tokens_per_s':
      return 48_000 + 3000 * size + 900 * noise(seed, 37, step) - (step % 400 < 12 ? 21_000 : 0);
    default:
      return key.startsWith('layer')
        ? Math.exp(-progress * 2) *
            (1 + 0.2 * noise(seed, key.charCodeAt(5) + key.charCodeAt(6), step))
        : 50 + 30 * Math.sin(step / 9 + key.length) + 10 * noise(seed, key.length, step);
  }
}

/** Whether a row of the step holds the key. */
export function isLogged(key: string, step: number): boolean {
  if (key.startsWith('val/')) return step % 10 === 9;
  if (key === 'train/acc' && step > 260 && step < 380) return false;
  return true;
}
