import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { SlidersHorizontal } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { SweepRef } from '~/api/sweep-client';
import { sweepQueries } from '~/api/sweep-queries';
import type { SweepDetail, Trial } from '~/api/sweep-schema';
import { ImportanceBars } from '~/charts/importance/ImportanceBars';
import { makeAxis, passes, type AxisChoice } from '~/charts/parallel/axes';
import type { ParallelLine } from '~/charts/parallel/lines';
import { ParallelCoordinates } from '~/charts/parallel/ParallelCoordinates';
import { shownPoints, wantsLog, type ProgressPoint } from '~/charts/progress/model';
import { ProgressChart } from '~/charts/progress/ProgressChart';
import { useHoveredRun } from '~/stores/hovered-run';
import { Button, IconButton } from '~/ui/Button';
import { Menu } from '~/ui/Menu';
import { Select } from '~/ui/Select';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { useAddress } from '~/workspace/use-search';
import { Section } from '../Section';
import {
  inOrder,
  isLive,
  isLowBest,
  moved,
  sweepColumns,
  trialRows,
  type SweepColumn,
  type TrialRow,
} from './model';
import { RampLegend } from './RampLegend';
import { withChoice, withoutBrushes, type SweepSearch } from './search';
import { TrialTable } from './TrialTable';

/** Fewer runs than these say nothing about which parameter matters. */
const LEAST_FOR_IMPORTANCE = 4;
const NO_CHOICES: Record<string, AxisChoice> = {};

export interface SweepChartsProps {
  sweepRef: SweepRef;
  sweep: SweepDetail;
  trials: Trial[];
  /** What stands between the charts and the table. */
  children: ReactNode;
}

/** What a sweep has tried and what came of it: as lines, as bars, over time, and as a table. */
export function SweepCharts({ sweepRef, sweep, trials, children }: SweepChartsProps) {
  const [search, change] = useAddress<SweepSearch>();
  const router = useRouter();
  const { runId, hover } = useHover();
  const all = useMemo(() => sweepColumns(sweep), [sweep]);
  const rows = useMemo(() => trialRows(sweep, trials), [sweep, trials]);
  const choices = search.axes ?? NO_CHOICES;
  const lit = useMemo(() => rowsWithin(all, rows, choices), [all, rows, choices]);
  const [objective] = sweep.objectives;
  const lowBest = isLowBest(objective);
  const objectiveColumn = all.findIndex(({ kind }) => kind === 'objective');
  const open = (id: string, inNewTab: boolean) => {
    const href = paths.run(sweepRef.entity, sweepRef.project, id);
    if (inNewTab) window.open(href, '_blank', 'noreferrer');
    else router.history.push(href);
  };
  const nBrushed = Object.values(choices).filter(({ brush }) => brush).length;
  return (
    <>
      <ParallelSection
        sweepRef={sweepRef}
        columns={all}
        rows={rows}
        lowBest={lowBest}
        hoveredId={runId}
        onHover={hover}
        onOpen={open}
        note={
          nBrushed > 0 ? (
            <>
              <span role="status" className="tabular text-12 text-ink-2">
                {formatInteger(lit.length)} of {plural(rows.length, 'run')} within the ranges
              </span>
              <Button tone="quiet" onClick={() => change({ axes: withoutBrushes(choices) })}>
                Clear ranges
              </Button>
            </>
          ) : null
        }
      />
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-2">
        <ImportanceSection sweepRef={sweepRef} sweep={sweep} metric={objective?.metric} />
        <ProgressSection
          sweepRef={sweepRef}
          rows={rows}
          column={objectiveColumn}
          metric={objective?.metric}
          lowBest={lowBest}
          hoveredId={runId}
          onHover={hover}
          onOpen={open}
        />
      </div>
      {children}
      <TrialTable
        sweepRef={sweepRef}
        columns={all}
        rows={lit}
        total={rows.length}
        sortedBy={objectiveColumn}
        lowBest={lowBest}
        hoveredId={runId}
        onHover={hover}
      />
    </>
  );
}

function useHover() {
  const runId = useHoveredRun(state => state.runId);
  return { runId, hover: (id: string | null) => useHoveredRun.setState({ runId: id }) };
}

