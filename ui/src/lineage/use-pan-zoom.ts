import { useCallback, useEffect, useMemo, useRef, type RefObject } from 'react';
import type { Size } from '~/hooks/use-size';
import type { Point } from './layout';

/** How much of the window is covered at its right and at its foot. */
export interface Covered {
  right: number;
  bottom: number;
}

export interface PanZoom {
  /** The window, and what moves in it. */
  frame: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** Shows all of the content. */
  fit: () => void;
  zoomBy: (factor: number) => void;
  /** Brings a point of the content into sight, clear of what covers the window's edges; in the middle, if asked. */
  reveal: (point: Point, centred?: boolean, covered?: Covered) => void;
  /** Where a point of the content is in the window. */
  toFrame: (point: Point) => Point;
  /** Moves the content so that a point of it is there in the window. */
  pin: (point: Point, at: Point) => void;
}

const LEAST = 0.08;
const MOST = 2.5;
const MARGIN = 24;
/** Below, small text cannot be read: only names are shown, larger. And below, not even these. */
const FAR = 0.55;
const DISTANT = 0.28;
/** A pointer that moves less has clicked. */
const SLACK = 4;
/** What is brought into sight stands so far from the edge. */
const ROOM = 100;
const NOTHING: Covered = { right: 0, bottom: 0 };
const KEY_STEP = 60;

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));

/** Pans and zooms by changing a style alone: the content is not drawn anew. */
export function usePanZoom(size: Size): PanZoom {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const view = useRef({ x: 0, y: 0, scale: 1 });
  const { width, height } = size;

  const apply = useCallback(() => {
    const { x, y, scale } = view.current;
    if (content.current)
      content.current.style.transform = `translate(${x}px,${y}px) scale(${scale})`;
    frame.current?.toggleAttribute('data-far', scale < FAR);
    frame.current?.toggleAttribute('data-distant', scale < DISTANT);
    // A property that is inherited styles everything anew: it follows in steps, and only where it is looked at.
    const unscale = String(2 ** (Math.round(-Math.log2(Math.min(scale, FAR)) * 3) / 3));
    if (frame.current?.style.getPropertyValue('--unscale') !== unscale)
      frame.current?.style.setProperty('--unscale', unscale);
  }, []);
  const zoomAt = useCallback(
    (factor: number, at: Point) => {
      const { x, y, scale } = view.current;
      const next = clamp(scale * factor, LEAST, MOST);
      view.current = {
        x: at.x - ((at.x - x) * next) / scale,
        y: at.y - ((at.y - y) * next) / scale,
        scale: next,
      };
      apply();
    },
    [apply],
  );
  const fit = useCallback(() => {
    const box = frame.current;
    if (!box || width === 0 || box.clientWidth === 0) return;
    const scale = clamp(
      Math.min(
        (box.clientWidth - 2 * MARGIN) / width,
        (box.clientHeight - 2 * MARGIN) / Math.max(1, height),
      ),
      LEAST,
      1,
    );
    view.current = {
      x: (box.clientWidth - width * scale) / 2,
      y: (box.clientHeight - height * scale) / 2,
      scale,
    };
    apply();
  }, [apply, width, height]);

  useEffect(() => {
    const box = frame.current;
    if (!box) return undefined;
    const pointers = new Map<number, Point>();
    let moved = 0;
    const placeOf = (event: MouseEvent): Point => {
      const { left, top } = box.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    };
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.shiftKey) {
        view.current.x -= event.deltaY || event.deltaX;
        apply();
      } else {
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
        zoomAt(Math.exp((-event.deltaY * lines) / 400), placeOf(event));
      }
    };
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, placeOf(event));
      moved = 0;
    };
    const onMove = (event: PointerEvent) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const now = placeOf(event);
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      pointers.set(event.pointerId, now);
      moved += Math.hypot(now.x - before.x, now.y - before.y);
      if (moved < SLACK) return;
      if (!box.hasPointerCapture(event.pointerId)) box.setPointerCapture(event.pointerId);
      view.current.x += now.x - before.x;
      view.current.y += now.y - before.y;
      if (other) {
        const distance = (point: Point) => Math.hypot(point.x - other.x, point.y - other.y);
        zoomAt(distance(now) / Math.max(1, distance(before)), other);
      } else apply();
    };
    const onUp = (event: PointerEvent) => void pointers.delete(event.pointerId);
    // What was dragged is not clicked.
    const onClick = (event: MouseEvent) => {
      if (moved >= SLACK) event.stopPropagation();
      moved = 0;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const middle = { x: box.clientWidth / 2, y: box.clientHeight / 2 };
      if (event.key === '+' || event.key === '=') zoomAt(1.25, middle);
      else if (event.key === '-') zoomAt(0.8, middle);
      else if (event.key === '0') fit();
      else if (event.target === box && event.key.startsWith('Arrow')) {
        const step: Record<string, [number, number]> = {
          ArrowLeft: [KEY_STEP, 0],
          ArrowRight: [-KEY_STEP, 0],
          ArrowUp: [0, KEY_STEP],
          ArrowDown: [0, -KEY_STEP],
        };
        view.current.x += step[event.key][0];
        view.current.y += step[event.key][1];
        apply();
      } else return;
      event.preventDefault();
    };
    box.addEventListener('wheel', onWheel, { passive: false });
    box.addEventListener('pointerdown', onDown);
    box.addEventListener('pointermove', onMove);
    box.addEventListener('pointerup', onUp);
    box.addEventListener('pointercancel', onUp);
    box.addEventListener('click', onClick, true);
    box.addEventListener('keydown', onKey);
    return () => {
      box.removeEventListener('wheel', onWheel);
      box.removeEventListener('pointerdown', onDown);
      box.removeEventListener('pointermove', onMove);
      box.removeEventListener('pointerup', onUp);
      box.removeEventListener('pointercancel', onUp);
      box.removeEventListener('click', onClick, true);
      box.removeEventListener('keydown', onKey);
    };
  }, [apply, fit, zoomAt]);

  return useMemo(() => {
    const toFrame = (point: Point): Point => ({
      x: view.current.x + point.x * view.current.scale,
      y: view.current.y + point.y * view.current.scale,
    });
    const pin = (point: Point, at: Point): void => {
      view.current.x = at.x - point.x * view.current.scale;
      view.current.y = at.y - point.y * view.current.scale;
      apply();
    };
    return {
      frame,
      content,
      fit,
      toFrame,
      pin,
      zoomBy: factor => {
        const box = frame.current;
        if (box) zoomAt(factor, { x: box.clientWidth / 2, y: box.clientHeight / 2 });
      },
      reveal: (point, centred = false, covered = NOTHING) => {
        const box = frame.current;
        if (!box) return;
        const free = {
          x: box.clientWidth - covered.right,
          y: box.clientHeight - covered.bottom,
        };
        const middle = { x: free.x / 2, y: free.y / 2 };
        const at = toFrame(point);
        const within = (axis: 'x' | 'y'): number =>
          clamp(at[axis], Math.min(ROOM, middle[axis]), Math.max(free[axis] - ROOM, middle[axis]));
        pin(point, centred ? middle : { x: within('x'), y: within('y') });
      },
    };
  }, [apply, fit, zoomAt]);
}
