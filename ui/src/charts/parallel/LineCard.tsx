import { formatNumber } from '~/util/format';
import type { AxisValue } from './axes';
import type { ParallelLine } from './lines';
import type { ParallelColumn } from './ParallelCoordinates';

const WIDTH = 248;
const ROW = 18;
const MAX_ROWS = 12;

export interface LineCardProps {
  line: ParallelLine;
  columns: ParallelColumn[];
  at: { x: number; y: number };
  hostWidth: number;
  hostHeight: number;
}

/** What a line is and has, beside the pointer. */
export function LineCard({ line, columns, at, hostWidth, hostHeight }: LineCardProps) {
  const shown = columns.slice(0, MAX_ROWS);
  const height = (shown.length + 1) * ROW + 12;
  const left = at.x + 16 + WIDTH < hostWidth ? at.x + 16 : Math.max(0, at.x - WIDTH - 16);
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute z-30 rounded-md border border-line bg-raised px-2 py-1 text-12 leading-[18px] shadow-float"
      style={{ width: WIDTH, left, top: Math.max(0, Math.min(at.y - 12, hostHeight - height)) }}
    >
      <div className="truncate font-medium">{line.name}</div>
      {shown.map(({ key, label }, index) => (
        <div key={key} className="flex gap-3">
          <span className="min-w-0 flex-1 truncate text-ink-3">{label}</span>
          <span className="tabular max-w-[60%] truncate">{valueText(line.values[index])}</span>
        </div>
      ))}
      {columns.length > MAX_ROWS && (
        <div className="text-ink-3">+ {columns.length - MAX_ROWS} more</div>
      )}
    </div>
  );
}

export function valueText(value: AxisValue): string {
  return value === null ? 'none' : typeof value === 'number' ? formatNumber(value) : String(value);
}
