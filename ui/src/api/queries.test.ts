import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { api } from './client';
import { MAX_PANEL_KEYS, queries, queryClient } from './queries';
import type { ConsolePage, RunKey } from './schema';

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

it('asks again for a page of a console as long as its lines may be rewritten', async () => {
  const asked = vi.spyOn(api, 'console');
  const read = async (total: number, answered: number) => {
    asked.mockResolvedValue({ items: [], total: answered });
    const before = asked.mock.calls.length;
    await queryClient.fetchQuery(queries.consolePage(REF, 0, total));
    return asked.mock.calls.length - before;
  };
  // It grows: the lines from 0 to 500 are settled when 700 are there.
  expect([await read(600, 600), await read(699, 699), await read(700, 700)]).toEqual([1, 1, 1]);
  expect(await read(900, 900)).toBe(0);
  queryClient.clear();
  // It has started over, but that is not known yet: its lines are not those that are settled later.
  expect([await read(5000, 40), await read(900, 900), await read(1000, 1000)]).toEqual([1, 1, 0]);
});

it('searches a console page by page, on from where a search stopped', async () => {
  const answers = [
    { items: [{ number: 3 }, { number: 9 }], n_matches: 3, total: 50 },
    { items: [{ number: 12 }], n_matches: 1, next_from: 20, total: 50 },
    { items: [], n_matches: 0, total: 50 },
  ] as unknown as ConsolePage[];
  const asked = vi.spyOn(api, 'console');
  for (const answer of answers) asked.mockResolvedValueOnce(answer);
  const search = { text: 'lo+ss', isPattern: true };
  await queryClient.fetchInfiniteQuery({ ...queries.consoleSearch(REF, search), pages: 5 });
  const pattern = '(?i)lo+ss';
  expect(asked.mock.calls.map(([, query]) => query)).toEqual(
    [0, 10, 20].map(from => ({ pattern, from, limit: 5000 })),
  );
});
