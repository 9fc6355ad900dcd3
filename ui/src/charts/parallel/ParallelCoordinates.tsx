import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useSize } from '~/hooks/use-size';
import type { MenuEntry } from '~/ui/Menu';
import { useChartTheme } from '../theme';
import { AxisHead } from './AxisHead';
import { AxisScale } from './AxisScale';
import { LineCard } from './LineCard';
import { makeAxis, type AxisChoice, type ParallelAxis } from './axes';
import { drawBold, drawLines, placeAt, yOf, type Frame } from './draw';
import { nearestLine, placeLines, type ParallelLine, type PlacedLine } from './lines';
import { useBrushing } from './use-brushing';

const HEAD = 30;
const PLOT = 232;
/** For the lines without a value, below the axes. */
const FOOT = 40;
const BARE_FOOT = 14;
const LEFT = 16;
const RIGHT = 92;
const MIN_GAP = 104;
/** Pixels within which a line is under the pointer. */
const REACH = 8;

export interface ParallelColumn {
  key: string;
  label: string;
  /** The values were drawn on a log scale. */
  log?: boolean;
}

export interface ParallelCoordinatesProps {
  label: string;
  columns: ParallelColumn[];
  /** Each with a value for every column. */
  lines: ParallelLine[];
  choices: Record<string, AxisChoice>;
  onChoose: (key: string, change: Partial<AxisChoice>) => void;
  /** The key of the column that colours. */
  colorBy: string;
  isLowBest: boolean;
  hoveredId: string | null;
  onHover: (id: string | null) => void;
  onOpen: (line: ParallelLine, inNewTab: boolean) => void;
  /** What else the menu of an axis offers. */
  axisEntries?: (column: ParallelColumn) => MenuEntry[];
}

/** Every run a line across axes of its inputs and results. Axes are brushed by dragging along them. */
export function ParallelCoordinates(props: ParallelCoordinatesProps) {
  const { columns, lines, choices, onChoose, colorBy, isLowBest, hoveredId, onHover, onOpen } =
    props;
  const [hostRef, size] = useSize<HTMLDivElement>();
  const theme = useChartTheme();
  const axes = useMemo(() => makeAxes(columns, lines, choices), [columns, lines, choices]);
  const frame = useMemo(() => layOut(size.width, axes), [size.width, axes]);
  const colored = columns.findIndex(({ key }) => key === colorBy);
  const brushing = useBrushing(axes, choices, frame, onChoose);
  const { brushes } = brushing;
  const placed = useMemo(
    () => placeLines(lines, { axes, brushes, colorBy: colored, isLowBest }),
    [lines, axes, brushes, colored, isLowBest],
  );
  const hovered = placed.find(({ line }) => line.id === hoveredId) ?? null;
  const [at, setAt] = useState<{ x: number; y: number } | null>(null);

  const base = useRef<HTMLCanvasElement>(null);
  const bold = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (base.current && frame.width > 0) drawLines(base.current, placed, frame, theme);
  }, [placed, frame, theme]);
  useEffect(() => {
    if (bold.current && frame.width > 0) drawBold(bold.current, hovered, frame, theme);
  }, [hovered, frame, theme]);

  const lineAt = (x: number, y: number): PlacedLine | null =>
    nearestLine(placed, axisCoordinate(frame, x), placeAt(frame, y), REACH / PLOT);
  const onPointerMove = (event: React.PointerEvent<HTMLDivElement>) => {
    const { x, y } = pointIn(event);
    if (brushing.move(x, y)) return;
    setAt({ x, y });
    const found = lineAt(x, y);
    if ((found?.line.id ?? null) !== hoveredId) onHover(found?.line.id ?? null);
  };
  const onClick = (event: React.MouseEvent<HTMLDivElement>) => {
    if (brushing.tookClick()) return;
    const { x, y } = pointIn(event);
    const found = lineAt(x, y);
    if (found) onOpen(found.line, event.metaKey || event.ctrlKey || event.button === 1);
  };
  return (
    <div
      ref={hostRef}
      className="min-w-0 overflow-x-auto"
      style={{ minHeight: HEAD + PLOT + BARE_FOOT }}
    >
      {frame.width > 0 && (
        <div className="relative" style={{ width: frame.width, height: frame.height }}>
          <canvas
            ref={base}
            role="img"
            aria-label={`${props.label}: ${lines.length} lines over ${columns.length} axes`}
            className="absolute inset-0 size-full"
            style={{ opacity: hovered ? 0.3 : 1 }}
          />
          <canvas ref={bold} aria-hidden className="absolute inset-0 size-full" />
          <svg aria-hidden className="absolute inset-0 size-full">
            {axes.map((axis, index) => (
              <AxisScale
                key={axis.key}
                axis={axis}
                x={frame.xs[index]}
                frame={frame}
                brush={brushes[index]}
              />
            ))}
          </svg>
          <div
            className="absolute inset-x-0 bottom-0 touch-pan-x"
            style={{
              top: HEAD,
              cursor: brushing.cursorAt(at) ?? (hovered ? 'pointer' : undefined),
            }}
            onPointerDown={event => brushing.start(pointIn(event), event)}
            onPointerMove={onPointerMove}
            onPointerUp={brushing.finish}
            onPointerCancel={brushing.finish}
            onPointerLeave={() => {
              setAt(null);
              onHover(null);
            }}
            onClick={onClick}
            onAuxClick={onClick}
          />
          {columns.map((column, index) => (
            <AxisHead
              key={column.key}
              column={column}
              axis={axes[index]}
              choice={choices[column.key] ?? {}}
              onChoose={change => onChoose(column.key, change)}
              entries={props.axisEntries?.(column) ?? []}
              left={frame.xs[index]}
              width={
                index + 1 < columns.length ? frame.xs[index + 1] - frame.xs[index] - 8 : RIGHT - 4
              }
            />
          ))}
          <LineList
            label={props.label}
            placed={placed}
            columns={columns}
            current={hovered}
            onCurrent={line => {
              setAt(null);
              onHover(line?.id ?? null);
            }}
            onOpen={line => onOpen(line, false)}
          />
          {hovered && (
            <LineCard
              line={hovered.line}
              columns={columns}
              at={at ?? { x: frame.xs[0], y: yOf(frame, hovered.places[0] ?? 0) }}
              hostWidth={frame.width}
              hostHeight={frame.height}
            />
          )}
        </div>
      )}
    </div>
  );
}

