import { expect, it } from 'vitest';
import type { RegistryVersion } from '~/api/org-schema';
import { olderNamed } from './named-versions';

const aliases = [
  { alias: 'staging', version: 'v6' },
  { alias: 'candidate', version: 'v5' },
  { alias: 'canary', version: 'v4' },
  { alias: 'production', version: 'v4' },
];

it('groups aliases by version, without the newest, which is shown by itself', () => {
  const latest: RegistryVersion = {
    version: 'v6',
    aliases: ['latest', 'staging'],
    linked_at: '2026-01-01T00:00:00Z',
    linked_by: null,
    source: null,
  };
  expect(olderNamed({ latest, aliases })).toEqual([
    { version: 'v5', aliases: ['candidate'] },
    { version: 'v4', aliases: ['canary', 'production'] },
  ]);
});

it('keeps all where no version is the newest any more', () => {
  expect(olderNamed({ latest: null, aliases })).toHaveLength(3);
});
