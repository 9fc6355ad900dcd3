import type { SweepState } from '~/api/sweep-schema';
import { BARS, RING, SQUARE, TICK } from '~/ui/state-shapes';
import { cx } from '~/util/class-names';

const COLORS: Record<SweepState, string> = {
  pending: 'text-ink-3',
  running: 'text-accent',
  paused: 'text-warn',
  finished: 'text-good',
  canceled: 'text-warn',
};

const SHAPES: Record<SweepState, React.ReactNode> = {
  running: null,
  pending: RING,
  paused: BARS,
  finished: TICK,
  canceled: SQUARE,
};

/** Where a sweep stands, told apart by shape and word. */
export function SweepStateMark({ state }: { state: SweepState }) {
  return (
    <span className={cx('inline-flex items-center gap-1.5', COLORS[state])}>
      {state === 'running' ? (
        <span
          aria-hidden
          className="pulse m-0.5 inline-block size-2 shrink-0 rounded-full bg-accent"
        />
      ) : (
        <svg viewBox="0 0 12 12" className="size-3 shrink-0" aria-hidden>
          {SHAPES[state]}
        </svg>
      )}
      <span className="font-medium">{state}</span>
    </span>
  );
}
