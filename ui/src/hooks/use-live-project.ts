import { useQueryClient, type Query, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ProjectRef } from '~/api/client';
import { liveHub } from '~/api/live';
import { mayHaveGrown, queries, type RunList } from '~/api/queries';
import type { LiveRun, Run } from '~/api/schema';
import type { SeriesLoader } from '~/api/series-loader';

const LIST_MS = 1000;
const KEYS_MS = 5000;
const DETAIL_MS = 3000;

/** Keeps a project's runs, keys and curves current while its page is open. */
export function useLiveProject({ entity, project }: ProjectRef, loader: SeriesLoader): void {
  const client = useQueryClient();
  useEffect(() => {
    const ref = { entity, project };
    const soon = throttledInvalidation(client);
    const stop = liveHub.watch([`${entity}/${project}`], {
      onRun: event => {
        if (event.entity !== entity || event.project !== project) return;
        const change = applyLiveRun(client, ref, event);
        if (change.listStale) soon(queries.runs(ref).queryKey, LIST_MS);
        soon(queries.run({ ...ref, run: event.id }).queryKey, DETAIL_MS);
        if (!change.rowsGrew) return;
        loader.runChanged(event.id);
        soon(queries.projectKeys(ref).queryKey, KEYS_MS);
        soon(['run-keys', entity, project, event.id], KEYS_MS);
        soon(['rows', entity, project, event.id], KEYS_MS, mayHaveGrown);
      },
      onReconnect: () => {
        void client.invalidateQueries({ queryKey: queries.runs(ref).queryKey });
        void client.invalidateQueries({ queryKey: queries.projectKeys(ref).queryKey });
        void client.invalidateQueries({ queryKey: ['run-keys', entity, project] });
        void client.invalidateQueries({
          queryKey: ['rows', entity, project],
          predicate: mayHaveGrown,
        });
        const known = client.getQueryData<RunList>(queries.runs(ref).queryKey);
        known?.items.filter(run => run.ended_at === null).forEach(run => loader.runChanged(run.id));
      },
    });
    return () => {
      stop();
      soon.flush();
    };
  }, [client, entity, project, loader]);
}

/** Puts an event into the cached list. Tells whether the list itself must be asked again. */
export function applyLiveRun(
  client: QueryClient,
  ref: ProjectRef,
  event: LiveRun,
): { listStale: boolean; rowsGrew: boolean } {
  const key = queries.runs(ref).queryKey;
  const list = client.getQueryData<RunList>(key);
  const known = list?.items.find(run => run.id === event.id);
  const detail = client.getQueryData<Run>(queries.run({ ...ref, run: event.id }).queryKey);
  const before = known ?? detail;
  const rowsGrew =
    !before ||
    before.n_history_rows !== event.n_history_rows ||
    before.n_system_rows !== event.n_system_rows;
  if (!list) return { listStale: false, rowsGrew };
  if (!known || event.deleted) return { listStale: Boolean(known) !== !event.deleted, rowsGrew };
  const { state, display_name, n_history_rows, n_system_rows, n_console_lines, heartbeat_at } =
    event;
  const changes = {
    state,
    display_name,
    n_history_rows,
    n_system_rows,
    n_console_lines,
    heartbeat_at,
  };
  client.setQueryData<RunList>(key, {
    ...list,
    items: list.items.map(run => (run.id === event.id ? { ...run, ...changes } : run)),
  });
  return { listStale: known.state !== state, rowsGrew };
}

/** Invalidates each key at most once per interval, at its end; `flush` does at once what is still to come. */
export function throttledInvalidation(client: QueryClient) {
  const waiting = new Map<string, { timer: ReturnType<typeof setTimeout>; run: () => void }>();
  const soon = (
    queryKey: readonly unknown[],
    interval: number,
    predicate?: (query: Query) => boolean,
  ): void => {
    const id = JSON.stringify(queryKey);
    if (waiting.has(id)) return;
    const run = (): void => {
      waiting.delete(id);
      void client.invalidateQueries({ queryKey, predicate });
    };
    waiting.set(id, { timer: setTimeout(run, interval), run });
  };
  soon.flush = () =>
    waiting.forEach(({ timer, run }) => {
      clearTimeout(timer);
      run();
    });
  return soon;
}
