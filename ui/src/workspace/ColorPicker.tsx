import type { ReactNode } from 'react';
import type { Run } from '~/api/schema';
import { Button } from '~/ui/Button';
import { Popover } from '~/ui/Popover';
import { PALETTE_LIGHT, runColor } from '~/util/run-color';

export interface ColorPickerProps {
  run: Run;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onPick: (color: string | null) => void;
  children: ReactNode;
}

export function ColorPicker({ run, open, onOpenChange, onPick, children }: ColorPickerProps) {
  const pick = (color: string | null) => {
    onPick(color);
    onOpenChange(false);
  };
  return (
    <Popover
      label={`Colour of ${run.display_name}`}
      open={open}
      onOpenChange={onOpenChange}
      trigger={children}
      className="w-56"
    >
      <div className="grid grid-cols-8 gap-0.5">
        {PALETTE_LIGHT.map((color, place) => (
          <button
            key={color}
            type="button"
            aria-label={`Colour ${place + 1}`}
            aria-pressed={run.color === color}
            onClick={() => pick(color)}
            className="flex size-6 items-center justify-center rounded-sm hover:bg-hover"
          >
            <span className="size-4 rounded-full" style={{ background: color }} />
          </button>
        ))}
      </div>
      <div className="mt-2 flex items-center justify-between gap-2">
        <label className="flex items-center gap-2 text-12">
          <input
            type="color"
            aria-label="Any colour"
            defaultValue={run.color ?? '#2a66c8'}
            onBlur={event =>
              event.target.value !== (run.color ?? '#2a66c8') && onPick(event.target.value)
            }
            className="h-6 w-8 border-0 bg-transparent p-0"
          />
          any colour
        </label>
        <Button tone="quiet" disabled={!run.color} onClick={() => pick(null)}>
          <span
            className="size-2 rounded-full"
            style={{ background: runColor({ ...run, color: null }) }}
          />
          default
        </Button>
      </div>
    </Popover>
  );
}
