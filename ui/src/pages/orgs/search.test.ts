import { expect, it } from 'vitest';
import { readOrganizationSearch, readRegistrySearch, readSelection } from './search';

it('reads the addresses of organizations and registries, and leaves out what it does not know', () => {
  expect(readOrganizationSearch({ tab: 'members' })).toEqual({ tab: 'members' });
  expect(readOrganizationSearch({ tab: 'nonsense', q: 'x' })).toEqual({});
  expect(readRegistrySearch({ tab: 'settings', q: 7, view: 'membership' })).toEqual({
    tab: 'settings',
    q: '7',
  });
});

it('reads the collection that a client names', () => {
  expect(readSelection('acme/wandb-registry-models/lanes')).toEqual({
    entity: 'acme',
    project: 'wandb-registry-models',
    collection: 'lanes',
  });
  for (const bad of [undefined, '', 'acme', 'acme/models', 'acme/models/', 'a/b/c/d'])
    expect(readSelection(bad)).toBeNull();
});
