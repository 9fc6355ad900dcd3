import type { Sweep } from '~/api/sweep-schema';
import { cx } from '~/util/class-names';
import { formatInteger, plural } from '~/util/format';
import { progressParts, type ProgressPart } from './model';

const FILLS: Record<ProgressPart['kind'], string> = {
  finished: 'bg-good',
  stopped: 'bg-ink-3',
  failed: 'bg-bad',
  running: 'bg-accent',
  pending: 'bg-line-strong',
};

/** How many runs there are, of how many if that is known. */
export function progressText({ counts, n_expected }: Pick<Sweep, 'counts' | 'n_expected'>): string {
  return n_expected === null
    ? plural(counts.total, 'run')
    : `${formatInteger(counts.total)} of ${plural(n_expected, 'run')}`;
}

export interface SweepProgressProps {
  sweep: Pick<Sweep, 'counts' | 'n_expected'>;
  className?: string;
}

/** The trials of a sweep as a bar, by what became of them; as long as all there will be, if that is known. */
export function SweepProgress({ sweep, className }: SweepProgressProps) {
  const parts = progressParts(sweep.counts);
  const whole = Math.max(sweep.counts.total, sweep.n_expected ?? 0, 1);
  const text = [progressText(sweep), ...parts.map(({ label }) => label)].join(', ');
  return (
    <span
      role="img"
      aria-label={text}
      title={text}
      className={cx('flex h-1.5 gap-px overflow-hidden rounded-full bg-line', className)}
    >
      {parts.map(({ kind, label, count }) => (
        <span
          key={label}
          className={FILLS[kind]}
          style={{ width: `${(100 * count) / whole}%`, minWidth: 2 }}
        />
      ))}
    </span>
  );
}
