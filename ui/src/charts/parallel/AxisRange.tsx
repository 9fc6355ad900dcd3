import { useState, type FormEvent } from 'react';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field } from '~/ui/Field';
import { isRange, type AxisBrush, type ParallelAxis } from './axes';

export interface AxisRangeProps {
  label: string;
  axis: ParallelAxis;
  brush: AxisBrush | undefined;
  onChange: (brush: AxisBrush | undefined) => void;
  onClose: () => void;
}

/** What dragging along an axis does, for the keyboard: two numbers, or a choice of categories. */
export function AxisRange({ label, axis, brush, onChange, onClose }: AxisRangeProps) {
  const range = axis.kind === 'number' && brush && isRange(brush) ? brush : null;
  const [ends, setEnds] = useState(() => (range ?? ['', '']).map(String));
  const [chosen, setChosen] = useState(
    () =>
      new Set(axis.kind === 'category' ? ((brush as string[] | undefined) ?? axis.categories) : []),
  );
  const numbers = ends.map(text => (text.trim() === '' ? null : Number(text)));
  const isUnreadable = numbers.some(number => number !== null && Number.isNaN(number));
  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (isUnreadable) return;
    onChange(
      axis.kind === 'number' ? rangeOf(axis.range, numbers) : chosenOf(axis.categories, chosen),
    );
    onClose();
  };
  const toggle = (category: string) =>
    setChosen(old => {
      const next = new Set(old);
      if (!next.delete(category)) next.add(category);
      return next;
    });
  return (
    <Dialog open onOpenChange={open => !open && onClose()} title={`Range of ${label}`}>
      <form className="flex min-h-0 flex-col gap-3 overflow-y-auto p-4" onSubmit={apply}>
        {axis.kind === 'number' ? (
          <div className="grid grid-cols-2 gap-3">
            {['From', 'To'].map((name, index) => (
              <Field
                key={name}
                label={name}
                inputMode="decimal"
                placeholder={String(axis.range[index])}
                value={ends[index]}
                autoFocus={index === 0}
                aria-invalid={Number.isNaN(numbers[index]) || undefined}
                onChange={event => setEnds(old => old.with(index, event.target.value))}
              />
            ))}
          </div>
        ) : (
          <div className="flex flex-col">
            {axis.categories.toReversed().map(category => (
              <label key={category} className="flex min-h-7 items-center gap-2">
                <input
                  type="checkbox"
                  checked={chosen.has(category)}
                  onChange={() => toggle(category)}
                  className="accent-accent"
                />
                <span className="min-w-0 break-words">{category}</span>
              </label>
            ))}
          </div>
        )}
        <div className="flex justify-end gap-2">
          <Button
            tone="quiet"
            onClick={() => {
              onChange(undefined);
              onClose();
            }}
          >
            Everything
          </Button>
          <Button tone="primary" type="submit" disabled={isUnreadable}>
            Apply
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function rangeOf(
  [low, high]: [number, number],
  [from, to]: (number | null)[],
): AxisBrush | undefined {
  if (from === null && to === null) return undefined;
  const ends = [from ?? low, to ?? high];
  return [Math.min(...ends), Math.max(...ends)];
}

function chosenOf(categories: string[], chosen: Set<string>): AxisBrush | undefined {
  const kept = categories.filter(category => chosen.has(category));
  return kept.length === categories.length ? undefined : kept;
}
