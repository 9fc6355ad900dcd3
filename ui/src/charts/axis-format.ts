import { formatTick } from '~/util/format';
import type { XKind } from './scales';

export const DURATION_INCREMENTS = [
  1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
  1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600, 2_592_000,
];

function formatDurationTick(seconds: number, increment: number): string {
  if (seconds === 0) return '0';
  if (increment < 1) return `${formatTick(seconds, increment)}s`;
  const parts: string[] = [];
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = Math.round(seconds % 60);
  if (days) parts.push(`${days}d`);
  if (hours) parts.push(`${hours}h`);
  if (minutes) parts.push(`${minutes}m`);
  if (rest) parts.push(`${rest}s`);
  return parts.join(' ');
}

function formatTimeTick(seconds: number, increment: number): string {
  const date = new Date(seconds * 1000);
  if (increment >= 86_400)
    return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  const clock = date.toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(increment < 60 ? { second: '2-digit' } : {}),
  });
  return clock === '00:00'
    ? date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
    : clock;
}

export function formatTicks(
  kind: XKind,
  values: (number | null)[],
  increment: number,
): (string | null)[] {
  return values.map(value => {
    if (value === null) return null;
    if (kind === 'duration') return formatDurationTick(value, increment);
    if (kind === 'time') return formatTimeTick(value, increment);
    return formatTick(value, increment || Math.abs(value) || 1);
  });
}

/** Formats an x value for reading, as in the head of a tooltip. */
export function formatX(kind: XKind, value: number): string {
  if (kind === 'time') {
    return new Date(value * 1000).toLocaleString('en-GB', {
      dateStyle: 'medium',
      timeStyle: 'medium',
    });
  }
  if (kind === 'duration') return formatDurationTick(value, value < 10 ? 0.01 : 1) || '0';
  return Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : String(Number(value.toPrecision(6)));
}
