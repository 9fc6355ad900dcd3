import type { HistoryRow, Json, JsonObject } from '~/api/schema';

export type MediaShape = 'image' | 'audio' | 'video' | 'html' | 'points' | 'plotly' | 'file';

/** One picture, sound, film, page or other file of a logged value. Paths are within the run's files. */
export interface MediaItem {
  shape: MediaShape;
  path: string;
  caption: string | null;
  width: number | null;
  height: number | null;
  /** Size of the file, where it was logged. */
  bytes: number | null;
  /** Files of boxes and masks laid over the picture, by name. */
  boxes: Record<string, string>;
  masks: Record<string, string>;
}

const SINGLE: Record<string, MediaShape> = {
  'image-file': 'image',
  'audio-file': 'audio',
  'video-file': 'video',
  'html-file': 'html',
  'plotly-file': 'plotly',
};
/** Every other value that names a file is shown as one. */
const FILE_KIND = /-file$/;
const TABLE_KINDS = new Set(['table-file', 'incremental-table-file']);
const LISTS: Record<string, { shape: MediaShape; member: string }> = {
  'images/separated': { shape: 'image', member: 'filenames' },
  audio: { shape: 'audio', member: 'audio' },
  videos: { shape: 'video', member: 'videos' },
  html: { shape: 'html', member: 'html' },
  object3D: { shape: 'file', member: 'filenames' },
  molecule: { shape: 'file', member: 'filenames' },
};
const MAX_ITEMS = 108;

export function isMediaKind(kind: string): boolean {
  return kind in LISTS || shapeOf(kind) !== null;
}

function shapeOf(kind: string): MediaShape | null {
  if (kind in SINGLE) return SINGLE[kind];
  return FILE_KIND.test(kind) && !TABLE_KINDS.has(kind) ? 'file' : null;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);
const size = (value: Json | undefined): number | null =>
  typeof value === 'number' && value > 0 ? value : null;

/** Reads a logged media value, single or a list; empty when it is none or names no safe path. */
export function readMedia(value: Json | undefined): MediaItem[] {
  if (!isObject(value) || typeof value._type !== 'string') return [];
  const single = shapeOf(value._type);
  if (single) return itemOf(single, value.path, value, value.caption, value.boxes, value.masks);
  const list = LISTS[value._type];
  const members = list && value[list.member];
  if (!list || !Array.isArray(members)) return [];
  const at = (member: Json | undefined, index: number): Json | undefined =>
    Array.isArray(member) ? member[index] : undefined;
  return members.slice(0, MAX_ITEMS).flatMap((member, index) => {
    const path = isObject(member) ? member.path : member;
    const caption = isObject(member) && member.caption ? member.caption : at(value.captions, index);
    return itemOf(
      list.shape,
      path,
      // Members of a list share its width and height, not its size.
      { ...value, size: (isObject(member) && member.size) || null },
      caption,
      at(value.all_boxes, index),
      at(value.all_masks, index),
    );
  });
}

function itemOf(
  shape: MediaShape,
  path: Json | undefined,
  sizes: JsonObject,
  caption: Json | undefined,
  boxes: Json | undefined,
  masks: Json | undefined,
): MediaItem[] {
  if (typeof path !== 'string' || !isSafePath(path)) return [];
  return [
    {
      shape: shownAs(shape, path),
      path,
      caption: text(caption),
      width: size(sizes.width),
      height: size(sizes.height),
      bytes: size(sizes.size),
      boxes: pathsOf(boxes),
      masks: pathsOf(masks),
    },
  ];
}

/** Some files show as another kind than they were logged as. */
function shownAs(shape: MediaShape, path: string): MediaShape {
  if (shape === 'video' && /\.gif$/i.test(path)) return 'image';
  return shape === 'file' && /\.pts\.json$/i.test(path) ? 'points' : shape;
}

function pathsOf(value: Json | undefined): Record<string, string> {
  if (!isObject(value)) return {};
  const entries = Object.entries(value).flatMap(([name, item]): [string, string][] =>
    isObject(item) && typeof item.path === 'string' && isSafePath(item.path)
      ? [[name, item.path]]
      : [],
  );
  return Object.fromEntries(entries);
}

/** Paths come from scripts: those that climb or start at the root name nothing of the run's. */
export function isSafePath(path: string): boolean {
  return (
    path !== '' &&
    !path.startsWith('/') &&
    path.split('/').every(part => part !== '' && part !== '.' && part !== '..')
  );
}

export interface MediaStep {
  step: number;
  items: MediaItem[];
  /** How many were logged, shown or not. */
  count: number;
}

function countOf(value: Json | undefined, items: MediaItem[]): number {
  const members = isObject(value) && value[LISTS[String(value._type)]?.member ?? ''];
  return Array.isArray(members) ? members.length : items.length;
}

export function mediaSteps(rows: HistoryRow[], key: string): MediaStep[] {
  return rows.flatMap(row => {
    const items = readMedia(row.values[key]);
    return items.length > 0 && row.step !== null
      ? [{ step: row.step, items, count: countOf(row.values[key], items) }]
      : [];
  });
}

/** What stood at a step: the newest value logged up to it. */
export function mediaAt(steps: MediaStep[], step: number): MediaStep | null {
  return steps.findLast(entry => entry.step <= step) ?? null;
}

export interface Box {
  /** Shares of the picture's width and height. */
  left: number;
  top: number;
  width: number;
  height: number;
  classId: number;
  caption: string | null;
}

export interface BoxFile {
  boxes: Box[];
  labels: Record<string, string>;
}

/** Reads a boxes file. Positions are shares of the picture unless their domain is `pixel`. */
export function readBoxes(value: Json, width: number, height: number): BoxFile {
  if (!isObject(value) || !Array.isArray(value.box_data)) return { boxes: [], labels: {} };
  const labels = isObject(value.class_labels) ? value.class_labels : {};
  const boxes = value.box_data.flatMap((entry): Box[] => {
    if (!isObject(entry) || !isObject(entry.position)) return [];
    const { minX, maxX, minY, maxY, middle, width: w, height: h } = entry.position;
    const [x, y] = entry.domain === 'pixel' ? [width, height] : [1, 1];
    const shared = {
      classId: typeof entry.class_id === 'number' ? entry.class_id : 0,
      caption: text(entry.box_caption),
    };
    if ([minX, maxX, minY, maxY].every(edge => typeof edge === 'number')) {
      const [left, right, top, bottom] = [minX, maxX, minY, maxY] as number[];
      return [
        {
          left: left / x,
          width: (right - left) / x,
          top: top / y,
          height: (bottom - top) / y,
          ...shared,
        },
      ];
    }
    if (
      Array.isArray(middle) &&
      middle.length === 2 &&
      typeof w === 'number' &&
      typeof h === 'number'
    ) {
      const [centreX, centreY] = middle as number[];
      return [
        {
          left: (centreX - w / 2) / x,
          width: w / x,
          top: (centreY - h / 2) / y,
          height: h / y,
          ...shared,
        },
      ];
    }
    return [];
  });
  const names = Object.entries(labels).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return { boxes, labels: Object.fromEntries(names) };
}
