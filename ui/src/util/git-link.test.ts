import { expect, it } from 'vitest';
import { commitUrl } from './git-link';

it.each([
  ['git@github.com:ada/vision.git', 'https://github.com/ada/vision/commit/0a1b2c3d'],
  ['https://token@github.com/ada/vision.git', 'https://github.com/ada/vision/commit/0a1b2c3d'],
  [
    'ssh://git@gitlab.example.org:2222/team/sub/vision.git',
    'https://gitlab.example.org/team/sub/vision/commit/0a1b2c3d',
  ],
  ['/srv/git/vision.git', null],
  ['javascript:alert(1)', null],
])('%s', (remote, url) => expect(commitUrl(remote, '0a1b2c3d')).toBe(url));

it('links nothing that is not a commit', () => {
  expect(commitUrl('git@github.com:ada/vision.git', '../../evil')).toBeNull();
});
