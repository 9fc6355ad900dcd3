import { diffChars, diffWordsWithSpace, type ChangeObject } from 'diff';

/** A stretch of a text that the other side has, too, or has not. */
export interface Piece {
  text: string;
  differs: boolean;
}

export interface Marked {
  left: Piece[];
  right: Piece[];
}

/** Longer texts are compared word by word, and those beyond as a whole. */
const MAX_BY_CHARACTER = 400;
const MAX_BY_WORD = 10_000;
/** Texts that share less are different texts: marks on single letters would only confuse. */
const LEAST_SHARED = 0.35;

const whole = (text: string): Piece[] => (text === '' ? [] : [{ text, differs: true }]);

/** Marks where two texts differ. Their pieces joined are the texts again. */
export function markDifferences(left: string, right: string): Marked {
  if (left === right) {
    const pieces = left === '' ? [] : [{ text: left, differs: false }];
    return { left: pieces, right: pieces };
  }
  const longest = Math.max(left.length, right.length);
  if (longest > MAX_BY_WORD) return { left: whole(left), right: whole(right) };
  const changes: ChangeObject<string>[] =
    longest > MAX_BY_CHARACTER ? diffWordsWithSpace(left, right) : diffChars(left, right);
  const shared = changes
    .filter(change => !change.added && !change.removed)
    .reduce((sum, change) => sum + change.value.length, 0);
  if (shared < LEAST_SHARED * longest) return { left: whole(left), right: whole(right) };
  const side = (other: 'added' | 'removed'): Piece[] =>
    changes
      .filter(change => !change[other])
      .map(({ value, added, removed }) => ({ text: value, differs: added || removed }));
  return { left: side('added'), right: side('removed') };
}
