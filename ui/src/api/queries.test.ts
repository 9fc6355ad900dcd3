import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { api } from './client';
import { MAX_PANEL_KEYS, queries, queryClient } from './queries';
import type { RunKey } from './schema';

const REF = { entity: 'ada', project: 'wide', run: 'r1' };
const key = (name: string): RunKey =>
  ({ name, label: name.replaceAll('\\', ''), count: 3 }) as RunKey;

/** A run of so many keys, all of which the server finds by their labels. */
function serve(keys: RunKey[]) {
  return vi
    .spyOn(api, 'runKeys')
    .mockImplementation((_ref, _stream, { search = '', limit } = {}) => {
      const found = keys.filter(({ label }) => label.includes(search));
      return Promise.resolve({
        items: found.slice(0, limit),
        total: found.length,
        next_cursor: null,
      });
    });
}

beforeEach(() => queryClient.clear());
afterEach(() => void vi.restoreAllMocks());

it('finds keys of a usual run in one list', async () => {
  const asked = serve([key('a'), key('b')]);
  const found = await Promise.all(
    ['a', 'b', 'c'].map(name => queryClient.fetchQuery(queries.runKey(REF, name))),
  );
  expect(found.map(one => one?.name)).toEqual(['a', 'b', undefined]);
  expect(asked).toHaveBeenCalledTimes(1);
});

it('asks for a key alone where a run has more than are listed', async () => {
  const many = Array.from({ length: MAX_PANEL_KEYS }, (_, index) => key(`k${index}`));
  const asked = serve([...many, key('x.long'), key('x\\.l')]);
  expect((await queryClient.fetchQuery(queries.runKey(REF, 'x\\.l')))?.name).toBe('x\\.l');
  expect(asked.mock.calls.map(([, , query]) => query)).toEqual([
    { limit: MAX_PANEL_KEYS },
    { search: 'x.l' },
  ]);
});
