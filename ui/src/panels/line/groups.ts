import type { Columns, GroupFigures } from '~/charts/columns';

export type GroupLine = 'mean' | 'median';
export type GroupBand = 'minmax' | 'sd' | 'se' | 'ci95' | 'none';

/** How groups are drawn. */
export interface GroupLook {
  line: GroupLine;
  band: GroupBand;
}

export const LINES: { value: GroupLine; label: string }[] = [
  { value: 'mean', label: 'Mean' },
  { value: 'median', label: 'Median' },
];

/** The names of bands; `short` is that of the figures in a tooltip. */
export const BANDS: { value: GroupBand; label: string; short: string }[] = [
  { value: 'minmax', label: 'Minimum to maximum', short: 'min–max' },
  { value: 'sd', label: 'Standard deviation', short: '±\u00a0SD' },
  { value: 'se', label: 'Standard error', short: '±\u00a0SE' },
  { value: 'ci95', label: '95 % interval of the mean', short: '95\u00a0%' },
  { value: 'none', label: 'No band', short: '' },
];

const known = new WeakMap<GroupFigures, { look: string; columns: Columns }>();

/**
 * A group's columns as they are drawn: the chosen line as `mean`, the chosen band as `min` and `max`. Where fewer than
 * two members make no deviation, the band is as thin as the line. Deviations lie round the mean, whichever line is drawn.
 */
export function groupColumns(columns: Columns, { line, band }: GroupLook): Columns {
  const { group } = columns;
  if (!group) return columns;
  const look = `${line} ${band}`;
  const cached = known.get(group);
  if (cached?.look === look) return cached.columns;
  const center = line === 'median' ? group.median : columns.mean;
  const [low, high] = edges(columns, group, band);
  const edge = (values: Float64Array | null) =>
    values === null
      ? center
      : center.map((value, index) => (Number.isNaN(values[index]) ? value : values[index]));
  const drawn = { ...columns, mean: center, min: edge(low), max: edge(high) };
  known.set(group, { look, columns: drawn });
  return drawn;
}

function edges(
  { mean, min, max }: Columns,
  { sd, se, ciLow, ciHigh }: GroupFigures,
  band: GroupBand,
): [Float64Array | null, Float64Array | null] {
  const round = (deviation: Float64Array): [Float64Array, Float64Array] => [
    mean.map((value, index) => value - deviation[index]),
    mean.map((value, index) => value + deviation[index]),
  ];
  switch (band) {
    case 'minmax':
      return [min, max];
    case 'sd':
      return round(sd);
    case 'se':
      return round(se);
    case 'ci95':
      return [ciLow, ciHigh];
    default:
      return [null, null];
  }
}
