import {
  QueryCache,
  QueryClient,
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  type Query,
} from '@tanstack/react-query';
import { api, type ProjectRef, type RunRef } from './client';
import { serverSearch } from '~/util/pattern';
import { ApiError } from './http';
import type { HistoryRow, Page, Run, RunError, RunKey, Stream } from './schema';

/** More runs than this are not listed; the page says so. */
export const MAX_LISTED_RUNS = 5000;
/** And so with the files of a run. */
const MAX_LISTED_FILES = 20_000;
const PAGE = 1000;
/** Panels are made of so many keys; others are found by search. */
export const MAX_PANEL_KEYS = 2000;
const MAX_OFFERED = 200;
/** Lines of a page of a console. */
export const CONSOLE_PAGE = 500;
/** Progress bars rewrite the last lines of a console: so many are never settled. */
const REWRITTEN_LINES = 200;
const MAX_MATCHES = 5000;
/** Most rows of a key that are read for one window of steps. */
const MAX_WINDOW_ROWS = 10_000;

/** A session that has ended shows as a refusal of any query but the one that asks who is signed in. */
function leaveWhenSignedOut(error: Error, query: { queryKey: readonly unknown[] }): void {
  if (!(error instanceof ApiError) || error.status !== 401 || query.queryKey[0] === 'me') return;
  const next = encodeURIComponent(window.location.pathname + window.location.search);
  window.location.assign(`/sign-in?next=${next}`);
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        error instanceof ApiError && error.status !== 0 ? false : failures < 2,
    },
  },
});

export interface Listing<T> {
  items: T[];
  /** How many there are, listed or not; where the server does not count them, how many are listed. */
  total: number;
  /** There are more than are listed. */
  isCut: boolean;
}

export interface KeyListing<T> extends Listing<T> {
  /** The runs whose keys are not among them. */
  damaged: RunError[];
}

/** Logged rows of some steps. */
export interface RowWindow {
  items: HistoryRow[];
  isCut: boolean;
  /** The run was beyond these steps when they were read: it logs there no more. */
  isSettled: boolean;
}

export type RunList = Listing<Run>;

/** Fetches page after page until there is no more, or `most` items. */
export async function allPages<T>(
  fetchPage: (cursor?: string) => Promise<Page<T>>,
  most: number,
): Promise<Listing<T>> {
  const items: T[] = [];
  let cursor: string | undefined;
  let total: number | null = null;
  do {
    // Each page names the next.
    // oxlint-disable-next-line no-await-in-loop
    const page = await fetchPage(cursor);
    items.push(...page.items);
    total ??= page.total;
    cursor = page.next_cursor ?? undefined;
  } while (cursor && items.length < most);
  return { items, total: total ?? items.length, isCut: cursor !== undefined };
}

function keyListing<T>({
  items,
  total,
  errors = [],
}: Page<T> & { errors?: RunError[] }): KeyListing<T> {
  const all = total ?? items.length;
  return { items, total: all, isCut: items.length < all, damaged: errors };
}

async function expressionRefusal(ref: ProjectRef, text: string): Promise<string | null> {
  try {
    await api.series(ref, {
      stream: 'history',
      axis: { kind: 'step' },
      runs: ['none'],
      keys: [],
      expressions: [text],
      columns: 1,
    });
    return null;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 400 || error.status === 422))
      return error.message;
    throw error;
  }
}

/** Whether rows that are read may have become more since. */
export function mayHaveGrown(query: { state: { data?: unknown } }): boolean {
  return !(query.state.data as RowWindow | undefined)?.isSettled;
}

const isSettledConsolePage = (page: number, total: number): boolean =>
  (page + 1) * CONSOLE_PAGE + REWRITTEN_LINES <= total;

/** Whether lines of a console that are read may be others since. */
export function mayHaveBeenRewritten({ queryKey }: Pick<Query, 'queryKey'>): boolean {
  return queryKey.at(-1) !== 'settled';
}

