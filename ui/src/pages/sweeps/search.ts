import type { AxisBrush, AxisChoice } from '~/charts/parallel/axes';
import { compact, flag, text } from '~/workspace/search';

/** What the address of a sweep holds: how its charts are set, nothing that is default. */
export interface SweepSearch {
  /** Axes of the parallel coordinates that somebody set, by key. */
  axes?: Record<string, AxisChoice>;
  /** Axes that are left out. */
  off?: string[];
  /** Axes in the order somebody gave them; others follow. */
  order?: string[];
  /** The axis that colours, where it is not the metric. */
  color?: string;
  /** The values over time are on a log axis, or on none although they would be. */
  logy?: boolean;
  /** Values stand by the number of their run instead of the time. */
  bynumber?: boolean;
}

const MAX_AXES = 200;

export function readSweepSearch(search: Record<string, unknown>): SweepSearch {
  return compact({
    axes: readAxes(search.axes),
    off: texts(search.off),
    order: texts(search.order),
    color: text(search.color),
    logy: typeof search.logy === 'boolean' ? search.logy : undefined,
    bynumber: flag(search.bynumber),
  });
}

function texts(value: unknown): string[] | undefined {
  const items = Array.isArray(value) ? value.map(text).filter(item => item !== undefined) : [];
  return items.length > 0 ? items.slice(0, MAX_AXES) : undefined;
}

function readAxes(value: unknown): Record<string, AxisChoice> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const read = Object.entries(value)
    .slice(0, MAX_AXES)
    .map(([key, choice]) => [key, readChoice(choice)] as const)
    .filter(([, choice]) => Object.keys(choice).length > 0);
  return read.length > 0 ? Object.fromEntries(read) : undefined;
}

function readChoice(value: unknown): AxisChoice {
  if (typeof value !== 'object' || value === null) return {};
  const { log, flip, brush } = value as Record<string, unknown>;
  return compact({
    log: typeof log === 'boolean' ? log : undefined,
    flip: flag(flip),
    brush: readBrush(brush),
  });
}

function readBrush(value: unknown): AxisBrush | undefined {
  if (!Array.isArray(value)) return undefined;
  const isPair = value.length === 2 && value.every(end => typeof end === 'number');
  return isPair ? (value as [number, number]) : value.map(String);
}

/** The choices of axes with one changed; an axis on which nothing is set is left out. */
export function withChoice(
  axes: Record<string, AxisChoice> | undefined,
  key: string,
  change: Partial<AxisChoice>,
): Record<string, AxisChoice> | undefined {
  const choice = compact({ ...axes?.[key], ...change });
  const { [key]: _before, ...others } = axes ?? {};
  const next = Object.keys(choice).length > 0 ? { ...others, [key]: choice } : others;
  return Object.keys(next).length > 0 ? next : undefined;
}

/** The choices of axes without any brush. */
export function withoutBrushes(
  axes: Record<string, AxisChoice> | undefined,
): Record<string, AxisChoice> | undefined {
  return Object.keys(axes ?? {}).reduce(
    (left, key) => withChoice(left, key, { brush: undefined }),
    axes,
  );
}
