export interface StepSliderProps {
  steps: number[];
  step: number;
  onChange: (step: number) => void;
}

/** Moves through the steps at which something was logged. */
export function StepSlider({ steps, step, onChange }: StepSliderProps) {
  const place = Math.max(
    0,
    steps.findLastIndex(candidate => candidate <= step),
  );
  if (steps.length === 0) return null;
  return (
    <label className="flex items-center gap-2 text-12 text-ink-3">
      Step
      <input
        type="range"
        aria-label="Step"
        min={0}
        max={steps.length - 1}
        value={place}
        disabled={steps.length < 2}
        aria-valuetext={`step ${steps[place]}`}
        onChange={event => onChange(steps[Number(event.target.value)])}
        className="h-6 min-w-0 flex-1 accent-accent"
      />
      <span className="tabular w-14 text-right text-ink-2">{steps[place]}</span>
    </label>
  );
}
