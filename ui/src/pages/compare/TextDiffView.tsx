import { memo, useMemo, useState } from 'react';
import { cx } from '~/util/class-names';
import { formatInteger, plural } from '~/util/format';
import { Marks } from './DifferenceMarks';
import { markDifferences, type Piece } from './marks';
import { diffTexts, foldSame, type DiffRow, type Gap } from './text-diff';

/** Rows that are drawn: longer differences are said to be so. */
const MAX_ROWS = 3000;

export interface TextDiffViewProps {
  label: string;
  left: string;
  right: string;
  /** Under each other instead of side by side; always so on narrow screens. */
  unified: boolean;
}

/** Two texts line by line; lines that took each other's place are marked per character. */
export function TextDiffView({ label, left, right, unified }: TextDiffViewProps) {
  const diff = useMemo(() => diffTexts(left, right), [left, right]);
  const [opened, setOpened] = useState(() => new Set<number>());
  const folded = useMemo(() => foldSame(diff.rows), [diff]);
  const rows = useMemo(
    () =>
      folded.flatMap((row, index): (DiffRow | (Gap & { index: number }))[] => {
        if (row.kind !== 'gap') return [row];
        return opened.has(index) ? row.rows : [{ ...row, index }];
      }),
    [folded, opened],
  );
  if (diff.rows.length === 0) return <p className="px-5 py-2 text-ink-3">Both are empty.</p>;
  if (diff.nAdded + diff.nRemoved === 0)
    return <p className="px-5 py-2 text-ink-3">The lines are the same.</p>;
  const open = (index: number) => setOpened(new Set([...opened, index]));
  const shown = rows.slice(0, MAX_ROWS);
  return (
    <div className="pb-2">
      <p className="tabular px-5 py-1 text-12 text-ink-3">
        <span className="text-good">+{formatInteger(diff.nAdded)}</span>{' '}
        <span className="text-bad">−{formatInteger(diff.nRemoved)}</span>
        {diff.isCut && ' · too different to be compared line by line'}
      </p>
      <div
        role="region"
        aria-label={`Lines of ${label}`}
        // Scrollable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="overflow-x-auto rounded-md border border-line font-mono text-12 leading-[18px]"
      >
        <div className={cx('max-sm:hidden', unified && 'hidden')}>
          {shown.map(row =>
            row.kind === 'gap' ? (
              <GapRow key={`gap ${row.index}`} gap={row} onOpen={() => open(row.index)} />
            ) : (
              <SplitRow key={keyOf(row)} row={row} />
            ),
          )}
        </div>
        <div className={cx(!unified && 'sm:hidden')}>
          {unifiedRows(shown).map(row =>
            row.kind === 'gap' ? (
              <GapRow key={`gap ${row.index}`} gap={row} onOpen={() => open(row.index)} />
            ) : (
              <UnifiedRow key={keyOf(row)} row={row} />
            ),
          )}
        </div>
      </div>
      {rows.length > shown.length && (
        <p className="px-5 py-1 text-12 text-warn">
          {plural(rows.length - shown.length, 'more line')} not shown
        </p>
      )}
    </div>
  );
}

const keyOf = ({ kind, left, right }: DiffRow): string =>
  `${kind} ${left?.number ?? ''} ${right?.number ?? ''}`;

/** Lines that changed become those that went, and then those that came. */
function unifiedRows<T extends { kind: 'gap' }>(rows: (DiffRow | T)[]): (DiffRow | T)[] {
  const flat: (DiffRow | T)[] = [];
  let come: DiffRow[] = [];
  for (const row of rows) {
    if (row.kind === 'gap' || row.kind === 'same') {
      flat.push(...come, row);
      come = [];
    } else {
      if (row.left) flat.push({ ...row, kind: 'removed' });
      if (row.right) come.push({ ...row, kind: 'added' });
    }
  }
  return [...flat, ...come];
}

function GapRow({ gap, onOpen }: { gap: Gap; onOpen: () => void }) {
  return (
    <button
      type="button"
      onClick={onOpen}
      className="block h-6 w-full border-y border-line bg-surface px-3 text-left font-sans text-12 text-ink-3 hover:text-ink"
    >
      {plural(gap.rows.length, 'line')} the same
    </button>
  );
}

function marksOf({ left, right }: DiffRow): { left: Piece[]; right: Piece[] } | null {
  return left && right && left.text !== right.text ? markDifferences(left.text, right.text) : null;
}

const SplitRow = memo(function SplitRow({ row }: { row: DiffRow }) {
  const marks = useMemo(() => marksOf(row), [row]);
  return (
    <div className="grid grid-cols-2">
      {(['left', 'right'] as const).map(side => {
        const line = row[side];
        const isOther = row.kind !== 'same' && line !== null;
        return (
          <div
            key={side}
            className={cx(
              'flex min-w-0',
              side === 'right' && 'border-l border-line',
              line === null && 'bg-surface',
              isOther && (side === 'left' ? 'bg-bad-soft' : 'bg-good-soft'),
            )}
          >
            <LineNumber number={line?.number} />
            <span className="min-w-0 flex-1 pr-2 break-words whitespace-pre-wrap">
              {marks ? <Marks pieces={marks[side]} side={side} /> : line?.text}
            </span>
          </div>
        );
      })}
    </div>
  );
});

const UnifiedRow = memo(function UnifiedRow({ row }: { row: DiffRow }) {
  const { kind } = row;
  const marks = useMemo(() => marksOf(row), [row]);
  const side = kind === 'removed' ? 'left' : 'right';
  return (
    <div
      className={cx(
        'flex min-w-0',
        kind === 'removed' && 'bg-bad-soft',
        kind === 'added' && 'bg-good-soft',
      )}
    >
      <LineNumber number={kind === 'added' ? undefined : row.left?.number} />
      <LineNumber number={kind === 'removed' ? undefined : row.right?.number} />
      <span aria-hidden className="w-4 shrink-0 text-ink-3 select-none">
        {kind === 'removed' ? '−' : kind === 'added' ? '+' : ''}
      </span>
      <span className="min-w-0 flex-1 pr-2 break-words whitespace-pre-wrap">
        {marks && kind !== 'same' ? <Marks pieces={marks[side]} side={side} /> : row[side]?.text}
      </span>
    </div>
  );
});

function LineNumber({ number }: { number: number | undefined }) {
  return (
    <span className="tabular w-10 shrink-0 pr-2 text-right text-ink-3 select-none">{number}</span>
  );
}
