import type { SweepState } from '~/api/sweep-schema';
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
  paused: <path d="M3.2 2.5h2v7h-2zm3.6 0h2v7h-2z" fill="currentColor" />,
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
  canceled: <rect x="2.5" y="2.5" width="7" height="7" rx="1" fill="currentColor" />,
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
