import type { Smoothing, SmoothingKind } from '~/api/schema';

/** A kind of smoothing as it is offered: the slider reaches what is usual, typing all that the server takes. */
export interface Smoother {
  kind: SmoothingKind;
  label: string;
  /** What the parameter is, with its unit. */
  parameter: string;
  most: number;
  slider: { max: number; step: number };
  decimals: number;
  /** What is chosen with the kind if nothing is smoothed yet, or if the parameter so far means something else. */
  atFirst: number;
}

const WEIGHT = {
  parameter: 'weight',
  most: 0.999,
  slider: { max: 0.99, step: 0.01 },
  decimals: 2,
  atFirst: 0.6,
};
const COUNTED = { slider: { max: 100, step: 1 }, decimals: 0 };

export const SMOOTHERS: Smoother[] = [
  { kind: 'time_weighted_ema', label: 'Time-weighted EMA', ...WEIGHT },
  { kind: 'ema', label: 'EMA', ...WEIGHT },
  {
    kind: 'gaussian',
    label: 'Gaussian',
    parameter: 'standard deviation in points',
    most: 200,
    atFirst: 5,
    ...COUNTED,
  },
  {
    kind: 'running_mean',
    label: 'Running average',
    parameter: 'window in points',
    most: 1_000_000,
    atFirst: 10,
    ...COUNTED,
  },
];
const [DEFAULT] = SMOOTHERS;

/** How the address says what is smoothed; nothing that is default. */
export interface SmoothingSearch {
  smooth?: number;
  smoother?: SmoothingKind;
}

export const smootherOf = (kind: unknown): Smoother =>
  SMOOTHERS.find(smoother => smoother.kind === kind) ?? DEFAULT;

/** Reads an address; what makes no sense smooths nothing. */
export function readSmoothing(search: Record<string, unknown>): SmoothingSearch {
  const smoother = smootherOf(search.smoother);
  const { smooth } = search;
  return {
    smooth:
      typeof smooth === 'number' && smooth > 0 && smooth <= smoother.most
        ? fitting(smoother, smooth)
        : undefined,
    smoother: smoother === DEFAULT ? undefined : smoother.kind,
  };
}

/** A parameter as the kind takes it: running averages are over whole points. */
export function fitting(smoother: Smoother, parameter: number): number {
  const within = Math.min(Math.max(parameter, 0), smoother.most);
  return smoother.kind === 'running_mean' ? Math.round(within) : within;
}

/** The address after a kind was chosen, which switches smoothing on if it is off. */
export function choosing(kind: SmoothingKind, { smooth, smoother }: SmoothingSearch) {
  const next = smootherOf(kind);
  const keeps = smooth !== undefined && smootherOf(smoother).parameter === next.parameter;
  return {
    smooth: keeps ? smooth : next.atFirst,
    smoother: next === DEFAULT ? undefined : kind,
  };
}

export function smoothingOf({ smooth, smoother }: SmoothingSearch): Smoothing | null {
  return smooth ? { kind: smootherOf(smoother).kind, parameter: smooth } : null;
}

export function describeSmoothing({ kind, parameter }: Smoothing): string {
  const { label, parameter: meaning } = smootherOf(kind);
  return `smoothed: ${label}, ${meaning} ${parameter}`;
}
