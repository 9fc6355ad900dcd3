import { useQueryClient, type Query, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ProjectRef } from '~/api/client';
import { liveHub } from '~/api/live';
import { mayHaveBeenRewritten, mayHaveGrown, queries, type RunList } from '~/api/queries';
import type { LiveRun, Run } from '~/api/schema';
import type { SeriesLoader } from '~/api/series-loader';

const LIST_MS = 1000;
/** What queries that read consoles are called. */
const CONSOLE_READS = ['console', 'console-search'];
const KEYS_MS = 5000;
const DETAIL_MS = 3000;
const CONSOLE_MS = 3000;

/** Keeps a project's runs, keys, curves and consoles current while its page is open. */
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
        const ofRun = [entity, project, event.id];
        if (change.consoleStartedOver) startConsoleOver(client, ref, event);
        soon(['console', ...ofRun], CONSOLE_MS, mayHaveBeenRewritten);
        if (change.consoleChanged) soon(['console-search', ...ofRun], CONSOLE_MS);
        if (!change.rowsGrew) return;
        loader.runChanged(event.id);
        soon(queries.projectKeys(ref).queryKey, KEYS_MS);
        soon(['run-keys', ...ofRun], KEYS_MS);
        soon(['rows', ...ofRun], KEYS_MS, mayHaveGrown);
      },
      onReconnect: () => {
        void client.invalidateQueries({ queryKey: queries.runs(ref).queryKey });
        void client.invalidateQueries({ queryKey: queries.projectKeys(ref).queryKey });
        void client.invalidateQueries({ queryKey: ['run-keys', entity, project] });
        for (const read of CONSOLE_READS)
          void client.invalidateQueries({ queryKey: [read, entity, project] });
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
      // Nobody tells from now on if one starts over: what is read of it counts no longer.
      for (const read of CONSOLE_READS)
        void client.invalidateQueries({ queryKey: [read, entity, project], refetchType: 'none' });
    };
  }, [client, entity, project, loader]);
}

/** Forgets what a run printed before. Lines in sight stay until the others have come. */
export function startConsoleOver(client: QueryClient, ref: ProjectRef, event: LiveRun): void {
  const { id: run, n_console_lines } = event;
  client.setQueryData(
    queries.run({ ...ref, run }).queryKey,
    old => old && { ...old, n_console_lines },
  );
  const queryKey = ['console', ref.entity, ref.project, run];
  client.removeQueries({ queryKey, type: 'inactive' });
  void client.invalidateQueries({ queryKey });
}

export interface LiveChange {
  /** The list itself must be asked again. */
  listStale: boolean;
  rowsGrew: boolean;
  consoleChanged: boolean;
  /** Lines that were settled are others now. */
  consoleStartedOver: boolean;
}

/** Puts an event into the cached list. Tells what else has changed. */
export function applyLiveRun(client: QueryClient, ref: ProjectRef, event: LiveRun): LiveChange {
  const key = queries.runs(ref).queryKey;
  const list = client.getQueryData<RunList>(key);
  const known = list?.items.find(run => run.id === event.id);
  const detail = client.getQueryData<Run>(queries.run({ ...ref, run: event.id }).queryKey);
  const before = known ?? detail;
  const rowsGrew =
    !before ||
    before.n_history_rows !== event.n_history_rows ||
    before.n_system_rows !== event.n_system_rows;
  const consoleChanged = before?.n_console_lines !== event.n_console_lines;
  const consoleStartedOver = event.n_console_lines < (before?.n_console_lines ?? 0);
  const grown = { rowsGrew, consoleChanged, consoleStartedOver };
  if (!list) return { listStale: false, ...grown };
  if (!known || event.deleted) return { listStale: Boolean(known) !== !event.deleted, ...grown };
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
  return { listStale: known.state !== state, ...grown };
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
