import { memo, useMemo } from 'react';
import type { RunRef } from '~/api/client';
import type { ConsoleLine } from '~/api/schema';
import { parseAnsi, type AnsiSpan } from '~/util/ansi';
import { cx } from '~/util/class-names';
import { formatDateTime } from '~/util/format';
import { paths } from '~/util/paths';
import { markMatches } from './console-matches';

export interface ConsoleRowProps {
  number: number;
  /** Undefined while it is fetched. */
  line: ConsoleLine | undefined;
  runRef: RunRef;
  numberWidth: string;
  isLinked: boolean;
  isMatch: boolean;
  /** Finds what is searched for. */
  finder: RegExp | null;
  showTime: boolean;
  onLink: (number: number) => void;
}

export const ConsoleRow = memo(function ConsoleRow({
  number,
  line,
  runRef,
  numberWidth,
  isLinked,
  isMatch,
  finder,
  showTime,
  onLink,
}: ConsoleRowProps) {
  const spans = useMemo(() => (line ? parseAnsi(line.text) : []), [line]);
  const pieces = useMemo(() => markMatches(spans, finder), [spans, finder]);
  const isError = line?.level === 'error';
  return (
    <div
      className={cx(
        'flex h-[17px] w-max min-w-full pr-4 hover:bg-surface',
        isLinked && 'bg-accent-soft',
        isMatch && 'bg-warn-soft',
        isError && 'bg-bad-soft',
      )}
    >
      <a
        href={paths.consoleLine(runRef.entity, runRef.project, runRef.run, number)}
        title={line?.time ? formatDateTime(Date.parse(line.time)) : undefined}
        onClick={event => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          onLink(number);
        }}
        className="sticky left-0 shrink-0 bg-bg pr-3 pl-3 text-right text-ink-3 select-none hover:text-accent"
        style={{ minWidth: `calc(${numberWidth} + 24px)` }}
      >
        {number + 1}
      </a>
      {showTime && (
        <span className="w-[9ch] shrink-0 text-ink-3 select-none">
          {line?.time && clockOf(line.time)}
        </span>
      )}
      <span className="whitespace-pre">
        {line?.label && <span className="text-ink-3">[{line.label}] </span>}
        {spans.map((span, index) => (
          // Spans of one line never reorder.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={index} style={styleOf(span)}>
            {pieces[index].map((piece, place) =>
              piece.isMatch ? (
                <mark key={place} className="bg-warn-soft text-inherit ring-1 ring-warn">
                  {piece.text}
                </mark>
              ) : (
                piece.text
              ),
            )}
          </span>
        ))}
      </span>
    </div>
  );
});

function clockOf(time: string): string {
  return new Date(time).toLocaleTimeString('en-GB');
}

function styleOf(span: AnsiSpan): React.CSSProperties {
  return {
    color: span.color ?? undefined,
    background: span.background ?? undefined,
    fontWeight: span.bold ? 650 : undefined,
    opacity: span.dim ? 0.7 : undefined,
    fontStyle: span.italic ? 'italic' : undefined,
    textDecoration: span.underline ? 'underline' : undefined,
  };
}
