import type { KeyboardEvent } from 'react';
import { formatInteger } from '~/util/format';
import { stepBeside } from './row-windows';
import type { PanelSteps } from './use-step-range';

export interface StepSliderProps {
  range: PanelSteps;
  step: number;
  onChange: (step: number) => void;
}

/**
 * Moves through the steps at which something was logged. Arrow keys go from one to the next. Of a run too long to be
 * read whole not all are known: there the thumb goes over all its steps.
 */
export function StepSlider({ range, step, onChange }: StepSliderProps) {
  const { known, all, isWhole } = range;
  const place = Math.max(
    0,
    known.findLastIndex(candidate => candidate <= step),
  );
  const shown = isWhole ? known[place] : step;
  const thumb = isWhole
    ? { min: 0, max: known.length - 1, value: place }
    : { min: all.min, max: all.max, value: step };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = BY[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onChange(stepBeside(range, step, by));
  };
  return (
    <label className="flex items-center gap-2 text-12 text-ink-3">
      Step
      <input
        type="range"
        aria-label="Step"
        {...thumb}
        disabled={thumb.min >= thumb.max}
        aria-valuetext={`step ${shown}`}
        onKeyDown={onKeyDown}
        onChange={event => {
          const value = Number(event.target.value);
          onChange(isWhole ? known[value] : value);
        }}
        className="h-6 min-w-0 flex-1 accent-accent"
      />
      <span className="tabular min-w-14 text-right text-ink-2">{formatInteger(shown)}</span>
    </label>
  );
}

const BY: Record<string, -1 | 1 | undefined> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
};
