import { useMemo, useRef, useState, type PointerEvent } from 'react';
import {
  brushBetween,
  brushStretches,
  type AxisBrush,
  type AxisChoice,
  type ParallelAxis,
} from './axes';
import { placeAt, yOf, type Frame } from './draw';

/** Pixels around an axis in which dragging brushes it. */
const GRIP = 12;
/** Pixels around an end of a brush that is dragged alone. */
const END = 6;
/** A pointer that moved less has clicked. */
const STILL = 3;

interface Point {
  x: number;
  y: number;
}

interface Drag {
  axis: number;
  /** The end that stays; with `width`, the whole brush moves instead. */
  anchor: number;
  width: number | null;
  start: Point;
  hasMoved: boolean;
}

interface Draft {
  axis: number;
  brush: AxisBrush | undefined;
}

/** Brushes of axes: made, moved and resized by dragging along an axis, taken away by a click on it. */
export function useBrushing(
  axes: ParallelAxis[],
  choices: Record<string, AxisChoice>,
  frame: Frame,
  onChoose: (key: string, change: Partial<AxisChoice>) => void,
) {
  const drag = useRef<Drag | null>(null);
  const clicked = useRef(false);
  const [draft, setDraft] = useState<Draft | null>(null);
  // The pointer may be lifted before what it did last is drawn.
  const latest = useRef<Draft | null>(null);
  const brushes = useMemo(
    () => axes.map(({ key }, index) => (draft?.axis === index ? draft.brush : choices[key]?.brush)),
    [axes, choices, draft],
  );
  const axisNear = (x: number): number => frame.xs.findIndex(at => Math.abs(at - x) <= GRIP);
  const stretchOf = (index: number): [number, number] | null => {
    const [axis, brush] = [axes[index], brushes[index]];
    return axis?.kind === 'number' && brush ? (brushStretches(axis, brush)[0] ?? null) : null;
  };

  const start = (point: Point, event: PointerEvent<HTMLElement>): void => {
    clicked.current = false;
    const axis = axisNear(point.x);
    if (axis < 0 || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const place = placeAt(frame, point.y);
    const stretch = stretchOf(axis);
    const drags = { axis, start: point, hasMoved: false, width: null };
    if (stretch) {
      const [high, low] = stretch.map(end => yOf(frame, end)).toReversed();
      if (Math.abs(point.y - high) <= END) drag.current = { ...drags, anchor: stretch[0] };
      else if (Math.abs(point.y - low) <= END) drag.current = { ...drags, anchor: stretch[1] };
      else if (point.y > high && point.y < low)
        drag.current = { ...drags, anchor: place - stretch[0], width: stretch[1] - stretch[0] };
    }
    drag.current ??= { ...drags, anchor: place };
  };

  /** Whether the pointer brushes and so shows no line. */
  const move = (x: number, y: number): boolean => {
    const { current } = drag;
    if (!current) return false;
    const axis = axes[current.axis];
    if (Math.hypot(x - current.start.x, y - current.start.y) > STILL) current.hasMoved = true;
    if (!axis || !current.hasMoved) return true;
    const place = placeAt(frame, y);
    const { width } = current;
    const low =
      width === null ? current.anchor : Math.min(1 - width, Math.max(0, place - current.anchor));
    const brush = brushBetween(axis, low, width === null ? place : low + width);
    latest.current = { axis: current.axis, brush: brush ?? undefined };
    setDraft(latest.current);
    return true;
  };

  const finish = (): void => {
    const { current } = drag;
    drag.current = null;
    if (!current) return;
    const { key } = axes[current.axis] ?? {};
    clicked.current = current.hasMoved || brushes[current.axis] !== undefined;
    if (key !== undefined && clicked.current)
      onChoose(key, { brush: current.hasMoved ? latest.current?.brush : undefined });
    setDraft(null);
  };

  return {
    /** By axis; while one is dragged, as it is just now. */
    brushes,
    start,
    move,
    finish,
    /** Whether the click that comes was the end of brushing. */
    tookClick: (): boolean => {
      const took = clicked.current;
      clicked.current = false;
      return took;
    },
    cursorAt: (point: Point | null): string | undefined =>
      point && axisNear(point.x) >= 0 ? 'ns-resize' : undefined,
  };
}
