import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { Menu, type MenuEntry } from '~/ui/Menu';
import { cx } from '~/util/class-names';
import type { AxisChoice, ParallelAxis } from './axes';
import { AxisRange } from './AxisRange';
import type { ParallelColumn } from './ParallelCoordinates';

export interface AxisHeadProps {
  column: ParallelColumn;
  axis: ParallelAxis;
  choice: AxisChoice;
  onChoose: (change: Partial<AxisChoice>) => void;
  entries: MenuEntry[];
  left: number;
  width: number;
}

/** The name of an axis, which opens its menu. */
export function AxisHead({ column, axis, choice, onChoose, entries, left, width }: AxisHeadProps) {
  const [isRanging, setRanging] = useState(false);
  const dot = column.label.lastIndexOf('.');
  const isLog = axis.kind === 'number' && axis.log;
  const marks = [isLog && 'log', axis.flip && 'flipped'].filter(Boolean).join(', ');
  return (
    <>
      <Menu
        align="start"
        entries={() => [
          ...(axis.kind === 'number' && axis.canLog
            ? [
                {
                  kind: 'check' as const,
                  label: 'Log scale',
                  checked: axis.log,
                  onSelect: () => onChoose({ log: !axis.log }),
                },
              ]
            : []),
          {
            kind: 'check',
            label: 'Flip',
            checked: axis.flip,
            onSelect: () => onChoose({ flip: axis.flip ? undefined : true }),
          },
          { label: 'Limit to a range', onSelect: () => setRanging(true) },
          ...(choice.brush
            ? [{ label: 'Clear range', onSelect: () => onChoose({ brush: undefined }) }]
            : []),
          ...entries,
        ]}
      >
        <button
          type="button"
          title={`${column.label}${marks && ` (${marks})`}`}
          aria-label={`Axis ${column.label}${marks && `, ${marks}`}`}
          className="absolute top-0 flex h-6 items-center gap-0.5 rounded-sm px-1 text-12 hover:bg-hover"
          style={{ left: left - 6, maxWidth: width }}
        >
          <span className={cx('flex min-w-0', choice.brush && 'text-accent')}>
            {dot >= 0 && (
              <span className="min-w-0 shrink truncate text-ink-3">
                {column.label.slice(0, dot + 1)}
              </span>
            )}
            <span className="min-w-0 truncate font-medium">{column.label.slice(dot + 1)}</span>
          </span>
          {marks && <span className="shrink-0 text-11 text-ink-3">{` ${marks}`}</span>}
          <ChevronDown className="size-3 shrink-0 text-ink-3" aria-hidden />
        </button>
      </Menu>
      {isRanging && (
        <AxisRange
          label={column.label}
          axis={axis}
          brush={choice.brush}
          onChange={brush => onChoose({ brush })}
          onClose={() => setRanging(false)}
        />
      )}
    </>
  );
}
