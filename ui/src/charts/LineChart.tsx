import 'uplot/dist/uPlot.min.css';
import {
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type Ref,
} from 'react';
import { useSize } from '~/hooks/use-size';
import { useHoveredRun } from '~/stores/hovered-run';
import { ChartTooltip } from './ChartTooltip';
import { ChartView } from './chart-view';
import { crosshair } from './crosshair';
import type { ChartLine } from './draw-lines';
import { chartPng } from './export';
import { readAt, type Reading } from './nearest';
import {
  projection,
  steadyRange,
  xExtent,
  yExtent,
  type PlotScales,
  type Range,
  type XKind,
} from './scales';
import { useChartTheme } from './theme';
import { usePlotPointer, type PointerPlace, type Zoom } from './use-plot-pointer';

export interface LineChartHandle {
  png: (title: string) => Promise<Blob | null>;
}

export interface LineChartProps {
  label: string;
  /** Colours may be CSS variables; they are resolved here. */
  lines: ChartLine[];
  /** Curves that decide the x range when nothing is zoomed; they may be coarser than `lines`. */
  xKind: XKind;
  xLabel: string;
  /** Panels with the same text share their crosshair. */
  axisId: string;
  zoom: Zoom | null;
  onZoom: (zoom: Zoom | null) => void;
  logX: boolean;
  logY: boolean;
  /** In sight: what is not follows no pointer. */
  active: boolean;
  /** Whether points may still come. */
  live: boolean;
  ref?: Ref<LineChartHandle>;
}

interface Hover extends PointerPlace {
  readings: Reading[];
  nearest: Reading | null;
}

const NEAR = 40;

export function LineChart({
  label,
  lines,
  xKind,
  xLabel,
  axisId,
  zoom,
  onZoom,
  logX,
  logY,
  active,
  live,
  ref,
}: LineChartProps) {
  const id = useId();
  const theme = useChartTheme();
  const [hostRef, size] = useSize<HTMLDivElement>();
  const mountRef = useRef<HTMLDivElement>(null);
  const crosshairRef = useRef<HTMLDivElement>(null);
  const view = useRef<ChartView | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const resolved = useMemo(
    () => lines.map(line => ({ ...line, color: theme.resolve(line.color) })),
    [lines, theme],
  );
  const axisName = logX ? `${xLabel}, log` : xLabel;
  const scales = useScales(resolved, zoom, logX, logY, live);

  useLayoutEffect(() => {
    if (!mountRef.current) return undefined;
    const created = new ChartView(mountRef.current);
    view.current = created;
    return () => created.destroy();
  }, []);
  useLayoutEffect(() => {
    if (size.width < 40 || size.height < 40) return;
    view.current?.update({ ...scales, lines: resolved, xKind, theme, ...size });
  }, [resolved, scales, xKind, theme, size]);
  useImperativeHandle(ref, () => ({
    png: title =>
      view.current
        ? chartPng(view.current, { title, xName: axisName }, size, theme, resolved)
        : Promise.resolve(null),
  }));

  useEffect(() => {
    if (!active) return undefined;
    return useHoveredRun.subscribe(state => view.current?.highlight(state.runId));
  }, [active]);
  useEffect(() => {
    if (!active) return undefined;
    return crosshair.subscribe(state => {
      const line = crosshairRef.current;
      const box = view.current?.plotBox();
      if (!line || !box) return;
      const isHere = state.x !== null && state.axis === axisId;
      const x = isHere ? projection(scales, box.width, box.height).x(state.x ?? 0) : -1;
      line.style.display = x >= 0 && x <= box.width ? 'block' : 'none';
      line.style.transform = `translateX(${box.left + x}px)`;
      line.style.top = `${box.top}px`;
      line.style.height = `${box.height}px`;
    });
  }, [active, scales, axisId]);

  const onMove = useCallback(
    (place: PointerPlace | null) => {
      crosshair.point({ x: place ? place.x : null, axis: axisId, source: id });
      const plot = view.current?.projection();
      if (!place || !plot) {
        setHover(null);
        useHoveredRun.setState({ runId: null });
        return;
      }
      const tolerance = Math.abs((scales.x[1] - scales.x[0]) / plot.width) * 12;
      const readings = readAt(resolved, place.x, tolerance);
      const nearest = nearestReading(readings, place.top, plot.y);
      useHoveredRun.setState({ runId: nearest?.line.id ?? null });
      setHover({ ...place, readings, nearest });
    },
    [axisId, id, resolved, scales],
  );
  const { handlers, selection } = usePlotPointer(view, scales, onMove, onZoom);
  const box = hover || selection ? view.current?.plotBox() : undefined;

  return (
    <div
      ref={hostRef}
      role="img"
      aria-label={label}
      className="relative size-full min-h-0 touch-pan-y select-none"
      {...handlers}
    >
      <div ref={mountRef} className="absolute inset-0 overflow-hidden" />
      <span
        aria-hidden
        className="pointer-events-none absolute right-3 bottom-0.5 max-w-[80%] truncate text-11 leading-3 text-ink-3"
      >
        {axisName}
      </span>
      <div
        ref={crosshairRef}
        className="pointer-events-none absolute left-0 hidden w-px bg-ink-3"
      />
      {selection && box && (
        <div
          className="pointer-events-none absolute border border-accent bg-accent/15"
          style={{ ...selection, left: selection.left + box.left, top: selection.top + box.top }}
        />
      )}
      {hover && box && !selection && hover.readings.length > 0 && (
        <ChartTooltip
          readings={hover.readings}
          nearest={hover.nearest}
          x={hover.nearest?.x ?? hover.x}
          xKind={xKind}
          xLabel={xLabel}
          left={hover.left + box.left}
          top={hover.top + box.top}
          hostWidth={size.width}
          colors={line => line.color}
        />
      )}
    </div>
  );
}

