import { useCallback, useImperativeHandle, useRef } from 'react';
import { ApiError } from '~/api/http';
import type { ChartLine } from '~/charts/draw-lines';
import { chartCsv } from '~/charts/export';
import { LineChart, type LineChartHandle } from '~/charts/LineChart';
import type { Zoom } from '~/charts/use-plot-pointer';
import { useSize } from '~/hooks/use-size';
import { setZoom, useZooms } from '~/stores/zooms';
import { ErrorState, Skeleton } from '~/ui/States';
import { Ticks } from '~/ui/Ticks';
import { formatInteger, plural } from '~/util/format';
import { describeDamage } from '../damage';
import { usePanelContext, type PanelGroup, type PanelProps, type PanelRun } from '../panel';
import { DASHES, axisOf, columnsFor } from './model';
import { describeSmoothing } from './smoothing';
import { useLines } from './use-lines';

/** Whether the line that reaches furthest may still grow. */
function leadsLive(lines: ChartLine[], owners: (PanelRun | PanelGroup)[]): boolean {
  const live = new Set(owners.filter(owner => owner.live).map(owner => owner.id));
  const reach = (line: ChartLine): number => line.columns.xMax[line.columns.xMax.length - 1];
  const furthest = Math.max(...lines.map(reach));
  return lines.some(line => live.has(line.id) && reach(line) >= furthest * 0.95);
}

export function LinePanel({ spec, active, large, ref }: PanelProps) {
  const { runs, groups, loader, settings } = usePanelContext();
  const axis = axisOf(settings.x, spec);
  const zoomId = `${spec.id}|${axis.id}`;
  const zoom = useZooms(state => state[zoomId]) ?? null;
  const onZoom = useCallback((next: Zoom | null) => setZoom(zoomId, next), [zoomId]);
  const [hostRef, size] = useSize<HTMLDivElement>();
  const columns = columnsFor(Math.max(size.width, 300));
  const { lines, loading, error, damaged, nPoints, nUnsmoothed, exact } = useLines(
    spec,
    columns,
    zoom?.x ?? null,
    active && size.width > 0,
  );
  const chart = useRef<LineChartHandle>(null);
  useImperativeHandle(ref, () => ({
    exportPng: () => chart.current?.png(spec.label) ?? Promise.resolve(null),
    exportCsv: () => (lines.length > 0 ? chartCsv(lines) : null),
  }));

  const empty = lines.length === 0;
  const damage = describeDamage(damaged, id => runs.find(run => run.id === id)?.name);
  return (
    <div ref={hostRef} className="flex size-full min-h-0 flex-col">
      <div className="relative min-h-0 flex-1">
        {empty && error && (
          <ErrorState
            error={error}
            onRetry={isRefusal(error) ? undefined : () => loader.retry()}
            className="p-2"
          />
        )}
        {empty && !error && runs.length > 0 && loading && <Skeleton className="absolute inset-2" />}
        {empty && !error && (runs.length === 0 || !loading) && (
          <p className="absolute inset-0 flex items-center justify-center text-12 text-ink-3">
            {runs.length === 0
              ? 'No run is shown'
              : `No shown run ${damage ? 'that can be read ' : ''}has logged this`}
          </p>
        )}
        {!empty && (
          <LineChart
            ref={chart}
            label={`${spec.label} over ${axis.label}, ${new Set(lines.map(line => line.id)).size} ${groups ? 'groups' : 'runs'}`}
            lines={lines}
            xKind={axis.kind}
            xLabel={axis.label}
            axisId={axis.id}
            zoom={zoom}
            onZoom={onZoom}
            active={active}
            logX={settings.logX && axis.kind !== 'time'}
            logY={settings.logY}
            live={leadsLive(lines, groups ?? runs)}
          />
        )}
        {!empty && error && (
          <p
            role="alert"
            className="absolute inset-x-2 top-0 truncate bg-bg/85 text-12 text-bad"
            title={error.message}
          >
            <Ticks text={error.message} />
          </p>
        )}
      </div>
      {damage && (
        <p
          role="status"
          className="shrink-0 truncate px-2 pb-1 text-12 text-warn"
          title={damage.details}
        >
          <Ticks text={damage.note} />
        </p>
      )}
      {spec.curves && spec.curves.length > 1 && !empty && <Dashes curves={spec.curves} />}
      {large && !empty && (
        <p className="tabular flex flex-wrap gap-x-3 px-2 pb-1 text-12 text-ink-3">
          <span>
            {formatInteger(nPoints)} points,{' '}
            {exact ? 'every one drawn' : 'exact minimum and maximum of each column'}
          </span>
          {settings.smoothing && <span>{describeSmoothing(settings.smoothing)}</span>}
          {nUnsmoothed > 0 && (
            <span className="text-warn">
              {plural(nUnsmoothed, 'curve')} of too many points to smooth, as logged
            </span>
          )}
          {zoom && <span>zoomed: double click to see all</span>}
        </p>
      )}
    </div>
  );
}

/** The server will not take the request, however often it is asked. */
function isRefusal(error: Error): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500;
}

/** Which dashes are which curve. */
function Dashes({ curves }: { curves: string[] }) {
  return (
    <ul aria-label="Curves" className="flex shrink-0 flex-wrap gap-x-4 px-2 pb-1 text-ink-2">
      {curves.map((curve, place) => (
        <li key={curve} className="flex min-w-0 items-center gap-1.5">
          <svg className="h-2 w-6 shrink-0" aria-hidden>
            <line
              x1="0"
              x2="24"
              y1="4"
              y2="4"
              stroke="currentColor"
              strokeWidth="1.5"
              strokeDasharray={DASHES[place % DASHES.length].join(' ')}
            />
          </svg>
          <code className="truncate font-mono text-11" title={curve}>
            {curve}
          </code>
        </li>
      ))}
    </ul>
  );
}
