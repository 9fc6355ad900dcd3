import { cx } from '~/util/class-names';
import type { Piece } from './marks';
import type { DiffChange } from '~/api/schema';

export interface MarksProps {
  pieces: Piece[];
  side: 'left' | 'right';
}

/** A text in which what the other side has not is marked, by ground and by line. */
export function Marks({ pieces, side }: MarksProps) {
  return pieces.map(({ text, differs }, index) =>
    differs ? (
      <mark
        // Pieces of a text never reorder.
        // oxlint-disable-next-line react/no-array-index-key
        key={index}
        className={cx(
          'rounded-[2px] text-inherit',
          side === 'left'
            ? 'bg-removed line-through decoration-1'
            : 'bg-added underline decoration-1',
        )}
      >
        {text}
      </mark>
    ) : (
      text
    ),
  );
}

const SIGNS: Record<DiffChange | 'same', [string, string]> = {
  added: ['+', 'text-good'],
  removed: ['−', 'text-bad'],
  changed: ['~', 'text-warn'],
  same: ['=', 'text-ink-3'],
};

/** Whether something came, went or changed, as a sign. */
export function ChangeSign({ change }: { change: DiffChange | 'same' }) {
  const [sign, color] = SIGNS[change];
  return (
    <span
      role="img"
      aria-label={change}
      title={change}
      className={cx('inline-block w-4 shrink-0 text-center font-mono font-medium', color)}
    >
      {sign}
    </span>
  );
}
