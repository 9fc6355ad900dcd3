import { useCallback, useEffect, useMemo, useRef, useState, type PointerEvent } from 'react';
import type { FileOwner } from '~/api/client';
import { useChartTheme, type ChartTheme } from '~/charts/theme';
import { useSize } from '~/hooks/use-size';
import { ErrorState, Skeleton } from '~/ui/States';
import { plural } from '~/util/format';
import {
  boundsOf,
  projector,
  readPointCloud,
  type PointCloud,
  type SpaceView,
} from './point-cloud';
import { useJsonFile } from './use-json-file';

const FIRST: SpaceView = { turn: 0.6, lift: 0.45, zoom: 1 };
const POINT = 2;

export interface PointCloudViewProps {
  owner: FileOwner;
  path: string;
  label: string;
}

/** A cloud of points: dragging turns it, and once it has the focus the wheel and +/- zoom. */
export function PointCloudView({ owner, path, label }: PointCloudViewProps) {
  const { data, error } = useJsonFile(owner, path);
  const cloud = useMemo(() => (data === undefined ? null : readPointCloud(data)), [data]);
  if (error) return <ErrorState error={error} className="p-2" />;
  if (data === undefined) return <Skeleton className="min-h-32 flex-1" />;
  if (!cloud)
    return <p className="p-2 text-12 text-ink-3">{label} holds no points that can be drawn</p>;
  return <CloudCanvas cloud={cloud} label={label} />;
}

function CloudCanvas({ cloud, label }: { cloud: PointCloud; label: string }) {
  const [hostRef, size] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const grabbed = useRef<{ x: number; y: number } | null>(null);
  const [view, setView] = useState(FIRST);
  const theme = useChartTheme();
  const bounds = useMemo(() => boundsOf(cloud), [cloud]);
  useEffect(() => {
    if (!canvas.current || size.width < 8 || size.height < 8) return undefined;
    const target = canvas.current;
    const frame = requestAnimationFrame(() => draw(target, size, cloud, bounds, view, theme));
    return () => cancelAnimationFrame(frame);
  }, [cloud, bounds, view, size, theme]);
  const zoom = useCallback(
    (factor: number) =>
      setView(old => ({ ...old, zoom: Math.min(50, Math.max(0.1, old.zoom * factor)) })),
    [],
  );
  const turn = (turned: number, lifted: number) =>
    setView(old => ({
      ...old,
      turn: old.turn + turned,
      lift: Math.min(Math.PI / 2, Math.max(-Math.PI / 2, old.lift + lifted)),
    }));
  useEffect(() => {
    const target = canvas.current;
    // React listens to the wheel passively, so that the page would scroll along.
    const onWheel = (event: WheelEvent) => {
      if (document.activeElement !== target) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.12 : 1 / 1.12);
    };
    target?.addEventListener('wheel', onWheel, { passive: false });
    return () => target?.removeEventListener('wheel', onWheel);
  }, [zoom]);
  const onPointerMove = (event: PointerEvent) => {
    if (!grabbed.current) return;
    const { x, y } = grabbed.current;
    grabbed.current = { x: event.clientX, y: event.clientY };
    turn((event.clientX - x) * 0.01, (event.clientY - y) * 0.01);
  };
  return (
    <div ref={hostRef} className="relative min-h-32 min-w-0 flex-1 overflow-hidden rounded-sm">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${label}: ${plural(cloud.count, 'point')}`}
        title="Drag turns it; click, then the wheel zooms; double click goes back"
        // The keyboard turns it too.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="absolute inset-0 size-full cursor-grab touch-none active:cursor-grabbing"
        onPointerDown={event => {
          grabbed.current = { x: event.clientX, y: event.clientY };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={() => (grabbed.current = null)}
        onDoubleClick={() => setView(FIRST)}
        onKeyDown={event => {
          const step = TURNS[event.key];
          if (event.ctrlKey || event.metaKey) return;
          if (step) turn(...step);
          else if (event.key === '+' || event.key === '=') zoom(1.2);
          else if (event.key === '-') zoom(1 / 1.2);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="tabular pointer-events-none absolute right-1 bottom-0.5 text-11 text-ink-3">
        {plural(cloud.count, 'point')}
      </span>
    </div>
  );
}

const TURNS: Record<string, [number, number] | undefined> = {
  ArrowLeft: [-0.1, 0],
  ArrowRight: [0.1, 0],
  ArrowUp: [0, -0.1],
  ArrowDown: [0, 0.1],
};

/** Writes pixels, nearest on top: fast enough to turn a million points by hand. */
function draw(
  canvas: HTMLCanvasElement,
  size: { width: number; height: number },
  cloud: PointCloud,
  bounds: ReturnType<typeof boundsOf>,
  view: SpaceView,
  theme: ChartTheme,
): void {
  const ratio = window.devicePixelRatio;
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  Object.assign(canvas, { width, height });
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  const image = ctx.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const depths = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  const plain = Number.parseInt(theme.resolve('var(--accent)').slice(1), 16);
  const project = projector(bounds, view, width, height);
  const out = new Float64Array(3);
  const dot = Math.round(POINT * ratio);
  for (let index = 0; index < cloud.count; index += 1) {
    project(cloud.positions, index * 3, out);
    const left = Math.round(out[0]);
    const top = Math.round(out[1]);
    if (!(left >= 0 && top >= 0 && left < width - dot && top < height - dot)) continue;
    const color = cloud.colors[index] < 0 ? plain : cloud.colors[index];
    // Pixels are stored red first, in the lowest byte.
    const pixel =
      (0xff000000 | ((color & 255) << 16) | (color & 0xff00) | ((color >> 16) & 255)) >>> 0;
    for (let y = top; y < top + dot; y += 1) {
      for (let at = y * width + left; at < y * width + left + dot; at += 1) {
        if (depths[at] <= out[2]) continue;
        depths[at] = out[2];
        pixels[at] = pixel;
      }
    }
  }
  ctx.putImageData(image, 0, 0);
  ctx.lineWidth = 1.5 * ratio;
  for (const { ends, color } of cloud.segments) {
    ctx.strokeStyle = `#${(color < 0 ? plain : color).toString(16).padStart(6, '0')}`;
    ctx.beginPath();
    project(ends, 0, out);
    ctx.moveTo(out[0], out[1]);
    project(ends, 3, out);
    ctx.lineTo(out[0], out[1]);
    ctx.stroke();
  }
}
