import { useRef, useState, type PointerEvent, type RefObject } from 'react';
import type { ChartView } from './chart-view';
import { invert, type PlotScales, type Range } from './scales';

export interface PointerPlace {
  /** Pixels within the plot. */
  left: number;
  top: number;
  x: number;
}

export interface Zoom {
  x: Range;
  y: Range | null;
}

export interface Selection {
  left: number;
  top: number;
  width: number;
  height: number;
}

const LEAST_DRAG = 6;

/** Pointer handling of a plot: where it points, and the box it drags out (x only; both with Shift). */
export function usePlotPointer(
  view: RefObject<ChartView | null>,
  scales: PlotScales,
  onMove: (place: PointerPlace | null) => void,
  onZoom: (zoom: Zoom | null) => void,
) {
  const start = useRef<{ left: number; top: number } | null>(null);
  const [selection, setSelection] = useState<Selection | null>(null);

  const placeOf = (event: PointerEvent<HTMLElement>) => {
    const box = view.current?.plotBox();
    if (!box || box.width === 0) return null;
    const host = event.currentTarget.getBoundingClientRect();
    const left = event.clientX - host.left - box.left;
    const top = event.clientY - host.top - box.top;
    return {
      left,
      top,
      box,
      inside: left >= 0 && top >= 0 && left <= box.width && top <= box.height,
    };
  };
  /** The box from where the drag began to where the pointer is now: taken from the event, not from what is drawn. */
  const boxTo = (event: PointerEvent<HTMLElement>): Selection | null => {
    const place = placeOf(event);
    if (!place || !start.current) return null;
    const { box } = place;
    const from = start.current;
    const right = Math.max(0, Math.min(box.width, place.left));
    const bottom = Math.max(0, Math.min(box.height, place.top));
    return {
      left: Math.min(from.left, right),
      width: Math.abs(right - from.left),
      top: event.shiftKey ? Math.min(from.top, bottom) : 0,
      height: event.shiftKey ? Math.abs(bottom - from.top) : box.height,
    };
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const place = placeOf(event);
    if (!place) return;
    if (start.current) setSelection(boxTo(event));
    if (!place.inside) onMove(null);
    else
      onMove({
        left: place.left,
        top: place.top,
        x: invert(scales.x, scales.logX, place.left / place.box.width),
      });
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const place = placeOf(event);
    if (event.button !== 0 || event.pointerType === 'touch' || !place?.inside) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { left: place.left, top: place.top };
  };
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const drawn = boxTo(event);
    const box = view.current?.plotBox();
    start.current = null;
    setSelection(null);
    if (!drawn || !box || drawn.width < LEAST_DRAG) return;
    const x = (left: number) => invert(scales.x, scales.logX, left / box.width);
    const y = (top: number) => invert(scales.y, scales.logY, 1 - top / box.height);
    const both = drawn.height < box.height && drawn.height >= LEAST_DRAG;
    onZoom({
      x: [x(drawn.left), x(drawn.left + drawn.width)],
      y: both ? [y(drawn.top + drawn.height), y(drawn.top)] : null,
    });
  };
  const handlers = {
    onPointerMove,
    onPointerDown,
    onPointerUp,
    onPointerCancel: () => {
      start.current = null;
      setSelection(null);
    },
    onPointerLeave: () => onMove(null),
    onDoubleClick: () => onZoom(null),
  };
  return { handlers, selection };
}
