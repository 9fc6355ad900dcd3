import { useEffect, useMemo, useRef, useState } from 'react';
import { useSize } from '~/hooks/use-size';
import { formatNumber } from '~/util/format';
import { useChartTheme } from './theme';

export interface HeatMapCanvasProps {
  label: string;
  /** By column, then row from the lowest; 0 to 1. */
  cells: Float32Array;
  columns: number;
  rows: number;
  low: number;
  high: number;
  color: string;
  stepOf: (column: number) => number;
}

/** Distributions over steps as a field of cells: the fuller, the stronger the colour. */
export function HeatMapCanvas({
  label,
  cells,
  columns,
  rows,
  low,
  high,
  color,
  stepOf,
}: HeatMapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hostRef, size] = useSize<HTMLDivElement>();
  const theme = useChartTheme();
  const [at, setAt] = useState<{ column: number; row: number } | null>(null);
  const resolved = useMemo(() => theme.resolve(color), [theme, color]);

  useEffect(() => {
    const ctx = canvas.current?.getContext('2d');
    if (!ctx || size.width === 0 || columns === 0) return;
    const ratio = window.devicePixelRatio;
    ctx.canvas.width = size.width * ratio;
    ctx.canvas.height = size.height * ratio;
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(
      cellPicture(cells, columns, rows, resolved),
      0,
      0,
      ctx.canvas.width,
      ctx.canvas.height,
    );
  }, [cells, columns, rows, resolved, size]);

  const onPointerMove = (event: React.PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = rows - 1 - Math.floor(((event.clientY - box.top) / box.height) * rows);
    setAt({
      column: Math.min(columns - 1, Math.max(0, column)),
      row: Math.min(rows - 1, Math.max(0, row)),
    });
  };
  const value = (row: number): string => formatNumber(low + ((high - low) * row) / rows, 3);
  return (
    <div className="grid size-full grid-cols-[3.25rem_1fr] grid-rows-[1fr_auto] gap-x-1 text-11 text-ink-3">
      <div className="tabular flex flex-col justify-between text-right">
        <span>{value(rows)}</span>
        <span>{value(rows / 2)}</span>
        <span>{value(0)}</span>
      </div>
      <div
        ref={hostRef}
        role="img"
        aria-label={label}
        className="relative min-h-0 border-b border-l border-line"
        onPointerMove={onPointerMove}
        onPointerLeave={() => setAt(null)}
      >
        <canvas ref={canvas} className="absolute inset-0 size-full" />
      </div>
      <span />
      <div className="tabular flex h-5 justify-between">
        {at ? (
          <span className="text-ink-2">
            step {stepOf(at.column)}: {value(at.row)} to {value(at.row + 1)}
          </span>
        ) : (
          <>
            <span>{stepOf(0)}</span>
            <span>step {stepOf(columns - 1)}</span>
          </>
        )}
      </div>
    </div>
  );
}

/** One pixel for each cell, the lowest row at the foot. */
function cellPicture(
  cells: Float32Array,
  columns: number,
  rows: number,
  color: string,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  if (!ctx) return canvas;
  ctx.fillStyle = color;
  ctx.fillRect(0, 0, columns, rows);
  const picture = ctx.getImageData(0, 0, columns, rows);
  for (let column = 0; column < columns; column += 1) {
    for (let row = 0; row < rows; row += 1) {
      const strength = Math.sqrt(cells[column * rows + row]);
      picture.data[((rows - 1 - row) * columns + column) * 4 + 3] = Math.round(strength * 255);
    }
  }
  ctx.putImageData(picture, 0, 0);
  return canvas;
}