/** Where in the plot with its head the pointer is. */
function pointIn(event: React.MouseEvent<HTMLDivElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top + HEAD };
}

function makeAxes(
  columns: ParallelColumn[],
  lines: ParallelLine[],
  choices: Record<string, AxisChoice>,
): ParallelAxis[] {
  return columns.map(({ key, log }, index) =>
    makeAxis(
      key,
      lines.map(({ values }) => values[index]),
      choices[key],
      log,
    ),
  );
}

function layOut(hostWidth: number, axes: ParallelAxis[]): Frame {
  const gaps = Math.max(0, axes.length - 1);
  const width = hostWidth === 0 ? 0 : Math.max(hostWidth, LEFT + RIGHT + gaps * MIN_GAP);
  const gap = gaps === 0 ? 0 : (width - LEFT - RIGHT) / gaps;
  const hasNone = axes.some(axis => axis.hasNone);
  return {
    width,
    height: HEAD + PLOT + (hasNone ? FOOT : BARE_FOOT),
    xs: axes.map((_, index) => LEFT + index * gap),
    top: HEAD + 8,
    foot: HEAD + PLOT,
  };
}

/** A pixel as a place among the axes, which are 1 apart. */
function axisCoordinate({ xs }: Frame, x: number): number {
  return xs.length < 2 ? 0 : (x - xs[0]) / (xs[1] - xs[0]);
}

interface LineListProps {
  label: string;
  placed: PlacedLine[];
  columns: ParallelColumn[];
  current: PlacedLine | null;
  onCurrent: (line: ParallelLine | null) => void;
  onOpen: (line: ParallelLine) => void;
}

/** The lines for the keyboard: arrows go through them, those that stand out first. */
function LineList({ label, placed, columns, current, onCurrent, onOpen }: LineListProps) {
  const id = useId();
  const [hasFocus, setFocus] = useState(false);
  const reached = placed.filter(({ isLit }) => isLit).toReversed();
  const place = current ? reached.indexOf(current) : -1;
  const onKeyDown = (event: React.KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: place + 1,
      ArrowRight: place + 1,
      ArrowUp: place - 1,
      ArrowLeft: place - 1,
      Home: 0,
      End: reached.length - 1,
    };
    if (event.key === 'Enter' && current) onOpen(current.line);
    else if (event.key === 'Escape') onCurrent(null);
    else if (event.key in moves && reached.length > 0)
      onCurrent(reached[(moves[event.key] + reached.length) % reached.length].line);
    else return;
    event.preventDefault();
  };
  const told = current ?? reached[0];
  if (!told) return null;
  return (
    <div
      role="listbox"
      tabIndex={0}
      aria-label={`Lines of ${label}, the strongest first`}
      aria-activedescendant={hasFocus ? id : undefined}
      onKeyDown={onKeyDown}
      onFocus={() => setFocus(true)}
      onBlur={() => {
        setFocus(false);
        onCurrent(null);
      }}
      className="pointer-events-none absolute inset-x-0 bottom-0 rounded-sm"
      style={{ top: HEAD }}
    >
      <div id={id} role="option" aria-selected={current !== null} className="sr-only">
        {told.line.name}
        {columns.map(({ label: name }, index) => `, ${name} ${told.line.values[index] ?? 'none'}`)}
      </div>
    </div>
  );
}
