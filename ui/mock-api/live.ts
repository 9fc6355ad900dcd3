import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MockRun, World } from './world.ts';

const TICK_MS = 1000;

/** Sends events of the asked projects until the browser closes the stream. */
export function streamLive(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  projects: string[],
): undefined {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  const send = (event: string, data: unknown): void => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  send('hello', {});
  const seen = new Map<string, string>();
  const isWatched = (run: MockRun): boolean => projects.includes(`${run.entity}/${run.project}`);
  for (const run of world.runs.filter(isWatched)) seen.set(run.id, fingerprint(run));
  const timer = setInterval(() => {
    world.advance(Date.now());
    for (const run of world.runs.filter(isWatched)) {
      const print = fingerprint(run);
      if (seen.get(run.id) === print) continue;
      seen.set(run.id, print);
      const {
        entity,
        project,
        id,
        state,
        display_name,
        n_history_rows,
        n_system_rows,
        n_console_lines,
        heartbeat_at,
      } = run;
      send('run', {
        entity,
        project,
        id,
        state,
        display_name,
        n_history_rows,
        n_system_rows,
        n_console_lines,
        heartbeat_at,
        summary_revision: n_history_rows,
        deleted: run.deleted_at !== null,
      });
    }
  }, TICK_MS);
  request.on('close', () => clearInterval(timer));
  return undefined;
}

function fingerprint(run: MockRun): string {
  return [
    run.state,
    run.n_history_rows,
    run.n_console_lines,
    run.display_name,
    run.deleted_at,
  ].join('|');
}
