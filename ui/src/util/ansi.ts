// Escape sequences are what this file reads.
/* oxlint-disable no-control-regex */

/** A stretch of console text in one style. Colours are palette numbers (0-7) or CSS colours. */
export interface AnsiSpan {
  text: string;
  color: string | null;
  background: string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

type Style = Omit<AnsiSpan, 'text'>;

const PLAIN: Style = {
  color: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
};
const SEQUENCE =
  /\u001b\[([0-9;:]*)([A-Za-z])|\u001b\][^\u0007]*(?:\u0007|\u001b\\)|\u001b[@-Z\\-_]/g;

/** Splits one line into styled spans. Cursor movements are dropped; of text before a carriage return the last state stays. */
export function parseAnsi(line: string): AnsiSpan[] {
  const spans: AnsiSpan[] = [];
  let style = PLAIN;
  let position = 0;
  const visible = lastState(line);
  const push = (text: string): void => {
    if (text) spans.push({ ...style, text });
  };
  for (const match of visible.matchAll(SEQUENCE)) {
    push(visible.slice(position, match.index));
    position = match.index + match[0].length;
    if (match[2] === 'm') style = applyCodes(style, match[1]);
  }
  push(visible.slice(position));
  return spans;
}

/** The text without any escape sequence. */
export function stripAnsi(line: string): string {
  return lastState(line).replace(SEQUENCE, '');
}

function lastState(line: string): string {
  if (!line.includes('\r')) return line;
  const states = line.split('\r').filter(state => state !== '');
  return states.at(-1) ?? '';
}

function applyCodes(style: Style, codes: string): Style {
  const numbers = codes.split(/[;:]/).map(code => (code === '' ? 0 : Number(code)));
  let next = style;
  for (let index = 0; index < numbers.length; index += 1) {
    const code = numbers[index];
    if (code === 38 || code === 48) {
      const [color, used] = extendedColor(numbers, index + 1);
      next = code === 38 ? { ...next, color } : { ...next, background: color };
      index += used;
    } else next = applyCode(next, code);
  }
  return next;
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code === 39) return { ...style, color: null };
  if (code === 49) return { ...style, background: null };
  if (code >= 30 && code <= 37) return { ...style, color: `var(--ansi-${code - 30})` };
  if (code >= 90 && code <= 97) return { ...style, color: `var(--ansi-${code - 90})` };
  if (code >= 40 && code <= 47) return { ...style, background: tint(`var(--ansi-${code - 40})`) };
  if (code >= 100 && code <= 107)
    return { ...style, background: tint(`var(--ansi-${code - 100})`) };
  return style;
}

const tint = (color: string): string => `color-mix(in srgb, ${color} 22%, transparent)`;

function extendedColor(numbers: number[], at: number): [string | null, number] {
  if (numbers[at] === 5) return [indexedColor(numbers[at + 1]), 2];
  if (numbers[at] === 2) {
    const [red, green, blue] = numbers
      .slice(at + 1, at + 4)
      .map(value => Math.min(255, value || 0));
    return [`rgb(${red} ${green} ${blue})`, 4];
  }
  return [null, 1];
}

function indexedColor(index: number): string | null {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return `var(--ansi-${index % 8})`;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const cube = index - 16;
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}