function nearestReading(
  readings: Reading[],
  top: number,
  y: (value: number) => number,
): Reading | null {
  let best: Reading | null = null;
  let bestDistance = NEAR;
  for (const reading of readings) {
    const distance = Math.abs(y(reading.value) - top);
    if (distance < bestDistance) [best, bestDistance] = [reading, distance];
  }
  return best;
}

/** The ranges shown: what is zoomed, else what the curves span, held still while they grow. */
function useScales(
  lines: ChartLine[],
  zoom: Zoom | null,
  logX: boolean,
  logY: boolean,
  live: boolean,
): PlotScales {
  const shown = useRef<{ x: Range; y: Range; key: string } | null>(null);
  return useMemo(() => {
    const curves = lines.map(line =>
      // What is drawn of a group is the band of its curve in front.
      line.smoothed?.group ? line.smoothed : line.columns,
    );
    const key = `${logX}|${logY}`;
    const previous = !zoom && shown.current?.key === key ? shown.current : null;
    const wantedX = zoom?.x ?? xExtent(curves, logX) ?? [logX ? 1 : 0, 10];
    const x = zoom ? wantedX : steadyRange(previous?.x ?? null, wantedX, live, logX);
    const wantedY = zoom?.y ?? yExtent(curves, x, logY) ?? [logY ? 0.1 : 0, 1];
    const y = zoom?.y ?? steadyY(previous?.y ?? null, wantedY, live);
    if (!zoom) shown.current = { x, y, key };
    return { x, y, logX, logY };
  }, [lines, zoom, logX, logY, live]);
}

function steadyY(shown: Range | null, wanted: Range, live: boolean): Range {
  if (!live || !shown) return wanted;
  const inside = wanted[0] >= shown[0] && wanted[1] <= shown[1];
  return inside && wanted[1] - wanted[0] > (shown[1] - shown[0]) * 0.7 ? shown : wanted;
}
