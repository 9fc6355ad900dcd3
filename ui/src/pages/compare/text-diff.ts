import { diffArrays } from 'diff';

export interface Line {
  /** Counted from 1. */
  number: number;
  text: string;
}

/** A line of two texts side by side; a side without a line is null. */
export interface DiffRow {
  kind: 'same' | 'changed' | 'added' | 'removed';
  left: Line | null;
  right: Line | null;
}

/** Lines that are the same and far from any that differ. */
export interface Gap {
  kind: 'gap';
  rows: DiffRow[];
}

export interface TextDiff {
  rows: DiffRow[];
  nAdded: number;
  nRemoved: number;
  /** The texts differ too much to be compared line by line. */
  isCut: boolean;
}

/** So many edits are looked for: beyond, one text is taken for the other's replacement. */
const MAX_EDITS = 4000;

/** Whether what was read as a text is none: it holds NUL, or much that is no character. */
export function isBinary(text: string): boolean {
  if (text.includes('\0')) return true;
  let nBroken = 0;
  for (const character of text) if (character === '\uFFFD') nBroken += 1;
  return nBroken > text.length / 100;
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Compares two texts line by line. Removed lines stand beside the added ones that took their place. */
export function diffTexts(left: string, right: string): TextDiff {
  const [before, after] = [linesOf(left), linesOf(right)];
  const found = diffArrays(before, after, { maxEditLength: MAX_EDITS });
  const changes = found ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ];
  const rows: DiffRow[] = [];
  const numbers = { left: 0, right: 0 };
  const next = (side: 'left' | 'right', text: string): Line => {
    numbers[side] += 1;
    return { number: numbers[side], text };
  };
  let removed: string[] = [];
  let added: string[] = [];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      const [gone, come] = [removed.at(index), added.at(index)];
      rows.push({
        kind: gone === undefined ? 'added' : come === undefined ? 'removed' : 'changed',
        left: index < removed.length ? next('left', removed[index]) : null,
        right: index < added.length ? next('right', added[index]) : null,
      });
    }
    removed = [];
    added = [];
  };
  let [nAdded, nRemoved] = [0, 0];
  for (const { value, ...change } of changes) {
    if (change.removed) {
      removed.push(...value);
      nRemoved += value.length;
    } else if (change.added) {
      added.push(...value);
      nAdded += value.length;
    } else {
      flush();
      for (const text of value)
        rows.push({ kind: 'same', left: next('left', text), right: next('right', text) });
    }
  }
  flush();
  return { rows, nAdded, nRemoved, isCut: found === undefined };
}

/** Folds what is the same, but for some lines round each difference. */
export function foldSame(rows: DiffRow[], context = 3): (DiffRow | Gap)[] {
  const near = new Uint8Array(rows.length);
  rows.forEach((row, index) => {
    if (row.kind !== 'same')
      near.fill(1, Math.max(0, index - context), Math.min(rows.length, index + context + 1));
  });
  const folded: (DiffRow | Gap)[] = [];
  let gap: DiffRow[] = [];
  const flush = () => {
    // A line in place of one or two saves nothing.
    if (gap.length > 2) folded.push({ kind: 'gap', rows: gap });
    else folded.push(...gap);
    gap = [];
  };
  rows.forEach((row, index) => {
    if (near[index]) {
      flush();
      folded.push(row);
    } else gap.push(row);
  });
  flush();
  return folded;
}
