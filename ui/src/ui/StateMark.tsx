import type { RunState } from '~/api/schema';
import { cx } from '~/util/class-names';
import { BARS, RING, SQUARE, TICK } from './state-shapes';

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
  pending: RING,
  finished: TICK,
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
  killed: SQUARE,
  preempting: BARS,
  preempted: BARS,
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