/** What is looked for in a console, in any case: a text, or what a regular expression matches. */
export interface ConsoleSearch {
  text: string;
  isPattern: boolean;
}

/** Matches of a search: some of those from a line on, and how many these are. */
export interface ConsoleMatches {
  /** Ascending. */
  lines: number[];
  found: number;
  /** The search stopped there, before the end of the console. */
  nextFrom: number | null;
}

async function searchConsole(
  ref: RunRef,
  { text, isPattern }: ConsoleSearch,
  from: number,
): Promise<ConsoleMatches> {
  const asked = isPattern ? { pattern: `(?i)${text}` } : { search: text };
  const page = await api.console(ref, { ...asked, from, limit: MAX_MATCHES });
  const lines = page.items.map(line => line.number);
  return { lines, found: page.n_matches ?? lines.length, nextFrom: page.next_from ?? null };
}

/** Where the matches behind these begin; null if there are none. */
function behindMatches({ lines, found, nextFrom }: ConsoleMatches): number | null {
  return lines.length < found ? lines[lines.length - 1] + 1 : nextFrom;
}

export const queries = {
  me: () => queryOptions({ queryKey: ['me'], queryFn: api.me, staleTime: 300_000 }),
  server: () => queryOptions({ queryKey: ['server'], queryFn: api.server, staleTime: 300_000 }),
  users: () => queryOptions({ queryKey: ['users'], queryFn: api.users }),
  apiKeys: () => queryOptions({ queryKey: ['api-keys'], queryFn: api.apiKeys }),
  /** Whose projects the caller sees, and as what. */
  entities: () =>
    queryOptions({ queryKey: ['entities'], queryFn: api.entities, staleTime: 60_000 }),
  projects: () => queryOptions({ queryKey: ['projects'], queryFn: api.projects }),
  project: (ref: ProjectRef) =>
    queryOptions({
      queryKey: ['project', ref.entity, ref.project],
      queryFn: () => api.project(ref),
    }),
  runs: (ref: ProjectRef, deleted = false) =>
    queryOptions({
      queryKey: ['runs', ref.entity, ref.project, deleted],
      queryFn: () =>
        allPages(
          cursor => api.runs(ref, { cursor, limit: PAGE, deleted: deleted || undefined }),
          MAX_LISTED_RUNS,
        ),
    }),
  /** Keys that match a search, as many as panels are made of. The key without a search is the beginning of all others. */
  projectKeys: (ref: ProjectRef, search = '') =>
    queryOptions({
      queryKey: ['project-keys', ref.entity, ref.project, ...(search === '' ? [] : [search])],
      queryFn: async () =>
        keyListing(await api.projectKeys(ref, { ...serverSearch(search), limit: MAX_PANEL_KEYS })),
    }),
  /** Metrics whose names hold a text, to be offered while somebody types one. */
  metricNames: (ref: ProjectRef, text: string) =>
    queryOptions({
      queryKey: ['project-keys', ref.entity, ref.project, 'names', text],
      queryFn: async () => {
        const { items } = await api.projectKeys(ref, { search: text, limit: MAX_OFFERED });
        return items.filter(key => key.kinds.includes('number')).map(key => key.name);
      },
      staleTime: 60_000,
    }),
  /** Why the server cannot read an expression; null if it can. Reads no rows: it is asked for no run's. */
  expressionRefusal: (ref: ProjectRef, text: string) =>
    queryOptions({
      queryKey: ['expression-refusal', ref.entity, ref.project, text],
      queryFn: () => expressionRefusal(ref, text),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  run: (ref: RunRef) =>
    queryOptions({
      queryKey: ['run', ref.entity, ref.project, ref.run],
      queryFn: () => api.run(ref),
    }),
  runKeys: (ref: RunRef, stream: Stream) =>
    queryOptions({
      queryKey: ['run-keys', ref.entity, ref.project, ref.run, stream],
      queryFn: () => api.runKeys(ref, stream),
    }),
  /** As `projectKeys`, of one run. */
  runPanelKeys: (ref: RunRef, stream: Stream, search = '') =>
    queryOptions({
      queryKey: ['run-keys', ref.entity, ref.project, ref.run, stream, 'panels', search],
      queryFn: async () =>
        keyListing(
          await api.runKeys(ref, stream, { ...serverSearch(search), limit: MAX_PANEL_KEYS }),
        ),
    }),
  /** One key of a run's history; null if it has not logged it. Asked for alone only where a run has more than are listed. */
  runKey: (ref: RunRef, name: string) =>
    queryOptions({
      queryKey: ['run-keys', ref.entity, ref.project, ref.run, 'history', 'key', name],
      queryFn: async (): Promise<RunKey | null> => {
        const { items, isCut } = await queryClient.fetchQuery(queries.runPanelKeys(ref, 'history'));
        const isIt = (key: RunKey): boolean => key.name === name;
        const listed = items.find(isIt);
        if (listed || !isCut) return listed ?? null;
        // Searched are labels, in which dots are not escaped.
        const search = name.replaceAll(/\\(.)/g, '$1');
        return (await api.runKeys(ref, 'history', { search })).items.find(isIt) ?? null;
      },
    }),
  /** Rows that have a key, all or those of a window of steps; `lastStep` is the last step known to have it. */
  rows: (
    ref: RunRef,
    key: string,
    window?: { min: number; max: number },
    lastStep = Number.NEGATIVE_INFINITY,
  ) =>
    queryOptions({
      queryKey: ['rows', ref.entity, ref.project, ref.run, key, window?.min, window?.max],
      queryFn: async ({ signal }): Promise<RowWindow> => {
        const query = { key: [key], min_step: window?.min, max_step: window?.max, limit: PAGE };
        const { items, isCut } = await allPages(
          cursor => api.rows(ref, { ...query, cursor }, signal),
          MAX_WINDOW_ROWS,
        );
        return { items, isCut, isSettled: window !== undefined && window.max < lastStep };
      },
    }),
  /** A page of a console of `total` lines: asked again as it grows, unless it is far enough behind the end. */
  consolePage: (ref: RunRef, page: number, total: number) =>
    queryOptions({
      queryKey: [
        'console',
        ref.entity,
        ref.project,
        ref.run,
        page,
        isSettledConsolePage(page, total) ? 'settled' : total,
      ],
      queryFn: () => api.console(ref, { from: page * CONSOLE_PAGE, limit: CONSOLE_PAGE }),
      // A console that starts over may have been asked between: what counts is where its end was in the answer.
      staleTime: ({ state }) =>
        isSettledConsolePage(page, state.data?.total ?? 0) ? Number.POSITIVE_INFINITY : 0,
      placeholderData: keepPreviousData,
    }),
  /** The lines of a console that fit a search, some thousands at a time. */
  consoleSearch: (ref: RunRef, search: ConsoleSearch) =>
    infiniteQueryOptions({
      queryKey: ['console-search', ref.entity, ref.project, ref.run, search],
      queryFn: ({ pageParam }) => searchConsole(ref, search, pageParam),
      initialPageParam: 0,
      getNextPageParam: behindMatches,
    }),
  files: (ref: RunRef) =>
    queryOptions({
      queryKey: ['files', ref.entity, ref.project, ref.run],
      queryFn: () => allPages(cursor => api.files(ref, { cursor, limit: PAGE }), MAX_LISTED_FILES),
    }),
  problems: (ref: RunRef) =>
    queryOptions({
      queryKey: ['problems', ref.entity, ref.project, ref.run],
      queryFn: () => api.problems(ref),
    }),
  alerts: (ref: RunRef) =>
    queryOptions({
      queryKey: ['alerts', ref.entity, ref.project, ref.run],
      queryFn: () => api.alerts(ref),
    }),
  chartDefinition: (definition: string) => {
    const [entity, ...name] = definition.split('/');
    return queryOptions({
      queryKey: ['chart-definition', definition],
      queryFn: () => api.chartDefinition(entity, name.join('/')),
      staleTime: Number.POSITIVE_INFINITY,
    });
  },
};
