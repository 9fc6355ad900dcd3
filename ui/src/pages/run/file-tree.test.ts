import { expect, it } from 'vitest';
import type { RunFile } from '~/api/schema';
import { fileRows, previewKind } from './file-tree';

const file = (path: string, mime_type = 'application/octet-stream'): RunFile => ({
  path,
  mime_type,
  size_bytes: 10,
  md5: null,
  updated_at: '',
});
const files = ['b.txt', 'media/images/x.png', 'media/a.wav', 'a.txt'].map(path => file(path));
const lines = (closed: string[] = [], search = '') =>
  fileRows(files, new Set(closed), search).map(
    row =>
      `${' '.repeat(row.depth)}${row.name}${row.file ? '' : `/ ${row.nFiles} ${row.sizeBytes}`}`,
  );

it('lists folders first, with what they hold', () => {
  expect(lines()).toEqual(['media/ 2 20', ' images/ 1 10', '  x.png', ' a.wav', 'a.txt', 'b.txt']);
});

it('hides what closed folders hold, unless it is searched for', () => {
  expect(lines(['media'])).toEqual(['media/ 2 20', 'a.txt', 'b.txt']);
  expect(lines(['media'], 'PNG')).toEqual(['media/ 1 10', ' images/ 1 10', '  x.png']);
});

it('knows how to show a file', () => {
  expect(
    ['a.PNG', 'p.table.json', 'x.bin', 'README.md', 'page.html'].map(path =>
      previewKind(file(path)),
    ),
  ).toEqual(['image', 'table', 'none', 'markdown', 'html']);
  expect(previewKind(file('LICENSE', 'text/plain'))).toBe('text');
});
