import { deflateSync } from 'node:zlib';
import type { HistoryRow, Json, RunFile } from '../src/api/schema';
import { hash, noise } from './random.ts';
import type { MockRun } from './world.ts';

const CRC = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

type Pixel = (x: number, y: number) => number[];

function png(width: number, height: number, channels: 1 | 3, pixel: Pixel): Buffer {
  const raw = Buffer.alloc(height * (width * channels + 1));
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    raw[at++] = 0;
    for (let x = 0; x < width; x += 1) for (const value of pixel(x, y)) raw[at++] = value;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, channels === 3 ? 2 : 0, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function wav(seconds: number, pitch: number): Buffer {
  const rate = 8000;
  const samples = Math.floor(seconds * rate);
  const buffer = Buffer.alloc(44 + samples * 2);
  buffer.write('RIFF', 0);
  buffer.writeUInt32LE(36 + samples * 2, 4);
  buffer.write('WAVEfmt ', 8);
  buffer.writeUInt32LE(16, 16);
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(rate, 24);
  buffer.writeUInt32LE(rate * 2, 28);
  buffer.writeUInt16LE(2, 32);
  buffer.writeUInt16LE(16, 34);
  buffer.write('data', 36);
  buffer.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    buffer.writeInt16LE(
      Math.round(9000 * Math.sin((index / rate) * pitch * Math.PI * 2)),
      44 + index * 2,
    );
  }
  return buffer;
}

