import { ArrowDownToLine, ChevronDown, ChevronUp, Clock, Download, Regex } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { consoleDownloadUrl } from '~/api/client';
import { useFixedRows } from '~/hooks/use-fixed-rows';
import { Button, IconButton } from '~/ui/Button';
import { SearchField } from '~/ui/Field';
import { EmptyState, ErrorState } from '~/ui/States';
import { Ticks } from '~/ui/Ticks';
import { formatInteger } from '~/util/format';
import { usePageSearch } from '~/workspace/use-search';
import type { RunTabProps } from '../RunPage';
import { ConsoleRow } from './ConsoleRow';
import { useConsoleLines } from './use-console-lines';
import { useConsoleSearch } from './use-console-search';

/** Lines are 17 px, so that a million of them still fit into one scrolled element. */
const ROW = 17;

export function ConsoleTab({ runRef, run }: RunTabProps) {
  const [{ line: linked }, change] = usePageSearch();
  const scroller = useRef<HTMLDivElement>(null);
  const total = run.n_console_lines;
  const live = run.ended_at === null;
  const rows = useFixedRows(scroller, total, ROW);
  const { lines, error } = useConsoleLines(runRef, rows.start, rows.end, total);
  const [follow, setFollow] = useState(live && linked === undefined);
  const [showTimes, setShowTimes] = useState(false);
  const search = useConsoleSearch(runRef, rows.scrollTo, () => setFollow(false));
  const { scrollTo } = rows;

  useEffect(() => {
    if (follow && total > 0) scrollTo(total, 'end');
  }, [follow, total, scrollTo]);
  const jumped = useRef(false);
  useEffect(() => {
    if (jumped.current || linked === undefined || total === 0) return;
    jumped.current = true;
    scrollTo(linked, 'center');
  }, [linked, total, scrollTo]);

  if (total === 0) {
    return (
      <EmptyState title="Nothing was printed yet">
        Lines appear as the script prints them, unless the client was told not to capture its
        console.
      </EmptyState>
    );
  }
  const numberWidth = `${String(total).length + 1}ch`;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        role="toolbar"
        aria-label="Console"
        className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-1.5"
      >
        <SearchField
          label="Search console"
          value={search.text}
          onChange={search.setText}
          onSubmit={search.go}
          error={search.error?.message}
          className="w-64 max-sm:w-[calc(100%-2.25rem)]"
        />
        <IconButton
          label="Regular expression"
          pressed={search.isPattern}
          onClick={() => search.setIsPattern(!search.isPattern)}
        >
          <Regex aria-hidden />
        </IconButton>
        {search.text && !search.error && (
          <span role="status" className="tabular flex items-center text-12 text-ink-3">
            {search.summary}
            <IconButton label="Previous match" small onClick={() => search.go(true)}>
              <ChevronUp aria-hidden />
            </IconButton>
            <IconButton label="Next match" small onClick={() => search.go(false)}>
              <ChevronDown aria-hidden />
            </IconButton>
          </span>
        )}
        <span className="tabular ml-auto text-12 text-ink-3">{formatInteger(total)} lines</span>
        <IconButton label="Times" pressed={showTimes} onClick={() => setShowTimes(!showTimes)}>
          <Clock aria-hidden />
        </IconButton>
        <Button
          tone="quiet"
          aria-pressed={follow}
          className={follow ? 'bg-accent-soft text-accent!' : ''}
          onClick={() => setFollow(!follow)}
        >
          <ArrowDownToLine className="size-4" aria-hidden />
          Follow
        </Button>
        <a
          href={consoleDownloadUrl(runRef)}
          download
          className="inline-flex h-7 items-center gap-1.5 rounded-md px-2.5 font-medium text-ink-2 hover:bg-hover"
        >
          <Download className="size-4" aria-hidden />
          Download
        </a>
      </div>
      {search.error && (
        <p
          role="alert"
          className="border-b border-line px-3 py-1 font-mono text-12 whitespace-pre-wrap text-bad"
        >
          <Ticks text={search.error.message} />
        </p>
      )}
      {error && lines.size === 0 && <ErrorState error={error} />}
      <div
        ref={scroller}
        role="log"
        aria-label="Console"
        aria-live="off"
        // Scrollable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onWheel={event => event.deltaY < 0 && setFollow(false)}
        onKeyDown={event => {
          if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) setFollow(false);
          if (event.key === 'End') setFollow(true);
        }}
        onPointerDown={() => setFollow(false)}
        className="min-h-0 flex-1 overflow-auto font-mono text-12 leading-[17px]"
      >
        <div className="relative min-w-full" style={{ height: rows.height }}>
          <div
            className="absolute min-w-full"
            style={{ transform: `translateY(${rows.offset}px)` }}
          >
            {Array.from({ length: rows.end - rows.start }, (_, index) => (
              <ConsoleRow
                key={rows.start + index}
                number={rows.start + index}
                line={lines.get(rows.start + index)}
                runRef={runRef}
                numberWidth={numberWidth}
                isLinked={linked === rows.start + index}
                isMatch={search.current === rows.start + index}
                finder={search.finder}
                showTime={showTimes}
                onLink={number => change({ line: number })}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
