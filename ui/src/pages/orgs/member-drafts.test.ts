import { expect, it } from 'vitest';
import { membersOf } from './member-drafts';

it('takes each named user once, as the last line says', () => {
  expect(
    membersOf([
      { id: 0, username: 'ada', role: 'admin' },
      { id: 1, username: '  ', role: 'member' },
      { id: 2, username: ' grace ', role: 'viewer' },
      { id: 3, username: 'ada', role: 'member' },
    ]),
  ).toEqual([
    { username: 'ada', role: 'member' },
    { username: 'grace', role: 'viewer' },
  ]);
});
