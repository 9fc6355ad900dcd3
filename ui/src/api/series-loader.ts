import type { Columns } from '~/charts/columns';
import type { Axis, SeriesRequest, Smoothing, Stream } from './schema';
import { decodeSeries } from './arrow';

/** What all curves of one batch have in common. */
export interface SeriesSpec {
  stream: Stream;
  axis: Axis;
  smoothing?: Smoothing;
  min?: number;
  max?: number;
  columns: number;
}

export interface SeriesDemand {
  spec: SeriesSpec;
  key: string;
  runs: string[];
}

interface Entry {
  columns: Columns | null;
  error: Error | null;
  loading: boolean;
  stale: boolean;
}

interface Subscriber {
  demand: SeriesDemand;
  specId: string;
  notify: () => void;
}

const MAX_KEYS = 200;
const MAX_RUNS = 1000;
const GATHER_MS = 20;
const LIVE_MS = 1000;
/** Columns kept for panels that are out of sight. */
const MAX_IDLE_COLUMNS = 6_000_000;

export type FetchSeries = (request: SeriesRequest) => Promise<ArrayBuffer>;

/**
 * Fetches curves for the panels in view: asks once for all that is demanded within a moment, keeps the answers, and
 * asks again for the runs that have grown. Old data stays in place until the new has come.
 */
export class SeriesLoader {
  private readonly fetchSeries: FetchSeries;
  private readonly entries = new Map<string, Entry>();
  private readonly specs = new Map<string, SeriesSpec>();
  private readonly subscribers = new Set<Subscriber>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private dueAt = 0;

  constructor(fetchSeries: FetchSeries) {
    this.fetchSeries = fetchSeries;
  }

  subscribe(demand: SeriesDemand, notify: () => void): () => void {
    const specId = specIdOf(demand.spec);
    this.specs.set(specId, demand.spec);
    const subscriber = { demand, specId, notify };
    this.subscribers.add(subscriber);
    this.schedule(GATHER_MS);
    return () => this.subscribers.delete(subscriber);
  }

  columns(spec: SeriesSpec, key: string, run: string): Columns | null {
    return this.entries.get(entryId(specIdOf(spec), key, run))?.columns ?? null;
  }

  /** Whether a curve has not come yet, and the error if it could not. */
  status(demand: SeriesDemand): { loading: boolean; error: Error | null } {
    const specId = specIdOf(demand.spec);
    let loading = false;
    let error: Error | null = null;
    for (const run of demand.runs) {
      const entry = this.entries.get(entryId(specId, demand.key, run));
      if (entry?.error) error = entry.error;
      if (!entry || (entry.columns === null && entry.error === null)) loading = true;
    }
    return { loading, error };
  }

  /** Tells that a run has new rows. */
  runChanged(run: string): void {
    const suffix = `\u0000${run}`;
    let found = false;
    for (const [id, entry] of this.entries) {
      if (!id.endsWith(suffix)) continue;
      entry.stale = true;
      found = true;
    }
    if (found) this.schedule(LIVE_MS);
  }

  /** Asks again for everything that failed. */
  retry(): void {
    for (const entry of this.entries.values()) if (entry.error) entry.stale = true;
    this.schedule(0);
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.subscribers.clear();
  }

  private schedule(delay: number): void {
    const dueAt = Date.now() + delay;
    if (this.timer && this.dueAt <= dueAt) return;
    if (this.timer) clearTimeout(this.timer);
    this.dueAt = dueAt;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, delay);
  }

  private flush(): void {
    for (const request of this.missing())
      void this.load(request.specId, request.keys, request.runs);
    this.evict();
  }

  /** Groups what is missing or stale into requests of keys that need the same runs. */
  private missing(): { specId: string; keys: string[]; runs: string[] }[] {
    const wanted = new Map<string, Map<string, Set<string>>>();
    for (const { specId, demand } of this.subscribers) {
      for (const run of demand.runs) {
        const entry = this.entries.get(entryId(specId, demand.key, run));
        if (entry && (entry.loading || !entry.stale)) continue;
        const keys = getOrInsert(wanted, specId, () => new Map<string, Set<string>>());
        getOrInsert(keys, demand.key, () => new Set<string>()).add(run);
      }
    }
    const requests: { specId: string; keys: string[]; runs: string[] }[] = [];
    for (const [specId, keys] of wanted) {
      const byRuns = new Map<string, { keys: string[]; runs: string[] }>();
      for (const [key, runs] of keys) {
        const list = [...runs].toSorted();
        getOrInsert(byRuns, list.join('\u0000'), () => ({ keys: [], runs: list })).keys.push(key);
      }
      for (const group of byRuns.values()) {
        for (const someKeys of slices(group.keys, MAX_KEYS)) {
          for (const someRuns of slices(group.runs, MAX_RUNS)) {
            requests.push({ specId, keys: someKeys, runs: someRuns });
          }
        }
      }
    }
    return requests;
  }

  private async load(specId: string, keys: string[], runs: string[]): Promise<void> {
    const spec = this.specs.get(specId);
    if (!spec) return;
    const touched: [string, number, number][] = [];
    keys.forEach((key, keyPlace) =>
      runs.forEach((run, runPlace) =>
        touched.push([entryId(specId, key, run), runPlace, keyPlace]),
      ),
    );
    for (const [id] of touched) {
      const entry = getOrInsert(this.entries, id, newEntry);
      entry.loading = true;
      entry.stale = false;
    }
    try {
      const answer = decodeSeries(await this.fetchSeries({ ...spec, runs, keys }), keys.length);
      for (const [id, runPlace, keyPlace] of touched) {
        const entry = getOrInsert(this.entries, id, newEntry);
        Object.assign(entry, {
          columns: answer.columns(runPlace, keyPlace),
          error: null,
          loading: false,
        });
      }
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const [id] of touched) {
        const entry = getOrInsert(this.entries, id, newEntry);
        Object.assign(entry, { error: reason, loading: false });
      }
    }
    const changedKeys = new Set(keys);
    for (const subscriber of this.subscribers) {
      if (subscriber.specId === specId && changedKeys.has(subscriber.demand.key))
        subscriber.notify();
    }
    if (touched.some(([id]) => this.entries.get(id)?.stale)) this.schedule(LIVE_MS);
  }

  private evict(): void {
    let total = 0;
    for (const entry of this.entries.values()) total += entry.columns?.mean.length ?? 0;
    if (total <= MAX_IDLE_COLUMNS) return;
    const used = new Set<string>();
    for (const { specId, demand } of this.subscribers) {
      for (const run of demand.runs) used.add(entryId(specId, demand.key, run));
    }
    for (const [id, entry] of this.entries)
      if (!used.has(id) && !entry.loading) this.entries.delete(id);
  }
}

function newEntry(): Entry {
  return { columns: null, error: null, loading: false, stale: false };
}

const specIds = new WeakMap<SeriesSpec, string>();

function specIdOf(spec: SeriesSpec): string {
  const known = specIds.get(spec);
  if (known !== undefined) return known;
  const { stream, axis, smoothing, min, max, columns } = spec;
  const id = JSON.stringify([
    stream,
    [axis.kind, axis.name],
    smoothing && [smoothing.kind, smoothing.parameter],
    min,
    max,
    columns,
  ]);
  specIds.set(spec, id);
  return id;
}

function entryId(specId: string, key: string, run: string): string {
  return `${specId}\u0000${key}\u0000${run}`;
}

function getOrInsert<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function slices<T>(items: T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += size)
    parts.push(items.slice(start, start + size));
  return parts;
}
