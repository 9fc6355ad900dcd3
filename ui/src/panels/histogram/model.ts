import type { HistoryRow, Json, JsonObject } from '~/api/schema';

export const HISTOGRAM_KIND = 'histogram';
const MAX_BINS = 4096;

/** Counts of values between edges; one edge more than counts. */
export interface Histogram {
  step: number;
  counts: number[];
  edges: number[];
}

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const numbers = (value: Json | undefined): number[] | null =>
  Array.isArray(value) &&
  value.length <= MAX_BINS + 1 &&
  value.every(item => typeof item === 'number')
    ? (value as number[])
    : null;

/** Reads a logged histogram, with explicit edges or packed; null if it is neither. */
export function readHistogram(step: number, value: Json): Histogram | null {
  if (!isObject(value) || value._type !== HISTOGRAM_KIND) return null;
  const counts = numbers(value.values);
  if (!counts || counts.length === 0) return null;
  const edges = numbers(value.bins);
  if (edges && edges.length === counts.length + 1) return { step, counts, edges };
  const packed = value.packedBins;
  if (
    !packed ||
    !isObject(packed) ||
    typeof packed.min !== 'number' ||
    typeof packed.size !== 'number'
  )
    return null;
  const { min, size } = packed;
  return {
    step,
    counts,
    edges: Array.from({ length: counts.length + 1 }, (_, index) => min + index * size),
  };
}

export function readHistograms(rows: HistoryRow[], key: string): Histogram[] {
  return rows
    .map(row => (row.step === null ? null : readHistogram(row.step, row.values[key] ?? null)))
    .filter(item => item !== null);
}

export interface HeatMap {
  /** Share of its step's values, by column (step) and row (value, lowest first), 0 to 1 relative to the fullest cell. */
  cells: Float32Array;
  columns: number;
  rows: number;
  low: number;
  high: number;
  steps: [number, number];
}

/** Spreads histograms, whose edges may differ, over one grid. Counts are shared out by overlap. */
export function toHeatMap(histograms: Histogram[], rows: number): HeatMap | null {
  if (histograms.length === 0) return null;
  const low = Math.min(...histograms.map(item => item.edges[0]));
  const high = Math.max(...histograms.map(item => item.edges[item.edges.length - 1]));
  const span = high > low ? high - low : 1;
  const columns = histograms.length;
  const cells = new Float32Array(columns * rows);
  histograms.forEach(({ counts, edges }, column) => {
    const total = counts.reduce((sum, count) => sum + count, 0) || 1;
    counts.forEach((count, bin) => {
      const from = ((edges[bin] - low) / span) * rows;
      const to = Math.max(((edges[bin + 1] - low) / span) * rows, from + 1e-9);
      const last = Math.min(rows - 1, Math.ceil(to) - 1);
      for (let row = Math.max(0, Math.floor(from)); row <= last; row += 1) {
        const overlap = Math.min(to, row + 1) - Math.max(from, row);
        cells[column * rows + row] += (count / total) * (overlap / (to - from));
      }
    });
  });
  const most = cells.reduce((max, cell) => Math.max(max, cell), 0) || 1;
  cells.forEach((cell, index) => (cells[index] = cell / most));
  return {
    cells,
    columns,
    rows,
    low,
    high,
    steps: [histograms[0].step, histograms[columns - 1].step],
  };
}
