import type { SweepRef } from '~/api/sweep-client';
import type { SweepAgent, SweepDetail, Trial } from '~/api/sweep-schema';
import { isOpen } from '~/api/sweep-queries';
import { useNow } from '~/hooks/use-now';
import { Link } from '~/ui/Link';
import { Ago } from '~/ui/Time';
import { formatDuration, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { Section } from '../Section';

const SILENT_MS = 90_000;
const SHOWN = 50;

export interface SweepAgentsProps {
  sweepRef: SweepRef;
  sweep: SweepDetail;
  trials: Trial[];
}

/** Who works on a sweep: where, on what, and when they last reported. */
export function SweepAgents({ sweepRef, sweep, trials }: SweepAgentsProps) {
  const names = new Map(trials.map(({ run }) => [run?.id, run?.display_name]));
  const order: SweepAgent['state'][] = ['running', 'lost', 'finished'];
  const agents = sweep.agents.toSorted(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) ||
      b.heartbeat_at.localeCompare(a.heartbeat_at),
  );
  return (
    <Section
      title="Agents"
      note={agents.length > SHOWN ? `the ${SHOWN} that matter most of ${agents.length}` : undefined}
    >
      {agents.length === 0 ? (
        <p className="text-ink-3">
          No agent has come yet.{isOpen(sweep) && ' Start one with the command above.'}
        </p>
      ) : (
        <table aria-label="Agents" className="w-full table-fixed border-collapse">
          <thead>
            <tr className="h-7 border-b border-line text-left text-12 text-ink-3 [&_th]:font-normal">
              <th scope="col">Machine</th>
              <th scope="col" className="w-36">
                Heartbeat
              </th>
              <th scope="col" className="w-[34%] max-sm:hidden">
                Works on
              </th>
              <th scope="col" className="w-16 text-right">
                Runs
              </th>
            </tr>
          </thead>
          <tbody>
            {agents.slice(0, SHOWN).map(agent => (
              <tr key={agent.name} className="h-7 border-b border-line">
                <td className="truncate pr-2" title={`${agent.host}, agent ${agent.name}`}>
                  {agent.host}
                </td>
                <td className="tabular truncate pr-2">
                  <HeartbeatText agent={agent} />
                </td>
                <td className="truncate pr-2 max-sm:hidden">
                  {agent.run ? (
                    <Link
                      href={paths.run(sweepRef.entity, sweepRef.project, agent.run)}
                      className="hover:underline"
                    >
                      {names.get(agent.run) ?? agent.run}
                    </Link>
                  ) : (
                    <span className="text-ink-3">nothing</span>
                  )}
                </td>
                <td className="tabular text-right" title={plural(agent.n_trials, 'run')}>
                  {agent.n_trials}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function HeartbeatText({ agent }: { agent: SweepAgent }) {
  const now = useNow(5000);
  const silence = now - Date.parse(agent.heartbeat_at);
  if (agent.state === 'running' && silence < SILENT_MS) {
    return (
      <>
        <span
          role="img"
          aria-label="alive"
          className="mr-1.5 inline-block size-2 rounded-full bg-accent align-middle"
        />
        <Ago time={agent.heartbeat_at} />
      </>
    );
  }
  if (agent.state === 'finished')
    return (
      <span className="text-ink-3">
        left <Ago time={agent.heartbeat_at} />
      </span>
    );
  return <span className="text-warn">silent for {formatDuration(silence / 1000)}</span>;
}
