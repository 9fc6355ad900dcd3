import { liveUrl } from './client';
import type { LiveProject, LiveRun } from './schema';

export interface LiveListener {
  onRun?: (event: LiveRun) => void;
  onProject?: (event: LiveProject) => void;
  /** Called when the stream has been re-established: events may have been missed. */
  onReconnect?: () => void;
}

type Message =
  | { type: 'want'; tab: string; projects: string[] }
  | { type: 'bye'; tab: string }
  | { type: 'who' }
  | { type: 'run'; event: LiveRun }
  | { type: 'project'; event: LiveProject }
  | { type: 'reconnect' };

const CHANNEL = 'ballast.live';
const LEASE = 'ballast.live.leader';
const LEASE_MS = 6000;
const ANNOUNCE_MS = 20_000;
const FORGET_MS = 65_000;
const RECONNECT_MS = 3000;

/**
 * Live events for all tabs of a browser over one connection: a browser opens only six to a plain HTTP server. The tab
 * that leads holds the stream and passes events on; when it closes, another takes over.
 */
class LiveHub {
  private readonly tab = Math.random().toString(36).slice(2);
  private readonly channel = new BroadcastChannel(CHANNEL);
  private readonly wants = new Map<string, { projects: string[]; at: number }>();
  private readonly listeners = new Map<LiveListener, string[]>();
  private leading = false;
  private started = false;
  private stream: EventSource | null = null;
  private streamUrl = '';
  private reopen: ReturnType<typeof setTimeout> | null = null;

  watch(projects: string[], listener: LiveListener): () => void {
    this.listeners.set(listener, projects);
    this.start();
    this.announce();
    return () => {
      this.listeners.delete(listener);
      this.announce();
    };
  }

  private start(): void {
    if (this.started) return;
    this.started = true;
    this.channel.addEventListener('message', (message: MessageEvent<Message>) =>
      this.receive(message.data),
    );
    setInterval(() => this.announce(), ANNOUNCE_MS);
    window.addEventListener('pagehide', () =>
      this.channel.postMessage({ type: 'bye', tab: this.tab }),
    );
    seekLeadership(this.tab, () => this.lead());
  }

  private lead(): void {
    this.leading = true;
    this.channel.postMessage({ type: 'who' });
    this.announce();
  }

  private announce(): void {
    const projects = [...new Set([...this.listeners.values()].flat())].toSorted();
    this.channel.postMessage({ type: 'want', tab: this.tab, projects });
    this.remember(this.tab, projects);
  }

  private remember(tab: string, projects: string[]): void {
    this.wants.set(tab, { projects, at: Date.now() });
    if (this.leading) this.connect();
  }

  private receive(message: Message): void {
    if (message.type === 'want') this.remember(message.tab, message.projects);
    else if (message.type === 'bye') this.wants.delete(message.tab);
    else if (message.type === 'who') this.announce();
    else this.dispatch(message);
  }

  private connect(): void {
    for (const [tab, want] of this.wants) {
      if (tab !== this.tab && Date.now() - want.at > FORGET_MS) this.wants.delete(tab);
    }
    const projects = [
      ...new Set([...this.wants.values()].flatMap(want => want.projects)),
    ].toSorted();
    const url = projects.length > 0 ? liveUrl(projects) : '';
    if (url === this.streamUrl) return;
    this.streamUrl = url;
    this.open(false);
  }

  private open(again: boolean): void {
    this.stream?.close();
    this.stream = null;
    if (this.reopen) clearTimeout(this.reopen);
    if (!this.streamUrl) return;
    const stream = new EventSource(this.streamUrl);
    this.stream = stream;
    let lost = again;
    stream.addEventListener('run', event =>
      this.pass({ type: 'run', event: JSON.parse(event.data) as LiveRun }),
    );
    stream.addEventListener('project', event =>
      this.pass({ type: 'project', event: JSON.parse(event.data) as LiveProject }),
    );
    stream.addEventListener('hello', () => {
      if (lost) this.pass({ type: 'reconnect' });
      lost = false;
    });
    stream.addEventListener('error', () => {
      lost = true;
      if (stream.readyState === EventSource.CLOSED)
        this.reopen = setTimeout(() => this.open(true), RECONNECT_MS);
    });
  }

  private pass(message: Message): void {
    this.channel.postMessage(message);
    this.dispatch(message);
  }

  private dispatch(message: Message): void {
    for (const [listener, projects] of this.listeners) {
      if (message.type === 'run' && watches(projects, message.event))
        listener.onRun?.(message.event);
      if (message.type === 'project') listener.onProject?.(message.event);
      if (message.type === 'reconnect') listener.onReconnect?.();
    }
  }
}

function watches(projects: string[], event: LiveProject): boolean {
  return projects.includes(`${event.entity}/${event.project}`);
}

/** Calls `onLead` once this tab is the only one to lead. Plain HTTP has no Web Locks: a lease in storage serves there. */
function seekLeadership(tab: string, onLead: () => void): void {
  if (navigator.locks) {
    void navigator.locks.request(LEASE, () => {
      onLead();
      return new Promise<void>(() => {});
    });
    return;
  }
  let leading = false;
  const tick = (): void => {
    const [holder, until] = (localStorage.getItem(LEASE) ?? '|0').split('|');
    if (holder !== tab && Number(until) > Date.now()) return;
    localStorage.setItem(LEASE, `${tab}|${Date.now() + LEASE_MS}`);
    if (!leading) onLead();
    leading = true;
  };
  tick();
  setInterval(tick, LEASE_MS / 3);
  window.addEventListener('pagehide', () => {
    if (leading) localStorage.removeItem(LEASE);
  });
}

export const liveHub = new LiveHub();
