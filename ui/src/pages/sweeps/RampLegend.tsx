import { axisTicks, type ParallelAxis } from '~/charts/parallel/axes';

const GRADIENT = `linear-gradient(to right, ${[0, 1, 2, 3, 4].map(stop => `var(--ramp-${stop})`).join(', ')})`;

export interface RampLegendProps {
  axis: ParallelAxis;
  isLowBest: boolean;
}

/** What the weak and the strong end of the ramp stand for. */
export function RampLegend({ axis, isLowBest }: RampLegendProps) {
  const ticks = axisTicks({ ...axis, flip: false, hasNone: false }, 1000);
  if (ticks.length < 2) return null;
  const [low, high] = [ticks[0].label, ticks[ticks.length - 1].label];
  const [weak, strong] = isLowBest ? [high, low] : [low, high];
  return (
    <span className="tabular flex items-center gap-1.5 text-12 text-ink-2">
      <span className="max-w-20 truncate">{weak}</span>
      <span
        aria-hidden
        className="inline-block h-2 w-24 rounded-full"
        style={{ background: GRADIENT }}
      />
      <span className="max-w-20 truncate">{strong}</span>
    </span>
  );
}
