const SI = [
  { limit: 1e12, suffix: 'T' },
  { limit: 1e9, suffix: 'G' },
  { limit: 1e6, suffix: 'M' },
  { limit: 1e3, suffix: 'k' },
];

const MINUS = '−';

function withMinus(text: string): string {
  return text.startsWith('-') ? MINUS + text.slice(1) : text;
}

/** Formats a value for reading: `digits` significant digits, SI suffix from 10,000 up, exponent when tiny. */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e5) return withMinus(String(value));
  if (size < 1e-4 || size >= 1e15) return withMinus(trimExponent(value.toExponential(digits - 1)));
  const unit = size >= 1e4 ? SI.find(entry => size >= entry.limit) : undefined;
  const scaled = unit ? value / unit.limit : value;
  return withMinus(Number(scaled.toPrecision(digits)).toString()) + (unit?.suffix ?? '');
}

function trimExponent(text: string): string {
  return text
    .replace(/(\.\d*?)0+e/, '$1e')
    .replace('.e', 'e')
    .replace('e+', 'e');
}

/** Formats axis ticks `increment` apart so that neighbours differ and share their decimals. */
export function formatTick(value: number, increment: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const tiny = increment < 1e-4 && size < 0.01;
  if (tiny || size < 1e-4 || size >= 1e15) return withMinus(trimExponent(value.toExponential(2)));
  const unit = size >= 1e4 ? SI.find(entry => size >= entry.limit) : undefined;
  const scale = unit?.limit ?? 1;
  const decimals = decimalsOf(increment / scale);
  const text = (value / scale).toFixed(decimals);
  return (
    withMinus(unit && text.includes('.') ? text.replace(/\.?0+$/, '') : text) + (unit?.suffix ?? '')
  );
}

/** How many decimals it takes to write an increment exactly, 10 at most. */
function decimalsOf(increment: number): number {
  for (let decimals = 0; decimals < 10; decimals += 1) {
    const scaled = increment * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 10;
}

/** Says that a list stops before its end, or nothing when it does not. */
export function cutNote(which: string, listed: number, total: number | null): string | null {
  if (total !== null && listed >= total) return null;
  return total === null
    ? `only the ${which} ${formatInteger(listed)} are listed`
    : `only the ${which} ${formatInteger(listed)} of ${formatInteger(total)} are listed`;
}

export function formatInteger(value: number): string {
  return value.toLocaleString('en-US');
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = -1;
  do {
    size /= 1024;
    unit += 1;
  } while (size >= 1024 && unit < units.length - 1);
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** Formats seconds as the two largest units: `1h 04m`, `3m 09s`, `12s`. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (total < 60) return `${total}s`;
  if (total < 3600) return `${Math.floor(total / 60)}m ${pad(total % 60)}s`;
  if (total < 86_400)
    return `${Math.floor(total / 3600)}h ${pad(Math.floor((total % 3600) / 60))}m`;
  return `${Math.floor(total / 86_400)}d ${pad(Math.floor((total % 86_400) / 3600))}h`;
}

/** Formats how long ago `time` was, seen from `now` (both in milliseconds). */
export function formatAgo(time: number, now: number): string {
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  if (days < 30) return days === 1 ? 'yesterday' : `${days} days ago`;
  return formatDate(time);
}

export function formatDate(time: number): string {
  return new Date(time).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
}

export function formatDateTime(time: number): string {
  return new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

export function plural(count: number, noun: string): string {
  return `${formatInteger(count)} ${noun}${count === 1 ? '' : 's'}`;
}
