import { useMemo, useState } from 'react';
import { useSize } from '~/hooks/use-size';
import { formatNumber } from '~/util/format';
import { formatTicks, formatX } from '../axis-format';
import { logTicks, niceTicks } from '../ticks';
import { bestPoint, bestSoFar, shownPoints, wantsLog, type ProgressPoint } from './model';

const LEFT = 56;
const RIGHT = 16;
const TOP = 10;
const FOOT = 24;
const HEIGHT = 248;
const REACH = 24;
const CARD = 208;
/** What the axis of values leaves free at both ends. */
const ROOM = 0.06;

export interface ProgressChartProps {
  label: string;
  metric: string;
  points: ProgressPoint[];
  xKind: 'time' | 'number';
  isLowBest: boolean;
  /** Absent: as the values ask for. */
  log: boolean | undefined;
  hoveredId: string | null;
  onHover: (id: string | null) => void;
  onOpen: (point: ProgressPoint, inNewTab: boolean) => void;
}

interface Scale {
  low: number;
  high: number;
  log: boolean;
}

const fractionOf = ({ low, high, log }: Scale, value: number): number =>
  log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

/** Each run's value when it was tried, and the best so far as a line of steps. */
export function ProgressChart(props: ProgressChartProps) {
  const { points, isLowBest, xKind, metric, hoveredId, onHover, onOpen } = props;
  const [hostRef, { width }] = useSize<HTMLDivElement>();
  const shown = useMemo(() => shownPoints(points), [points]);
  const steps = useMemo(() => bestSoFar(points, isLowBest), [points, isLowBest]);
  const best = useMemo(() => bestPoint(points, isLowBest), [points, isLowBest]);
  const [isPointing, setPointing] = useState(false);
  const values = shown.map(({ value }) => value);
  const y = valueScale(values, props.log);
  const x = spread(shown.map(point => point.x));
  const plotWidth = Math.max(0, width - LEFT - RIGHT);
  const plotHeight = HEIGHT - TOP - FOOT;
  const xOf = (value: number): number => LEFT + fractionOf(x, value) * plotWidth;
  const yOf = (value: number): number => TOP + (1 - fractionOf(y, value)) * plotHeight;
  const drawn = y.log ? shown.filter(({ value }) => value > 0) : shown;
  const nearest = (event: React.MouseEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };
    let found = null;
    let least = REACH;
    for (const point of drawn) {
      const distance = Math.hypot(xOf(point.x) - at.x, yOf(point.value) - at.y);
      if (distance < least) [found, least] = [point, distance];
    }
    return found;
  };
  const open = (event: React.MouseEvent<HTMLDivElement>) => {
    const point = nearest(event);
    if (point) onOpen(point, event.metaKey || event.ctrlKey || event.button === 1);
  };
  const hovered = drawn.find(({ id }) => id === hoveredId) ?? null;
  const xTicks = niceXTicks(x, xKind, plotWidth);
  const yTicks = y.log ? logTicks([y.low, y.high]) : niceTicks([y.low, y.high], 5).values;
  const increment = y.log ? 0 : niceTicks([y.low, y.high], 5).increment;
  const yLabels = formatTicks('number', yTicks, increment);
  return (
    <div
      ref={hostRef}
      role="img"
      aria-label={`${props.label}: ${shown.length} runs${best ? `, the best is ${best.name} with ${formatNumber(best.value ?? 0)}` : ''}`}
      className="relative min-w-0"
      style={{ height: HEIGHT, cursor: hovered && isPointing ? 'pointer' : undefined }}
      onPointerMove={event => {
        setPointing(true);
        const id = nearest(event)?.id ?? null;
        if (id !== hoveredId) onHover(id);
      }}
      onPointerLeave={() => {
        setPointing(false);
        onHover(null);
      }}
      onClick={open}
      onAuxClick={open}
    >
      {width > 0 && (
        <svg
          aria-hidden
          className="tabular absolute inset-0 size-full"
          fontSize={11}
          fill="var(--text-3)"
        >
          {yTicks.map((tick, index) => (
            <g key={tick}>
              <line
                x1={LEFT}
                x2={width - RIGHT}
                y1={yOf(tick)}
                y2={yOf(tick)}
                stroke="var(--line)"
              />
              <text x={LEFT - 6} y={yOf(tick)} dy="0.32em" textAnchor="end">
                {yLabels[index]}
              </text>
            </g>
          ))}
          {xTicks.map(({ value, label }) => (
            <text key={value} x={xOf(value)} y={HEIGHT - 8} textAnchor="middle">
              {label}
            </text>
          ))}
          {drawn.map(point => (
            <circle
              key={point.id}
              cx={xOf(point.x)}
              cy={yOf(point.value)}
              r={3}
              fill={point.isLive ? 'var(--bg)' : 'var(--text-3)'}
              fillOpacity={point.isLive ? 1 : 0.55}
              stroke={point.isLive ? 'var(--text-3)' : 'none'}
              strokeDasharray={point.isLive ? '2 1.5' : undefined}
            />
          ))}
          <path
            d={stepPath(
              steps.filter(({ value }) => !y.log || value > 0),
              xOf,
              yOf,
              width - RIGHT,
            )}
            fill="none"
            stroke="var(--accent)"
            strokeWidth={2}
            strokeLinejoin="round"
          />
          {best && best.value !== null && (!y.log || best.value > 0) && (
            <circle
              cx={xOf(best.x)}
              cy={yOf(best.value)}
              r={4.5}
              fill="var(--accent)"
              stroke="var(--bg)"
              strokeWidth={1.5}
            />
          )}
          {hovered && (
            <circle
              cx={xOf(hovered.x)}
              cy={yOf(hovered.value)}
              r={6}
              fill="none"
              stroke="var(--text)"
              strokeWidth={2}
            />
          )}
        </svg>
      )}
      {hovered && isPointing && (
        <div
          aria-hidden
          className="pointer-events-none absolute z-30 rounded-md border border-line bg-raised px-2 py-1 text-12 leading-[18px] shadow-float"
          style={{
            width: CARD,
            top: Math.max(0, Math.min(yOf(hovered.value) - 12, HEIGHT - 64)),
            left:
              xOf(hovered.x) + 12 + CARD < width
                ? xOf(hovered.x) + 12
                : Math.max(0, xOf(hovered.x) - CARD - 12),
          }}
        >
          <div className="truncate font-medium">{hovered.name}</div>
          <div className="flex gap-3">
            <span className="min-w-0 flex-1 truncate text-ink-3">{metric}</span>
            <span className="tabular">{formatNumber(hovered.value)}</span>
          </div>
          <div className="tabular truncate text-ink-3">
            {xKind === 'time' ? formatX('time', hovered.x) : `number ${hovered.x}`}
            {hovered.isLive && ', still running'}
          </div>
        </div>
      )}
    </div>
  );
}