/** The rows that every brush lets through. */
function rowsWithin(
  columns: SweepColumn[],
  rows: TrialRow[],
  choices: Record<string, AxisChoice>,
): TrialRow[] {
  const brushed = columns.flatMap(({ key }, index) => {
    const brush = choices[key]?.brush;
    const values = rows.map(row => row.values[index]);
    return brush ? [{ index, brush, axis: makeAxis(key, values) }] : [];
  });
  if (brushed.length === 0) return rows;
  return rows.filter(({ values }) =>
    brushed.every(({ index, brush, axis }) => passes(axis, brush, values[index])),
  );
}

interface ChartProps {
  sweepRef: SweepRef;
  rows: TrialRow[];
  lowBest: boolean;
  hoveredId: string | null;
  onHover: (id: string | null) => void;
  onOpen: (run: string, inNewTab: boolean) => void;
}

function ParallelSection({
  sweepRef,
  columns: all,
  rows,
  lowBest,
  hoveredId,
  onHover,
  onOpen,
  note,
}: ChartProps & { columns: SweepColumn[]; note: ReactNode }) {
  const [search, change] = useAddress<SweepSearch>();
  const { entity, project } = sweepRef;
  const { off = [], order } = search;
  const columns = useMemo(
    () => inOrder(all, order).filter(({ key }) => !off.includes(key)),
    [all, order, off],
  );
  const lines = useMemo<ParallelLine[]>(() => {
    const places = columns.map(({ key }) => all.findIndex(column => column.key === key));
    return rows.map(({ trial, name, values }) => ({
      id: trial.run?.id ?? `trial-${trial.number}`,
      name,
      href: trial.run ? paths.run(entity, project, trial.run.id) : '',
      values: places.map(place => values[place]),
    }));
  }, [columns, all, rows, entity, project]);
  const metric = all.find(({ kind }) => kind === 'objective') ?? all.at(-1);
  const colored = all.find(({ key }) => key === search.color) ?? metric;
  const coloredPlace = columns.findIndex(({ key }) => key === colored?.key);
  const isLow = colored?.kind === 'objective' && lowBest;
  const keys = columns.map(({ key }) => key);
  if (all.length === 0 || rows.length === 0) {
    return (
      <Section title="Parallel coordinates">
        <p className="flex h-24 items-center text-ink-3">
          {rows.length === 0
            ? 'Every run will be a line here, across its parameters to what it reached.'
            : 'No parameter of this sweep varies.'}
        </p>
      </Section>
    );
  }
  return (
    <Section
      title="Parallel coordinates"
      action={
        <span className="flex flex-wrap items-center justify-end gap-2">
          {note}
          <span className="flex items-center gap-1.5 text-12 text-ink-3">
            colour
            <Select
              bare
              label="Colour by"
              value={colored?.key ?? ''}
              onChange={key => change({ color: key === metric?.key ? undefined : key })}
              options={columns.map(({ key, label }) => [key, label])}
              className="max-w-40"
            />
          </span>
          {colored && coloredPlace >= 0 && (
            <RampLegend
              axis={makeAxis(
                colored.key,
                lines.map(({ values }) => values[coloredPlace]),
                search.axes?.[colored.key],
                colored.log,
              )}
              isLowBest={isLow}
            />
          )}
          <Menu
            entries={() => [
              { kind: 'heading', label: 'Axes' },
              ...all.map(({ key, label }) => ({
                kind: 'check' as const,
                label,
                checked: !off.includes(key),
                onSelect: () => {
                  const next = off.includes(key) ? off.filter(x => x !== key) : [...off, key];
                  change({ off: next.length > 0 ? next : undefined });
                },
              })),
            ]}
          >
            <IconButton label="Axes">
              <SlidersHorizontal aria-hidden />
            </IconButton>
          </Menu>
        </span>
      }
    >
      {columns.length === 0 ? (
        <p className="flex h-24 items-center text-ink-3">Every axis is switched off.</p>
      ) : (
        <ParallelCoordinates
          label="runs of the sweep"
          columns={columns}
          lines={lines}
          choices={search.axes ?? NO_CHOICES}
          onChoose={(key, choice) => change({ axes: withChoice(search.axes, key, choice) })}
          colorBy={colored?.key ?? ''}
          isLowBest={isLow}
          hoveredId={hoveredId}
          onHover={onHover}
          onOpen={(line, inNewTab) => line.href && onOpen(line.id, inNewTab)}
          axisEntries={({ key }) => [
            { kind: 'line' },
            ...[
              { label: 'Move left', by: -1 },
              { label: 'Move right', by: 1 },
            ].map(({ label, by }) => ({
              label,
              disabled: keys[by < 0 ? 0 : keys.length - 1] === key,
              onSelect: () => change({ order: moved(keys, key, by) }),
            })),
            { label: 'Hide', onSelect: () => change({ off: [...off, key] }) },
          ]}
        />
      )}
    </Section>
  );
}

