import { expect, it } from 'vitest';
import type { Json } from '~/api/schema';
import { isMediaKind, mediaAt, readBoxes, readMedia } from './model';

it('reads a single picture with its overlays', () => {
  const [item] = readMedia({
    _type: 'image-file',
    path: 'media/images/a.png',
    width: 4,
    height: 2,
    caption: 'c',
    boxes: { truth: { _type: 'boxes2D', path: 'media/metadata/b.json' } },
    masks: { bad: { path: '../../secret' } },
  });
  expect(item).toMatchObject({
    shape: 'image',
    caption: 'c',
    boxes: { truth: 'media/metadata/b.json' },
    masks: {},
  });
});

it('reads lists with captions and overlays of their own', () => {
  const items = readMedia({
    _type: 'images/separated',
    filenames: ['a.png', 'b.png'],
    captions: ['one', 'two'],
    all_masks: [null, { m: { path: 'm.png' } }],
  });
  expect(items.map(item => [item.path, item.caption, item.masks])).toEqual([
    ['a.png', 'one', {}],
    ['b.png', 'two', { m: 'm.png' }],
  ]);
  expect(
    readMedia({
      _type: 'audio',
      audio: [{ _type: 'audio-file', path: 'x.wav', caption: 'hum' }],
    })[0],
  ).toMatchObject({ shape: 'audio', caption: 'hum' });
});

it('shows files of kinds without a viewer as files, with what is known of them', () => {
  const kinds = ['molecule-file', 'bokeh-file', 'graph-file', 'kind-of-tomorrow-file'];
  expect(kinds.every(isMediaKind)).toBe(true);
  for (const kind of kinds)
    expect(readMedia({ _type: kind, path: 'media/x.bin', size: 12 })).toMatchObject([
      { shape: 'file', path: 'media/x.bin', bytes: 12 },
    ]);
  expect(isMediaKind('table-file')).toBe(false);
  const objects = { _type: 'object3D', filenames: ['a.pts.json', 'b.obj'], size: 9 };
  expect(readMedia(objects).map(item => [item.shape, item.bytes])).toEqual([
    ['points', null],
    ['file', null],
  ]);
  expect(readMedia({ _type: 'plotly-file', path: 'p.plotly.json' })[0].shape).toBe('plotly');
});

it.each<Json>([
  null,
  'image',
  7,
  [],
  { _type: 'image-file' },
  { _type: 'image-file', path: '../up.png' },
  { _type: 'image-file', path: '/etc/passwd' },
  { _type: 'images/separated', filenames: 'no' },
])('reads nothing from %j', value => expect(readMedia(value)).toEqual([]));

it('shows the newest value up to a step', () => {
  const steps = [0, 10].map(step => ({ step, items: [], count: 0 }));
  expect([5, 10, 99, -1].map(step => mediaAt(steps, step)?.step)).toEqual([0, 10, 10, undefined]);
});

it('reads boxes in shares and in pixels', () => {
  const { boxes, labels } = readBoxes(
    {
      box_data: [
        { position: { minX: 0.25, maxX: 0.5, minY: 0, maxY: 1 }, class_id: 1 },
        {
          position: { middle: [50, 50], width: 20, height: 10 },
          domain: 'pixel',
          box_caption: 'x',
        },
        { position: 'nowhere' },
      ],
      class_labels: { 1: 'otter', 2: 7 },
    },
    100,
    100,
  );
  expect(boxes).toEqual([
    { left: 0.25, width: 0.25, top: 0, height: 1, classId: 1, caption: null },
    { left: 0.4, width: 0.2, top: 0.45, height: 0.1, classId: 0, caption: 'x' },
  ]);
  expect(labels).toEqual({ 1: 'otter' });
});