function spread(values: number[]): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0) return { low: 0, high: 1, log: false };
  const room = low === high ? 1 : (high - low) * 0.02;
  return { low: low - room, high: high + room, log: false };
}

function valueScale(values: number[], log: boolean | undefined): Scale {
  const above = values.filter(value => value > 0);
  if ((log ?? wantsLog(values)) && above.length > 0) {
    const [low, high] = [Math.min(...above), Math.max(...above)];
    const room = low === high ? 2 : (high / low) ** ROOM;
    return { low: low / room, high: high * room, log: true };
  }
  if (values.length === 0) return { low: 0, high: 1, log: false };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = low === high ? Math.abs(low) / 10 || 1 : (high - low) * ROOM;
  return { low: low - room, high: high + room, log: false };
}

/** Level from each step to the next, the last one to the end. */
function stepPath(
  steps: { x: number; value: number }[],
  xOf: (x: number) => number,
  yOf: (value: number) => number,
  end: number,
): string {
  if (steps.length === 0) return '';
  const [first, ...others] = steps;
  const parts = others.map(({ x, value }) => `H${xOf(x)}V${yOf(value)}`);
  return `M${xOf(first.x)} ${yOf(first.value)}${parts.join('')}H${end}`;
}

const TIME_STEPS = [
  60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  1_209_600, 2_592_000,
];

function niceXTicks(
  { low, high }: Scale,
  kind: 'time' | 'number',
  width: number,
): { value: number; label: string | null }[] {
  const count = Math.max(2, Math.floor(width / 110));
  if (kind === 'number') {
    const { values, increment } = niceTicks([low, high], count);
    const whole = values.filter(Number.isInteger);
    const labels = formatTicks('number', whole, increment);
    return whole.map((value, index) => ({ value, label: labels[index] }));
  }
  const step = TIME_STEPS.find(seconds => (high - low) / seconds <= count) ?? 2_592_000;
  // Whole hours and days of the reader, not of Greenwich.
  const offset = new Date(low * 1000).getTimezoneOffset() * 60;
  const first = Math.ceil((low - offset) / step) * step + offset;
  const values: number[] = [];
  for (let value = first; value <= high; value += step) values.push(value);
  const labels = formatTicks('time', values, step);
  return values.map((value, index) => ({ value, label: labels[index] }));
}
