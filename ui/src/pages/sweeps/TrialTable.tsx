import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { SweepRef } from '~/api/sweep-client';
import type { Trial } from '~/api/sweep-schema';
import type { RunState } from '~/api/schema';
import { valueText } from '~/charts/parallel/LineCard';
import { Link } from '~/ui/Link';
import { StateMark } from '~/ui/StateMark';
import { Ticks } from '~/ui/Ticks';
import { cx } from '~/util/class-names';
import { formatDuration, formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { Section } from '../Section';
import { bestRow, sortRows, type SweepColumn, type TrialRow } from './model';

const ROW = 28;
const MOST_ROWS = 22;
const NAME_WIDTH = 200;
const NUMBER_WIDTH = 52;
const TIME_WIDTH = 84;
const REASON_WIDTH = 200;

export interface TrialTableProps {
  sweepRef: SweepRef;
  columns: SweepColumn[];
  rows: TrialRow[];
  /** How many there are without the ranges. */
  total: number;
  /** The column of the first objective; -1 without one. */
  sortedBy: number;
  lowBest: boolean;
  hoveredId: string | null;
  onHover: (id: string | null) => void;
}

interface Sort {
  /** A column of values, or -1 for the number. */
  column: number;
  descending: boolean;
}

/** The runs of a sweep: what they tried, what they reached, and why they were stopped. */
export function TrialTable({
  sweepRef,
  columns,
  rows,
  total,
  sortedBy,
  lowBest,
  hoveredId,
  onHover,
}: TrialTableProps) {
  const [sort, setSort] = useState<Sort>({ column: sortedBy, descending: !lowBest });
  const scroller = useRef<HTMLDivElement>(null);
  const sorted = useMemo(() => {
    if (sort.column >= 0) return sortRows(rows, sort.column, sort.descending);
    return sort.descending ? rows.toReversed() : rows;
  }, [rows, sort]);
  const best = useMemo(() => bestRow(rows, sortedBy, lowBest), [rows, sortedBy, lowBest]);
  // What was reached stands before what was chosen: it is looked for first.
  const order = useMemo(() => {
    const places = columns.map((_, index) => index);
    const isObjective = (place: number): boolean => columns[place].kind === 'objective';
    return [...places.filter(isObjective), ...places.filter(place => !isObjective(place))];
  }, [columns]);
  const numeric = useMemo(
    () => columns.map((_, place) => rows.some(({ values }) => typeof values[place] === 'number')),
    [columns, rows],
  );
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const hasReasons = rows.some(({ trial }) => trial.reason !== null);
  const template = [
    `${NUMBER_WIDTH}px`,
    `minmax(${NAME_WIDTH}px, 1fr)`,
    ...order.map(place => `${widthOf(columns[place], rows, place)}px`),
    `${TIME_WIDTH}px`,
    ...(hasReasons ? [`minmax(${REASON_WIDTH}px, 2fr)`] : []),
  ].join(' ');
  const sortBy = (column: number) =>
    setSort(old => ({ column, descending: old.column === column ? !old.descending : false }));
  const header = (name: string, column: number, isRight: boolean) => (
    <SortHeader
      key={`${name} ${column}`}
      name={name}
      sort={sort.column === column ? sort : null}
      isRight={isRight}
      onSort={() => sortBy(column)}
    />
  );
  return (
    <Section
      title="Runs"
      note={
        rows.length < total
          ? `${formatInteger(rows.length)} of ${plural(total, 'run')}: those within the ranges`
          : plural(total, 'run')
      }
    >
      {total > 0 && (
        <div
          ref={scroller}
          role="table"
          aria-label="Runs"
          aria-rowcount={rows.length + 1}
          // Scrollable by keyboard.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          className="overflow-auto border-y border-line"
          style={{ maxHeight: (MOST_ROWS + 1) * ROW }}
        >
          <div role="rowgroup" className="sticky top-0 z-10 w-max min-w-full bg-bg">
            <div
              role="row"
              className="grid border-b border-line"
              style={{ gridTemplateColumns: template }}
            >
              {header('#', -1, true)}
              <div role="columnheader" className="flex h-7 items-center px-2 text-12 text-ink-2">
                Run
              </div>
              {order.map(place => header(columns[place].label, place, numeric[place]))}
              <div
                role="columnheader"
                className="flex h-7 items-center justify-end px-2 text-12 text-ink-2"
              >
                Time
              </div>
              {hasReasons && (
                <div role="columnheader" className="flex h-7 items-center px-2 text-12 text-ink-2">
                  Why it ended
                </div>
              )}
            </div>
          </div>
          <div
            role="rowgroup"
            className="relative w-max min-w-full"
            style={{ height: virtual.getTotalSize() }}
          >
            {virtual.getVirtualItems().map(item => {
              const row = sorted[item.index];
              const { trial } = row;
              const id = trial.run?.id ?? null;
              return (
                <div
                  key={trial.number}
                  role="row"
                  aria-rowindex={item.index + 2}
                  className={cx(
                    'absolute inset-x-0 grid items-center border-b border-line hover:bg-surface',
                    id !== null && id === hoveredId && 'bg-surface',
                  )}
                  style={{ top: item.start, height: ROW, gridTemplateColumns: template }}
                  onPointerEnter={() => onHover(id)}
                  onPointerLeave={() => onHover(null)}
                >
                  <span role="cell" className="tabular px-2 text-right text-ink-3">
                    {trial.number}
                  </span>
                  <NameCell sweepRef={sweepRef} row={row} isBest={row === best} />
                  {order.map(place => (
                    <span
                      key={columns[place].key}
                      role="cell"
                      title={String(row.values[place] ?? 'none')}
                      className={cx(
                        'truncate px-2',
                        numeric[place] && 'tabular text-right',
                        columns[place].kind === 'objective' && 'font-medium',
                        row.values[place] === null && 'text-ink-3',
                      )}
                    >
                      {valueText(row.values[place])}
                    </span>
                  ))}
                  <span role="cell" className="tabular px-2 text-right text-ink-2">
                    {trial.run ? formatDuration(trial.run.duration_s) : ''}
                  </span>
                  {hasReasons && (
                    <span
                      role="cell"
                      className="truncate px-2 text-12 text-ink-2"
                      title={trial.reason ?? undefined}
                    >
                      <Ticks text={trial.reason ?? ''} />
                    </span>
                  )}
                </div>
              );
            })}
          </div>
        </div>
      )}
    </Section>
  );
}

interface SortHeaderProps {
  name: string;
  sort: Sort | null;
  isRight: boolean;
  onSort: () => void;
}

function SortHeader({ name, sort, isRight, onSort }: SortHeaderProps) {
  const Arrow = sort?.descending ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      aria-sort={sort ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      className="min-w-0"
    >
      <button
        type="button"
        onClick={onSort}
        title={name}
        className={cx(
          'flex h-7 w-full items-center gap-1 px-2 text-12 text-ink-2 hover:bg-hover',
          isRight && 'justify-end',
        )}
      >
        <span className="truncate">{name}</span>
        {sort && <Arrow className="size-3 shrink-0" aria-hidden />}
      </button>
    </div>
  );
}

/** What a run is called; a click anywhere on its row opens it. */
function NameCell({
  sweepRef,
  row: { trial, name },
  isBest,
}: {
  sweepRef: SweepRef;
  row: TrialRow;
  isBest: boolean;
}) {
  return (
    <span role="cell" className="flex min-w-0 items-center gap-2 px-2">
      <span className="flex w-3 shrink-0 justify-center">
        <StateMark state={markOf(trial)} />
      </span>
      {trial.run ? (
        <Link
          href={paths.run(sweepRef.entity, sweepRef.project, trial.run.id)}
          title={name}
          className="min-w-0 truncate after:absolute after:inset-0 hover:underline"
        >
          {name}
        </Link>
      ) : (
        <span className="min-w-0 truncate text-ink-3">{name}</span>
      )}
      {isBest && (
        <span className="shrink-0 rounded-full bg-accent-soft px-1.5 text-11 text-accent">
          best
        </span>
      )}
      {trial.is_prior && (
        <span className="shrink-0 text-11 text-ink-3" title="was there before the sweep">
          earlier
        </span>
      )}
      {trial.attempt > 1 && (
        <span className="shrink-0 text-11 text-ink-3" title="tried again">
          try {trial.attempt}
        </span>
      )}
    </span>
  );
}

/** What became of a trial, as the state of a run that looks so. */
function markOf({ outcome, run }: Trial): RunState {
  if (outcome === 'lost') return 'crashed';
  if (outcome === 'stopped' || outcome === 'deleted') return 'killed';
  return run?.state ?? outcome;
}

function widthOf({ label }: SweepColumn, rows: TrialRow[], place: number): number {
  const longest = Math.max(
    label.length + 2,
    ...rows.slice(0, 100).map(({ values }) => valueText(values[place]).length),
  );
  return Math.min(200, Math.max(72, longest * 7.8 + 20));
}
