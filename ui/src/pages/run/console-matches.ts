import type { ConsoleMatches, ConsoleSearch } from '~/api/queries';
import type { AnsiSpan } from '~/util/ansi';

/** How many lines match, as far as the search has come. */
export function countMatches(pages: ConsoleMatches[]): { found: number; isMore: boolean } {
  const last = pages.at(-1);
  const before = pages.slice(0, -1).reduce((sum, { lines }) => sum + lines.length, 0);
  return { found: before + (last?.found ?? 0), isMore: (last?.nextFrom ?? null) !== null };
}

/**
 * The match before or behind a line, or the first one; behind the last comes the first again. Where there are more
 * matches than these, what is behind the last of them is `more`, and nothing is before the first.
 */
export function neighbour(
  matches: number[],
  current: number | null,
  backwards: boolean,
  hasMore: boolean,
): number | 'more' | null {
  if (matches.length === 0) return null;
  if (!backwards) {
    const next = current === null ? matches[0] : matches.find(line => line > current);
    return next ?? (hasMore ? 'more' : matches[0]);
  }
  const before = current === null ? undefined : matches.findLast(line => line < current);
  return before ?? (hasMore ? null : matches[matches.length - 1]);
}

/** Finds in a line what the server has found; null if that cannot be told here, as where its expressions are others. */
export function finderOf({ text, isPattern }: ConsoleSearch): RegExp | null {
  if (text === '') return null;
  const source = isPattern ? text : text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  try {
    return new RegExp(source, isPattern ? 'giu' : 'gi');
  } catch {
    return null;
  }
}

/** A part of a span, and whether it is of a match. */
export interface Piece {
  text: string;
  isMatch: boolean;
}

/** Cuts the spans of a line where matches, which may go over several, begin and end. */
export function markMatches(spans: AnsiSpan[], finder: RegExp | null): Piece[][] {
  const line = spans.map(span => span.text).join('');
  const ranges = finder
    ? [...line.matchAll(finder)].map(({ index, 0: { length } }) => [index, index + length])
    : [];
  let start = 0;
  return spans.map(({ text }) => {
    const offset = start;
    start += text.length;
    const cuts = ranges
      .map(range => range.map(place => Math.min(Math.max(place - offset, 0), text.length)))
      .filter(([from, to]) => from < to);
    const pieces: Piece[] = [];
    let done = 0;
    for (const [from, to] of cuts) {
      if (done < from) pieces.push({ text: text.slice(done, from), isMatch: false });
      pieces.push({ text: text.slice(from, to), isMatch: true });
      done = to;
    }
    if (done < text.length) pieces.push({ text: text.slice(done), isMatch: false });
    return pieces;
  });
}
