import type { RunState } from '~/api/schema';
import { cx } from '~/util/class-names';

const COLORS: Record<RunState, string> = {
  pending: 'text-ink-3',
  running: 'text-accent',
  finished: 'text-good',
  failed: 'text-bad',
  crashed: 'text-bad',
  killed: 'text-warn',
  preempting: 'text-warn',
  preempted: 'text-warn',
};

/** Shapes tell states apart without colour: disc, tick, cross, triangle, square, ring. */
const SHAPES: Record<RunState, React.ReactNode> = {
  running: null,
  pending: (
    <circle
      cx="6"
      cy="6"
      r="4"
      fill="none"
      strokeWidth="1.5"
      stroke="currentColor"
      strokeDasharray="2 1.6"
    />
  ),
  finished: (
    <path
      d="M2 6.4 4.8 9 10 3.2"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  failed: (
    <path
      d="m2.8 2.8 6.4 6.4m0-6.4L2.8 9.2"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
    />
  ),
  crashed: <path d="M6 1.6 11 10.4H1z" fill="currentColor" />,
  killed: <rect x="2.5" y="2.5" width="7" height="7" rx="1" fill="currentColor" />,
  preempting: <path d="M3.2 2.5h2v7h-2zm3.6 0h2v7h-2z" fill="currentColor" />,
  preempted: <path d="M3.2 2.5h2v7h-2zm3.6 0h2v7h-2z" fill="currentColor" />,
};

export function StateMark({ state, withLabel }: { state: RunState; withLabel?: boolean }) {
  return (
    <span
      className={cx('inline-flex items-center gap-1.5', COLORS[state])}
      title={withLabel ? undefined : state}
    >
      {state === 'running' ? (
        <span
          className="pulse m-0.5 inline-block size-2 shrink-0 rounded-full bg-accent"
          role="img"
          aria-label="running"
        />
      ) : (
        <svg viewBox="0 0 12 12" className="size-3 shrink-0" role="img" aria-label={state}>
          {SHAPES[state]}
        </svg>
      )}
      {withLabel && <span className="font-medium">{state}</span>}
    </span>
  );
}
