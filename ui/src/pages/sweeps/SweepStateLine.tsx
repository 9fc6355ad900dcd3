import type { SweepRef } from '~/api/sweep-client';
import type { SweepEdits } from '~/api/sweep-edits';
import { isOpen } from '~/api/sweep-queries';
import type { SweepDetail, Trial } from '~/api/sweep-schema';
import { CodeBlock } from '~/ui/CodeBlock';
import { InlineEdit } from '~/ui/InlineEdit';
import { Link } from '~/ui/Link';
import { Ticks } from '~/ui/Ticks';
import { Ago } from '~/ui/Time';
import { formatNumber, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { progressParts } from './model';
import { progressText, SweepProgress } from './SweepProgress';
import { SweepStateMark } from './SweepStateMark';

export interface SweepStateLineProps {
  sweepRef: SweepRef;
  sweep: SweepDetail;
  trials: Trial[];
  edits: SweepEdits | null;
}

/** How a sweep stands in one line, how far it is, and what starts an agent. */
export function SweepStateLine({ sweepRef, sweep, trials, edits }: SweepStateLineProps) {
  const { entity, project } = sweepRef;
  const { best, objectives } = sweep;
  const bestName = best && trials.find(({ run }) => run?.id === best.run)?.run?.display_name;
  return (
    <section aria-label="State" className="flex flex-col gap-3">
      <div className="grid items-start gap-x-8 gap-y-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,28rem)]">
        <div className="flex min-w-0 flex-col gap-2">
          <p
            role="status"
            aria-label="State of the sweep"
            className="tabular flex flex-wrap items-center gap-x-4 gap-y-1"
          >
            <SweepStateMark state={sweep.state} />
            <span>{progressText(sweep)}</span>
            {best && (
              <span className="min-w-0">
                best {objectives[0]?.metric}{' '}
                <strong className="font-medium">{formatNumber(best.value)}</strong>{' '}
                <Link
                  href={paths.run(entity, project, best.run)}
                  className="text-accent underline underline-offset-2"
                >
                  {bestName ?? best.run}
                </Link>
              </span>
            )}
            <span className={sweep.n_live_agents === 0 ? 'text-ink-3' : undefined}>
              {sweep.n_live_agents === 0 ? 'no agent' : plural(sweep.n_live_agents, 'agent')} alive
            </span>
          </p>
          <SweepProgress sweep={sweep} className="max-w-2xl" />
          <p className="tabular flex flex-wrap gap-x-3 text-12 text-ink-3">
            {progressParts(sweep.counts).map(({ label }) => (
              <span key={label}>{label}</span>
            ))}
          </p>
          {sweep.state_reason && (
            <p className={sweep.state === 'finished' ? 'text-ink-2' : 'text-warn'}>
              <Ticks text={sweep.state_reason} />
            </p>
          )}
          <p className="flex flex-wrap gap-x-3 text-12 text-ink-3">
            <span>
              {sweep.method}
              {objectives.map(({ metric, goal, target }) => (
                <span key={metric}>
                  , {goal} {metric}
                  {target !== null && ` to ${formatNumber(target)}`}
                </span>
              ))}
            </span>
            <span>
              made <Ago time={sweep.created_at} />
              {sweep.user && ` by ${sweep.user}`}
            </span>
            <span className="font-mono">{sweep.id}</span>
          </p>
          {(edits || sweep.description) && (
            <div className="max-w-2xl text-ink-2">
              <InlineEdit
                label="Description"
                value={sweep.description ?? ''}
                placeholder="Add a description"
                multiline
                onSave={edits ? description => edits.describe(sweep, description) : undefined}
              />
            </div>
          )}
        </div>
        {isOpen(sweep) && <AgentCommand sweepRef={sweepRef} />}
      </div>
    </section>
  );
}

/** What starts an agent in a shell. */
export const agentCommand = ({ entity, project, sweep }: SweepRef): string =>
  `WANDB_BASE_URL=${window.location.origin} \\\n  wandb agent ${entity}/${project}/${sweep}`;

export function AgentCommand({ sweepRef }: { sweepRef: SweepRef }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <p className="text-12 text-ink-3">
        Start an agent, on as many machines as you like, where the script is:
      </p>
      <CodeBlock text={agentCommand(sweepRef)} label="agent command" />
    </div>
  );
}
