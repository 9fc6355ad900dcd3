import { cx } from '~/util/class-names';
import { formatNumber, plural } from '~/util/format';
import { formatX } from './axis-format';
import type { Reading } from './nearest';
import type { XKind } from './scales';

const VALUE = 'tabular w-14 shrink-0 text-right';

const ROWS = 8;
/** Of a name with its value, and what a second value and a curve's own name need beside them. */
const WIDTH = 264;
const MORE_WIDTH = 72;

export interface ChartTooltipProps {
  readings: Reading[];
  nearest: Reading | null;
  x: number;
  xKind: XKind;
  xLabel: string;
  /** Pixels within the host. */
  left: number;
  top: number;
  hostWidth: number;
  colors: (line: Reading['line']) => string;
}

/** The list beside the cursor: every curve's value there, highest first, never over the point itself. */
export function ChartTooltip({
  readings,
  nearest,
  x,
  xKind,
  xLabel,
  left,
  top,
  hostWidth,
  colors,
}: ChartTooltipProps) {
  const nearestPlace = nearest ? readings.indexOf(nearest) : -1;
  const start = Math.max(0, Math.min(nearestPlace - ROWS / 2, readings.length - ROWS));
  const shown = readings.slice(start, start + ROWS);
  const more = readings.length - shown.length;
  const isSmoothed = readings.some(reading => reading.raw !== null);
  const hasCurves = readings.some(reading => reading.line.curve);
  const extra = Number(isSmoothed) + Number(hasCurves);
  const width = Math.min(WIDTH + extra * MORE_WIDTH, Math.max(hostWidth, WIDTH));
  const fitsRight = left + 16 + width < hostWidth;
  const fitsLeft = left - 16 - width > 0;
  // Where a narrow panel has room on neither side it stands below the point.
  const beside = fitsRight || fitsLeft;
  const besideLeft = fitsRight ? left + 16 : left - width - 16;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute z-30 rounded-md border border-line bg-raised px-2 py-1 text-12 shadow-float"
      style={{
        width,
        top: beside ? Math.max(0, top - 12) : top + 24,
        left: beside ? besideLeft : Math.max(0, Math.min(left, hostWidth - width)),
      }}
    >
      <div className="tabular flex justify-between gap-2 text-ink-3">
        <span className="truncate">{xLabel}</span>
        <span>{formatX(xKind, x)}</span>
      </div>
      {isSmoothed && (
        <div className="flex gap-2 text-11 leading-4 text-ink-3">
          <span className="flex-1" />
          <span className={VALUE}>smoothed</span>
          <span className={VALUE}>raw</span>
        </div>
      )}
      {shown.map(reading => (
        <div
          key={`${reading.line.id} ${reading.line.curve?.name}`}
          className="flex items-center gap-2 leading-[18px]"
        >
          <svg className="h-1 w-4 shrink-0" aria-hidden>
            <line
              x2="16"
              y1="2"
              y2="2"
              stroke={colors(reading.line)}
              strokeWidth="2"
              strokeDasharray={reading.line.curve?.dash.join(' ')}
            />
          </svg>
          <span className={cx('min-w-26 flex-1 truncate', reading === nearest && 'font-medium')}>
            {reading.line.name}
          </span>
          {reading.line.curve && (
            <span className="max-w-[34%] min-w-0 shrink truncate font-mono text-11 text-ink-3">
              {reading.line.curve.name}
            </span>
          )}
          <span
            className={cx(isSmoothed ? VALUE : 'tabular', reading === nearest && 'font-medium')}
          >
            {formatNumber(reading.value)}
          </span>
          {isSmoothed && (
            <span className={`${VALUE} text-ink-3`}>
              {reading.raw === null ? '' : formatNumber(reading.raw)}
            </span>
          )}
        </div>
      ))}
      {more > 0 && <div className="text-ink-3">+ {more} more</div>}
      {nearest && (nearest.n !== null || nearest.count > 1) && (
        <div className="tabular mt-0.5 border-t border-line pt-0.5 text-ink-3">
          {nearest.n === null ? plural(nearest.count, 'row') : `n = ${nearest.n}`}
          {nearest.min < nearest.max && (
            <>
              , {nearest.line.band} {formatNumber(nearest.min)} to {formatNumber(nearest.max)}
            </>
          )}
        </div>
      )}
    </div>
  );
}
