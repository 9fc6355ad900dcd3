import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { undoLast } from '~/stores/undo';
import { makeMemberEdits } from './org-edits';
import { orgQueries } from './org-queries';
import type { RegistryMembers, Team } from './org-schema';

afterEach(() => vi.unstubAllGlobals());

const TEAM: Team = {
  name: 'perception',
  organization: null,
  created_at: '2026-01-01T00:00:00Z',
  role: 'admin',
  members: [
    { username: 'ada', email: '', role: 'admin' },
    { username: 'grace', email: '', role: 'viewer' },
  ],
};

/** Answers every request with a status, and returns what was asked. */
function serve(status: number): [string, unknown][] {
  const asked: [string, unknown][] = [];
  vi.stubGlobal('fetch', (path: string, { method, body }: RequestInit) => {
    asked.push([`${method} ${path}`, body && JSON.parse(String(body))]);
    return Promise.resolve(
      new Response(JSON.stringify(status < 400 ? {} : { code: 'conflict', message: 'no' }), {
        status,
      }),
    );
  });
  return asked;
}

function withTeam() {
  const client = new QueryClient();
  const { queryKey } = orgQueries.team('perception');
  client.setQueryData(queryKey, TEAM);
  const roleOf = (name: string) =>
    client.getQueryData(queryKey)?.members.find(member => member.username === name)?.role;
  return { edits: makeMemberEdits(client, { kind: 'team', name: 'perception' }), roleOf };
}

it('shows a role at once, and takes it back on request', async () => {
  const asked = serve(200);
  const { edits, roleOf } = withTeam();
  edits.setRole('grace', 'viewer', 'member');
  expect(roleOf('grace')).toBe('member');
  expect(undoLast()).toBe(true);
  expect(roleOf('grace')).toBe('viewer');
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(asked).toEqual([
    ['PUT /api/v1/teams/perception/members/grace', { role: 'member' }],
    ['PUT /api/v1/teams/perception/members/grace', { role: 'viewer' }],
  ]);
});

it('shows the former role again when the server refuses, and offers no undo', async () => {
  serve(409);
  const { edits, roleOf } = withTeam();
  edits.setRole('ada', 'admin', 'viewer');
  expect(roleOf('ada')).toBe('viewer');
  await vi.waitFor(() => expect(roleOf('ada')).toBe('admin'));
  expect(undoLast()).toBe(false);
});

it('tells users and teams of a registry apart', async () => {
  const asked = serve(200);
  const client = new QueryClient();
  const registry = { organization: 'acme', registry: 'models' };
  const { queryKey } = orgQueries.registryMembers(registry);
  client.setQueryData<RegistryMembers>(queryKey, {
    users: [{ username: 'ada', email: '', role: 'viewer', via: 'own' }],
    teams: [{ name: 'ada', role: 'viewer', n_members: 2 }],
  });
  const edits = makeMemberEdits(client, { kind: 'registry-teams', registry });
  edits.setRole('ada', 'viewer', 'admin');
  expect(client.getQueryData<RegistryMembers>(queryKey)).toMatchObject({
    users: [{ role: 'viewer' }],
    teams: [{ role: 'admin' }],
  });
  await edits.remove('ada', false);
  expect(asked.map(([call]) => call)).toEqual([
    'PUT /api/v1/organizations/acme/registries/models/teams/ada',
    'DELETE /api/v1/organizations/acme/registries/models/teams/ada',
  ]);
});
