import type { Columns } from '~/charts/columns';
import type { Axis, RunError, SeriesRequest, Smoothing, Stream } from './schema';
import { decodeSeries } from './arrow';

/** Groups of runs, by the names under which their curves are asked for. */
export type SeriesGroups = ReadonlyMap<string, string[]>;

/** What all curves of one batch have in common. */
export interface SeriesSpec {
  stream: Stream;
  axis: Axis;
  smoothing?: Smoothing;
  /** Curves are those of groups instead of runs. */
  groups?: SeriesGroups;
  min?: number;
  max?: number;
  columns: number;
}

/** What is drawn: a key, or an expression over keys. */
export interface Quantity {
  kind: 'key' | 'expression';
  text: string;
}

export interface SeriesDemand {
  spec: SeriesSpec;
  quantities: Quantity[];
  /** Whose curves: runs, or groups of the spec. */
  lines: string[];
}

interface Batch {
  specId: string;
  /** Keys, or one expression. */
  quantities: Quantity[];
  lines: string[];
}

/** How far the curves of a demand have come. */
export interface SeriesStatus {
  /** A curve has not come yet. */
  loading: boolean;
  /** Why one could not. */
  error: Error | null;
  /** Runs that are missing in curves, or in groups', each once. */
  damaged: RunError[];
}

interface Entry {
  columns: Columns | null;
  damaged: RunError[];
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
const MAX_GROUPS = 200;
/** Columns of a request together: the server gives curves fewer than asked if an answer would be much larger. */
const MAX_COLUMNS = 200_000;
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

  columns(spec: SeriesSpec, quantity: Quantity, line: string): Columns | null {
    return this.entries.get(entryId(specIdOf(spec), quantity, line))?.columns ?? null;
  }

  status(demand: SeriesDemand): SeriesStatus {
    const specId = specIdOf(demand.spec);
    let loading = false;
    let error: Error | null = null;
    const damaged = new Map<string, RunError>();
    for (const id of entryIds(specId, demand)) {
      const entry = this.entries.get(id);
      if (entry?.error) error = entry.error;
      entry?.damaged.forEach(one => damaged.set(one.run, one));
      if (!entry || (entry.columns === null && entry.error === null)) loading = true;
    }
    return { loading, error, damaged: [...damaged.values()] };
  }

