import type { ChartTheme } from './theme';

const STOPS = 5;

/** The theme's ramp as colours a canvas takes; the far end has the most contrast with the background. */
export function rampStops(theme: ChartTheme): string[] {
  return Array.from({ length: STOPS }, (_, index) => theme.resolve(`var(--ramp-${index})`));
}

/** The colour of a ramp at a place from 0 to 1; places beyond take its ends. */
export function rampColor(stops: string[], place: number): string {
  const at = Math.min(1, Math.max(0, place)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(at));
  const [from, to] = [channels(stops[index]), channels(stops[index + 1])];
  const mixed = from.map((value, channel) =>
    Math.round(value + (to[channel] - value) * (at - index)),
  );
  return `rgb(${mixed.join(' ')})`;
}

function channels(hex: string): number[] {
  return [1, 3, 5].map(start => Number.parseInt(hex.slice(start, start + 2), 16));
}
