import { QueryClient } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import { queries, type RunList } from '~/api/queries';
import type { LiveRun, Run } from '~/api/schema';
import { applyLiveRun, startConsoleOver, throttledInvalidation } from './use-live-project';

vi.mock('~/api/live', () => ({ liveHub: {} }));

const ref = { entity: 'ada', project: 'vision' };
const run = {
  id: 'a',
  state: 'running',
  display_name: 'otter',
  n_history_rows: 1,
  n_system_rows: 0,
  n_console_lines: 0,
} as Run;
const event = (change: Partial<LiveRun>): LiveRun => ({
  ...ref,
  id: 'a',
  state: 'running',
  display_name: 'otter',
  n_history_rows: 1,
  n_system_rows: 0,
  n_console_lines: 0,
  summary_revision: 1,
  heartbeat_at: '2026-01-01T00:00:00Z',
  deleted: false,
  ...change,
});

function clientWith(items: Run[]) {
  const client = new QueryClient();
  client.setQueryData<RunList>(queries.runs(ref).queryKey, {
    items,
    total: items.length,
    isCut: false,
  });
  return client;
}

it('puts growth into the list without asking for it again', () => {
  const client = clientWith([run]);
  expect(applyLiveRun(client, ref, event({ n_history_rows: 9 }))).toEqual({
    listStale: false,
    rowsGrew: true,
    consoleChanged: false,
    consoleStartedOver: false,
  });
  expect(client.getQueryData<RunList>(queries.runs(ref).queryKey)?.items[0].n_history_rows).toBe(9);
});

it('asks for the list when a run is new, has ended or is gone', () => {
  const stale = (change: Partial<LiveRun>) =>
    applyLiveRun(clientWith([run]), ref, event(change)).listStale;
  expect([stale({ id: 'b' }), stale({ state: 'finished' }), stale({ deleted: true })]).toEqual([
    true,
    true,
    true,
  ]);
});

it('leaves the list alone when a run in the bin changes', () => {
  expect(applyLiveRun(clientWith([run]), ref, event({ id: 'b', deleted: true })).listStale).toBe(
    false,
  );
});

it('forgets no change when the page is left before its time', () => {
  const client = clientWith([run]);
  const soon = throttledInvalidation(client);
  const { queryKey } = queries.runs(ref);
  soon(queryKey, 60_000);
  expect(client.getQueryState(queryKey)?.isInvalidated).toBe(false);
  soon.flush();
  expect(client.getQueryState(queryKey)?.isInvalidated).toBe(true);
});

it('notices that a console grew, and that one started over', () => {
  const told = (n_console_lines: number) => {
    const client = clientWith([{ ...run, n_console_lines: 900 }]);
    const change = applyLiveRun(client, ref, event({ n_console_lines }));
    return [change.consoleChanged, change.consoleStartedOver];
  };
  expect([told(900), told(901), told(40)]).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
});

it('forgets settled pages of a console that started over', async () => {
  const client = new QueryClient();
  const runRef = { ...ref, run: 'a' };
  const first = queries.consolePage(runRef, 0, 5000);
  const ofAnother = queries.consolePage({ ...ref, run: 'b' }, 0, 5000);
  const page = { items: [], total: 5000 };
  client.setQueryData(first.queryKey, page);
  client.setQueryData(ofAnother.queryKey, page);
  startConsoleOver(client, ref, event({ n_console_lines: 40 }));
  expect(client.getQueryData(first.queryKey)).toBeUndefined();
  expect(client.getQueryData(ofAnother.queryKey)).toBe(page);
});