const CLASSES = ['otter', 'pine', 'wren', 'comet', 'harbor'];
const photo =
  (seed: number): Pixel =>
  (x, y) => {
    const wave = Math.sin((x + seed * 13) / (8 + (seed % 5))) + Math.cos((y - seed * 7) / 11);
    return [110 + 60 * wave, 120 + 50 * Math.sin(wave * 2 + seed), 150 - 50 * wave].map(Math.round);
  };

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** The bytes of a run file and its type; null when there is no such file. */
export function fileBytes(run: MockRun, path: string): { bytes: Buffer; type: string } | null {
  const seed =
    run.seed + [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  if (path.endsWith('.mask.png')) {
    return {
      bytes: png(160, 120, 1, (x, y) => [(x - 70) ** 2 + (y - 60) ** 2 < 900 ? 1 : y > 95 ? 2 : 0]),
      type: 'image/png',
    };
  }
  if (path.endsWith('.png'))
    return { bytes: png(160, 120, 3, photo(seed % 97)), type: 'image/png' };
  if (path.endsWith('.wav')) return { bytes: wav(1.2, 220 + (seed % 5) * 60), type: 'audio/wav' };
  if (path.endsWith('.html')) {
    const page =
      '<body style="font:14px sans-serif"><h3>Attention</h3><p>Logged as HTML. <script>document.write("It may run scripts, but not as us.")</script></p></body>';
    return { bytes: Buffer.from(page), type: 'text/html' };
  }
  if (path.endsWith('.pts.json')) return { bytes: json(cloud()), type: 'application/json' };
  if (path.endsWith('.plotly.json'))
    return { bytes: json(figure(path.includes('surface'))), type: 'application/json' };
  if (path.endsWith('.pdb')) return { bytes: Buffer.from('HEADER\n'), type: 'chemical/x-pdb' };
  if (path.endsWith('.boxes2D.json')) return { bytes: json(boxes()), type: 'application/json' };
  if (path.endsWith('.table.json'))
    return { bytes: json(table(run, path)), type: 'application/json' };
  if (path === 'config.yaml')
    return {
      bytes: Buffer.from('lr:\n  value: 0.01\nmodel:\n  value: resnet50\n'),
      type: 'text/yaml',
    };
  if (path === 'requirements.txt')
    return { bytes: Buffer.from((run.environment.packages ?? []).join('\n')), type: 'text/plain' };
  if (path === 'wandb-summary.json') return { bytes: json(run.summary), type: 'application/json' };
  if (path === 'notes/README.md') {
    return {
      bytes: Buffer.from(
        '# Notes\n\nA *small* note with `code`, a [link](https://example.org) and <script>alert(1)</script>.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n',
      ),
      type: 'text/markdown',
    };
  }
  if (path === 'results/metrics.csv') {
    const rows = Array.from(
      { length: 200 },
      (_, index) => `${index},${(1 / (index + 1)).toFixed(4)},"class, ${CLASSES[index % 5]}"`,
    );
    return { bytes: Buffer.from(`step,loss,label\n${rows.join('\n')}\n`), type: 'text/csv' };
  }
  if (path === 'checkpoints/last.pt')
    return { bytes: Buffer.alloc(2048, 7), type: 'application/octet-stream' };
  return null;
}

function figure(surface: boolean): Json {
  if (surface) return { data: [{ type: 'surface', z: [[1, 2]] }], layout: {} };
  const x = Array.from({ length: 60 }, (_, index) => index / 6);
  return {
    data: [
      { type: 'scatter', mode: 'lines', name: 'sine', x, y: x.map(value => Math.sin(value)) },
      { type: 'scattergl', mode: 'markers', name: 'noise', x, y: x.map(value => noise(7, value)) },
    ],
    layout: { title: { text: 'Logged with Plotly' }, xaxis: { title: { text: 'time' } } },
  };
}

function cloud(): Json {
  const points = Array.from({ length: 4000 }, (_, index): Json => {
    const [turn, lift] = [index * 2.399963, Math.acos(1 - (2 * (index + 0.5)) / 4000)];
    return [
      Math.sin(lift) * Math.cos(turn),
      Math.sin(lift) * Math.sin(turn),
      Math.cos(lift),
      1 + (index % 5),
    ];
  });
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((bits): Json => [
    bits & 1 ? 0.7 : -0.7,
    bits & 2 ? 0.7 : -0.7,
    bits & 4 ? 0.7 : -0.7,
  ]);
  return { type: 'lidar/beta', points, boxes: [{ corners, label: 'core', color: [200, 60, 60] }] };
}

function boxes(): Json {
  return {
    box_data: [
      {
        position: { minX: 0.25, maxX: 0.62, minY: 0.25, maxY: 0.75 },
        class_id: 1,
        box_caption: 'otter 0.92',
        scores: { score: 0.92 },
      },
      {
        position: { middle: [120, 30], width: 50, height: 40 },
        domain: 'pixel',
        class_id: 2,
        box_caption: 'pine 0.71',
        scores: { score: 0.71 },
      },
    ],
    class_labels: { 1: 'otter', 2: 'pine' },
  };
}

function table(run: MockRun, path: string): Json {
  if (path.includes('pr_curve')) {
    const data = CLASSES.slice(0, 3).flatMap((name, place) =>
      Array.from({ length: 40 }, (_, index): Json => {
        const recall = index / 39;
        return [name, recall, 1 - recall ** (3 + place + hash(run.seed, place)) * 0.6];
      }),
    );
    return { columns: ['class', 'recall', 'precision'], data };
  }
  if (path.includes('confusion')) {
    const data = CLASSES.flatMap((actual, row) =>
      CLASSES.map((predicted, column): Json => [
        actual,
        predicted,
        row === column
          ? 60 + Math.floor(hash(run.seed, row) * 40)
          : Math.floor(hash(run.seed, row, column) * 14),
      ]),
    );
    return { columns: ['Actual', 'Predicted', 'nPredictions'], data };
  }
  const data = Array.from({ length: 500 }, (_, index): Json => [
    index,
    { _type: 'image-file', path: `media/images/table_${index % 12}.png`, width: 160, height: 120 },
    CLASSES[index % 5],
    CLASSES[Math.floor(hash(run.seed, index) * 5)],
    index % 57 === 11 ? 'NaN' : Number(hash(run.seed, index, 2).toFixed(4)),
    index % 9 === 0
      ? null
      : `sample ${index} of the validation set, a sentence long enough to be cut`,
  ]);
  return { columns: ['id', 'image', 'label', 'predicted', 'score', 'comment'], data };
}

const MEDIA_EVERY = 50;
/** A run that grows logs media often enough to be watched. */
const MEDIA_EVERY_LIVE = 5;

const isTable = (key: string): boolean =>
  ['predictions', 'pr_curve_table', 'confusion_table'].includes(key);

function mediaSteps(run: MockRun): number[] {
  const steps: number[] = [];
  const live = run.rate > 0 ? 600 : Number.POSITIVE_INFINITY;
  let step = 0;
  while (step < run.n_history_rows) {
    steps.push(step);
    step += step >= live ? MEDIA_EVERY_LIVE : MEDIA_EVERY;
  }
  return steps;
}

/** History rows that hold media under a key, as the server pages them. */
export function mediaRows(
  run: MockRun,
  query: URLSearchParams,
): { items: HistoryRow[]; next_cursor: string | null; total: null } {
  const keys = query.getAll('key');
  const bound = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
  const after = bound('cursor', -1);
  const limit = Math.min(1000, bound('limit', 200));
  const rows: HistoryRow[] = [];
  for (const step of mediaSteps(run)) {
    if (step <= after || step < bound('min_step', 0) || step > bound('max_step', Infinity))
      continue;
    const values = Object.fromEntries(
      keys.map(key => [key, mediaValue(run, key, step)]).filter(([, value]) => value !== null),
    );
    if (Object.keys(values).length > 0) {
      rows.push({
        step,
        runtime: step * 0.9,
        time: Date.parse(run.created_at) / 1000 + step * 0.9,
        values,
      });
    }
    if (rows.length > limit) break;
  }
  const items = rows.slice(0, limit);
  const next_cursor = rows.length > limit ? String(items.at(-1)?.step) : null;
  return { items, next_cursor, total: null };
}

/** How often and where a run has logged a media key. */
export function mediaExtent(run: MockRun, key: string): { count: number; last_step: number } {
  const steps = mediaSteps(run).filter(step => !isTable(key) || step % TABLE_EVERY === 0);
  return { count: steps.length, last_step: steps.at(-1) ?? 0 };
}

const TABLE_EVERY = 200;

function mediaValue(run: MockRun, key: string, step: number): Json {
  switch (key) {
    case 'examples/images':
      return {
        _type: 'images/separated',
        count: 4,
        width: 160,
        height: 120,
        format: 'png',
        filenames: [0, 1, 2, 3].map(place => `media/images/examples/images_${step}_${place}.png`),
        captions: CLASSES.slice(0, 4).map(name => `${name}, step ${step}`),
      };
    case 'examples/detection':
      return {
        _type: 'image-file',
        path: `media/images/examples/detection_${step}.png`,
        width: 160,
        height: 120,
        format: 'png',
        caption: `detections at ${step}`,
        boxes: {
          predictions: { _type: 'boxes2D', path: `media/metadata/boxes2D/p_${step}.boxes2D.json` },
        },
        masks: { ground_truth: { _type: 'mask', path: `media/images/mask/g_${step}.mask.png` } },
      };
    case 'examples/speech':
      return { _type: 'audio-file', path: `media/audio/speech_${step}.wav`, caption: 'a vowel' };
    case 'examples/page':
      return { _type: 'html-file', path: `media/html/page_${step}.html` };
    case 'examples/cloud':
      return {
        _type: 'object3D-file',
        path: `media/object3D/cloud_${step}.pts.json`,
        size: 31_000,
      };
    case 'examples/figure':
      return { _type: 'plotly-file', path: `media/plotly/figure_${step}.plotly.json`, size: 900 };
    case 'examples/surface':
      return { _type: 'plotly-file', path: `media/plotly/surface_${step}.plotly.json` };
    case 'examples/protein':
      return {
        _type: 'molecule-file',
        path: `media/molecule/protein_${step}.pdb`,
        size: 48_200,
        caption: 'a small protein',
      };
    case 'weights': {
      const width = 0.2 + step / 1500;
      const values = Array.from({ length: 64 }, (_, bin) =>
        Math.max(
          0,
          Math.round(
            900 * Math.exp(-(((bin - 32) / (32 * width)) ** 2)) + 20 * noise(run.seed, bin, step),
          ),
        ),
      );
      return {
        _type: 'histogram',
        values,
        bins: Array.from({ length: 65 }, (_, edge) => -1 + edge / 32),
      };
    }
    case 'predictions':
    case 'pr_curve_table':
    case 'confusion_table':
      return step % TABLE_EVERY === 0
        ? {
            _type: 'table-file',
            path: `media/table/${key}_${step}.table.json`,
            ncols: 6,
            nrows: 500,
          }
        : null;
    default:
      return null;
  }
}

export function listFiles(run: MockRun): RunFile[] {
  const paths = [
    'config.yaml',
    'requirements.txt',
    'wandb-summary.json',
    'notes/README.md',
    'results/metrics.csv',
    'checkpoints/last.pt',
    ...[0, 50, 100].map(step => `media/images/examples/detection_${step}.png`),
    'media/audio/speech_0.wav',
    'media/html/page_0.html',
    'media/table/predictions_0.table.json',
  ];
  return paths.map(path => {
    const file = fileBytes(run, path);
    return {
      path,
      size_bytes: path.endsWith('.pt') ? 98_234_112 : (file?.bytes.length ?? 0),
      mime_type: file?.type ?? 'application/octet-stream',
      md5: null,
      updated_at: run.heartbeat_at,
    };
  });
}