function ImportanceSection({
  sweepRef,
  sweep,
  metric,
}: {
  sweepRef: SweepRef;
  sweep: SweepDetail;
  metric: string | undefined;
}) {
  const nCounted = sweep.counts.finished + sweep.counts.stopped + sweep.counts.prior;
  const isEnough = nCounted >= LEAST_FOR_IMPORTANCE;
  const { data, error } = useQuery({
    ...sweepQueries.importance(sweepRef, metric ?? ''),
    enabled: metric !== undefined && isEnough,
  });
  const body =
    metric === undefined ? (
      <p className="text-ink-3">The config names no metric that parameters could matter for.</p>
    ) : !isEnough ? (
      <p className="text-ink-3">
        {nCounted} of the {LEAST_FOR_IMPORTANCE} runs that have to end first.
      </p>
    ) : error && !data ? (
      <ErrorState error={error} className="p-0!" />
    ) : !data ? (
      <SkeletonRows rows={6} />
    ) : data.items.length === 0 ? (
      <p className="text-ink-3">Nothing that varies explains {metric} yet.</p>
    ) : (
      <ImportanceBars
        label={`Importance for ${metric}`}
        metric={metric}
        items={data.items.map(({ parameter, importance, correlation }) => ({
          key: parameter,
          label: parameter,
          importance,
          correlation,
        }))}
      />
    );
  return (
    <Section
      title="Parameter importance"
      note={data && isEnough ? `for ${metric}, from ${plural(data.n_runs, 'run')}` : undefined}
    >
      <div className="min-h-36">{body}</div>
    </Section>
  );
}

function ProgressSection({
  sweepRef,
  rows,
  column,
  metric,
  lowBest,
  hoveredId,
  onHover,
  onOpen,
}: ChartProps & { column: number; metric: string | undefined }) {
  const [{ logy, bynumber }, change] = useAddress<SweepSearch>();
  const { entity, project } = sweepRef;
  const points = useMemo<ProgressPoint[]>(
    () =>
      column < 0
        ? []
        : rows.flatMap(({ trial, name, values }) =>
            trial.run === null
              ? []
              : [
                  {
                    id: trial.run.id,
                    name,
                    href: paths.run(entity, project, trial.run.id),
                    x: bynumber ? trial.number : Date.parse(trial.run.created_at) / 1000,
                    value: values[column] as number | null,
                    isLive: isLive(trial),
                  },
                ],
          ),
    [rows, column, bynumber, entity, project],
  );
  const shown = shownPoints(points);
  const isLog = logy ?? wantsLog(shown.map(({ value }) => value));
  return (
    <Section
      title={metric ? `${metric} over time` : 'Metric over time'}
      note={shown.length > 0 ? 'the line is the best so far' : undefined}
      action={
        shown.length > 0 && (
          <span className="flex gap-2">
            <Select
              bare
              label="Order of the runs"
              value={bynumber ? 'number' : 'time'}
              onChange={value => change({ bynumber: value === 'number' || undefined })}
              options={[
                ['time', 'by time'],
                ['number', 'by number'],
              ]}
            />
            <Button aria-pressed={isLog} onClick={() => change({ logy: !isLog })}>
              {isLog ? 'log' : 'linear'}
            </Button>
          </span>
        )
      }
    >
      {shown.length === 0 ? (
        <p className="min-h-36 text-ink-3">
          {metric === undefined
            ? 'The config names no metric.'
            : `No run has reported ${metric} yet.`}
        </p>
      ) : (
        <ProgressChart
          label={`${metric} over time`}
          metric={metric ?? ''}
          points={points}
          xKind={bynumber ? 'number' : 'time'}
          isLowBest={lowBest}
          log={logy}
          hoveredId={hoveredId}
          onHover={onHover}
          onOpen={({ id }, inNewTab) => onOpen(id, inNewTab)}
        />
      )}
    </Section>
  );
}
