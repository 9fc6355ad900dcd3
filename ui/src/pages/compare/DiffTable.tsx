import { memo, useMemo, type ReactNode } from 'react';
import { cx } from '~/util/class-names';
import { markDifferences, type Marked } from './marks';
import { ChangeSign, Marks } from './DifferenceMarks';
import type { DiffChange, Json } from '~/api/schema';

export interface DiffTableRow {
  key: string;
  change: DiffChange | 'same';
  left: Json;
  right: Json;
  /** Shown in place of the key. */
  label?: ReactNode;
}

export interface DiffTableProps {
  label: string;
  rows: DiffTableRow[];
  /** Names of what is compared. */
  names: [string, string];
}

/** Values of two sides beside each other, marked where they differ. */
export function DiffTable({ label, rows, names }: DiffTableProps) {
  return (
    <table className="w-full table-fixed border-collapse" aria-label={label}>
      <thead className="sr-only">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">{names[0]}</th>
          <th scope="col">{names[1]}</th>
        </tr>
      </thead>
      <tbody className="max-sm:[&>tr]:flex max-sm:[&>tr]:flex-wrap">
        {rows.map(row => (
          <DiffLine key={row.key} row={row} />
        ))}
      </tbody>
    </table>
  );
}

const DiffLine = memo(function DiffLine({ row }: { row: DiffTableRow }) {
  const { key, change, label } = row;
  const marks = useMemo(() => marksOf(row), [row]);
  const isSame = change === 'same';
  return (
    <tr className={cx('border-b border-line align-top hover:bg-surface', isSame && 'text-ink-3')}>
      <th
        scope="row"
        className="w-[28%] py-1 pr-3 text-left font-normal max-sm:w-full max-sm:pb-0"
        title={key}
      >
        <span className="flex min-w-0 gap-1">
          <ChangeSign change={change} />
          <span className="min-w-0 font-mono text-12 break-words text-ink-2">{label ?? key}</span>
        </span>
      </th>
      <Value isThere={change !== 'added'} pieces={marks.left} side="left" />
      <Value isThere={change !== 'removed'} pieces={marks.right} side="right" />
    </tr>
  );
});

function Value({
  isThere,
  pieces,
  side,
}: {
  isThere: boolean;
  pieces: Marked['left'];
  side: 'left' | 'right';
}) {
  return (
    <td className="tabular w-[36%] py-1 pr-3 font-mono text-12 break-words whitespace-pre-wrap max-sm:w-1/2 max-sm:pl-5">
      {isThere ? (
        pieces.length > 0 ? (
          <Marks pieces={pieces} side={side} />
        ) : (
          <span className="text-ink-3">empty</span>
        )
      ) : (
        <span className="text-ink-3">–</span>
      )}
    </td>
  );
}

export function valueText(value: Json): string {
  if (typeof value === 'string') return value;
  return value !== null && typeof value === 'object'
    ? JSON.stringify(value, null, 1).replaceAll(/\s*\n\s*/g, ' ')
    : String(value);
}

function marksOf({ change, left, right }: DiffTableRow): Marked {
  const [before, after] = [valueText(left), valueText(right)];
  if (change === 'added') return { left: [], right: [{ text: after, differs: false }] };
  if (change === 'removed') return { left: [{ text: before, differs: false }], right: [] };
  return markDifferences(before, after);
}
