import type { PanelRun } from './panel';

export interface RunPickerProps {
  runs: PanelRun[];
  value: string;
  onChange: (run: string) => void;
}

/** Chooses one of the shown runs for panels that show one at a time. */
export function RunPicker({ runs, value, onChange }: RunPickerProps) {
  const current = runs.find(run => run.id === value);
  if (runs.length < 2) return null;
  return (
    <label className="flex min-w-0 items-center gap-1.5 text-12">
      <span className="size-2 shrink-0 rounded-full" style={{ background: current?.color }} />
      <span className="sr-only">Run</span>
      <select
        value={value}
        onChange={event => onChange(event.target.value)}
        className="h-6 min-w-0 max-w-44 truncate rounded-sm border border-line bg-bg text-12"
      >
        {runs.map(run => (
          <option key={run.id} value={run.id}>
            {run.name}
          </option>
        ))}
      </select>
    </label>
  );
}