  /** Tells that a run has new rows. */
  runChanged(run: string): void {
    let found = false;
    for (const [id, entry] of this.entries) {
      const [specId, , line] = id.split('\u0000');
      const groups = this.specs.get(specId)?.groups;
      if (groups ? !groups.get(line)?.includes(run) : line !== run) continue;
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
    for (const batch of this.missing()) void this.load(batch);
    this.evict();
  }

  /** Gathers what is missing or stale into requests: keys that need the same lines together, each expression alone. */
  private missing(): Batch[] {
    const wanted = new Map<string, Map<string, { quantity: Quantity; lines: Set<string> }>>();
    for (const { specId, demand } of this.subscribers) {
      for (const quantity of demand.quantities) {
        for (const line of demand.lines) {
          const entry = this.entries.get(entryId(specId, quantity, line));
          if (entry && (entry.loading || !entry.stale)) continue;
          const ofSpec = getOrInsert(wanted, specId, () => new Map());
          const make = () => ({ quantity, lines: new Set<string>() });
          getOrInsert(ofSpec, quantityId(quantity), make).lines.add(line);
        }
      }
    }
    const batches: Batch[] = [];
    for (const [specId, ofSpec] of wanted) {
      const together = new Map<string, { quantities: Quantity[]; lines: string[] }>();
      for (const { quantity, lines } of ofSpec.values()) {
        const list = [...lines].toSorted();
        // The server refuses a request for one expression that it cannot read: that must not take others along.
        const alone = quantity.kind === 'expression' ? quantityId(quantity) : '';
        const id = [alone, ...list].join('\u0000');
        getOrInsert(together, id, () => ({ quantities: [], lines: list })).quantities.push(
          quantity,
        );
      }
      const spec = this.specs.get(specId);
      const mostCurves = Math.max(1, Math.floor(MAX_COLUMNS / (spec?.columns ?? 1)));
      const mostLines = Math.min(spec?.groups ? MAX_GROUPS : MAX_RUNS, mostCurves);
      for (const { quantities, lines } of together.values()) {
        const mostQuantities = Math.floor(mostCurves / Math.min(lines.length, mostLines));
        for (const someQuantities of slices(quantities, Math.min(MAX_KEYS, mostQuantities))) {
          for (const someLines of slices(lines, mostLines))
            batches.push({ specId, quantities: someQuantities, lines: someLines });
        }
      }
    }
    return batches;
  }

  private async load({ specId, quantities, lines }: Batch): Promise<void> {
    const spec = this.specs.get(specId);
    if (!spec) return;
    const touched: [string, number, number][] = [];
    quantities.forEach((quantity, place) =>
      lines.forEach((line, linePlace) =>
        touched.push([entryId(specId, quantity, line), linePlace, place]),
      ),
    );
    for (const [id] of touched) {
      const entry = getOrInsert(this.entries, id, newEntry);
      entry.loading = true;
      entry.stale = false;
    }
    try {
      const { groups, ...common } = spec;
      const bytes = await this.fetchSeries({
        ...common,
        ...wireLines(lines, groups),
        ...wireQuantities(quantities),
      });
      const answer = decodeSeries(bytes, quantities.length, groups !== undefined);
      const damage = lines.map(line => {
        const members = groups ? groups.get(line) : [line];
        return answer.damaged.filter(({ run }) => members?.includes(run));
      });
      for (const [id, linePlace, place] of touched) {
        const entry = getOrInsert(this.entries, id, newEntry);
        Object.assign(entry, {
          columns: answer.columns(linePlace, place),
          damaged: damage[linePlace],
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
    const changed = new Set(quantities.map(quantityId));
    for (const subscriber of this.subscribers) {
      const { demand } = subscriber;
      if (
        subscriber.specId === specId &&
        demand.quantities.some(one => changed.has(quantityId(one)))
      )
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
      for (const id of entryIds(specId, demand)) used.add(id);
    }
    for (const [id, entry] of this.entries)
      if (!used.has(id) && !entry.loading) this.entries.delete(id);
  }
}

function newEntry(): Entry {
  return { columns: null, damaged: [], error: null, loading: false, stale: false };
}

const specIds = new WeakMap<SeriesSpec, string>();

function specIdOf(spec: SeriesSpec): string {
  const known = specIds.get(spec);
  if (known !== undefined) return known;
  const { stream, axis, smoothing, groups, min, max, columns } = spec;
  const id = JSON.stringify([
    stream,
    [axis.kind, axis.name],
    smoothing && [smoothing.kind, smoothing.parameter],
    groups && groupsIdOf(groups),
    min,
    max,
    columns,
  ]);
  specIds.set(spec, id);
  return id;
}

const groupsIds = new Map<string, number>();

/** A short text for groups: the same for others of the same members. */
function groupsIdOf(groups: SeriesGroups): string {
  const members = JSON.stringify([...groups]);
  return `g${getOrInsert(groupsIds, members, () => groupsIds.size)}`;
}

/** A request's runs and, if it is of groups, their places among them. */
function wireLines(lines: string[], groups?: SeriesGroups): Pick<SeriesRequest, 'runs' | 'groups'> {
  if (!groups) return { runs: lines };
  const places = new Map<string, number>();
  const placeOf = (run: string): number => getOrInsert(places, run, () => places.size);
  const members = lines.map(line => (groups.get(line) ?? []).map(placeOf));
  return { runs: [...places.keys()], groups: members };
}

function quantityId({ kind, text }: Quantity): string {
  return `${kind} ${text}`;
}

function entryId(specId: string, quantity: Quantity, line: string): string {
  return `${specId}\u0000${quantityId(quantity)}\u0000${line}`;
}

function* entryIds(specId: string, { quantities, lines }: SeriesDemand): Generator<string> {
  for (const quantity of quantities)
    for (const line of lines) yield entryId(specId, quantity, line);
}

/** A request's keys and expressions, in the order in which its answer counts them. */
function wireQuantities(quantities: Quantity[]): Pick<SeriesRequest, 'keys' | 'expressions'> {
  const texts = (kind: Quantity['kind']): string[] =>
    quantities.filter(quantity => quantity.kind === kind).map(quantity => quantity.text);
  const expressions = texts('expression');
  return { keys: texts('key'), ...(expressions.length > 0 ? { expressions } : {}) };
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
