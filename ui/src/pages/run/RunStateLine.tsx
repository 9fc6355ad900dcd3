import type { Run } from '~/api/schema';
import { useNow } from '~/hooks/use-now';
import { StateMark } from '~/ui/StateMark';
import { formatAgo, formatDuration } from '~/util/format';

const SILENT_MS = 90_000;

/** What state a run is in and since when; says so when a running one has gone silent. */
export function RunStateLine({ run }: { run: Run }) {
  const now = useNow(5000);
  const live = run.ended_at === null;
  const silence = now - Date.parse(run.heartbeat_at);
  const seconds = live ? (now - Date.parse(run.created_at)) / 1000 : run.duration_s;
  return (
    <span className="tabular flex items-center max-sm:flex-1 gap-2 text-12 whitespace-nowrap text-ink-3">
      <StateMark state={run.state} withLabel />
      {run.exit_code !== null && run.exit_code !== 0 && <span>exit code {run.exit_code}</span>}
      <span>{live ? `for ${formatDuration(seconds)}` : `ran ${formatDuration(seconds)}`}</span>
      {!live && run.ended_at && (
        <span className="max-sm:hidden">ended {formatAgo(Date.parse(run.ended_at), now)}</span>
      )}
      {live && silence > SILENT_MS && (
        <span className="text-warn">no heartbeat for {formatDuration(silence / 1000)}</span>
      )}
      {live && run.stop_requested && <span className="text-warn">stop requested</span>}
    </span>
  );
}
