import { expect, it } from 'vitest';
import { diffFiles } from './file-diff';
import type { ArtifactFile } from '~/api/schema';

const file = (path: string, more: Partial<ArtifactFile> = {}): ArtifactFile => ({
  path,
  size_bytes: 10,
  mime_type: 'text/plain',
  md5: 'aa==',
  reference: null,
  ...more,
});

it('tells added, removed and changed files, by path', () => {
  const { differences, nSame } = diffFiles(
    [file('b.csv'), file('same.png'), file('gone.txt')],
    [file('b.csv', { md5: 'bb==' }), file('same.png', { size_bytes: 11 }), file('a.txt')],
  );
  expect(differences.map(({ path, change }) => `${path} ${change}`)).toEqual([
    'a.txt added',
    'b.csv changed',
    'gone.txt removed',
  ]);
  expect(nSame).toBe(1);
});

it('compares references without digests by what is known of them', () => {
  const there = file('x', { md5: null, reference: 's3://bucket/x' });
  expect(diffFiles([there], [there]).nSame).toBe(1);
  expect(diffFiles([there], [{ ...there, reference: 's3://bucket/y' }]).nSame).toBe(0);
});
