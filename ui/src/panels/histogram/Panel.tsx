import { useMemo } from 'react';
import { HeatMapCanvas } from '~/charts/HeatMapCanvas';
import { formatInteger } from '~/util/format';
import { PanelBody } from '../PanelBody';
import { usePanelContext, type PanelProps } from '../panel';
import { RunPicker } from '../RunPicker';
import { usePickedRun } from '../use-picked-run';
import { useNewestRows } from '../use-rows';
import { readHistograms, toHeatMap } from './model';

const ROWS = 64;
/** Of a long run the newest windows are drawn, some thousand steps. */
const MAX_WINDOWS = 6;

export function HistogramPanel({ spec, active, large }: PanelProps) {
  const { runs } = usePanelContext();
  const { run, pick, extent, nothing, error, retry } = usePickedRun(spec.key, active);
  const { rows, isPending, ...read } = useNewestRows(run, extent, spec.key, MAX_WINDOWS, active);
  const histograms = useMemo(() => readHistograms(rows, spec.key), [rows, spec.key]);
  const map = useMemo(() => toHeatMap(histograms, large ? ROWS * 2 : ROWS), [histograms, large]);
  const empty = map ? null : nothing;
  return (
    <div className="flex size-full min-h-0 flex-col gap-1 px-2 pb-1">
      <RunPicker runs={runs} value={run?.id ?? ''} onChange={pick} />
      <PanelBody
        loading={run !== undefined && !map && (extent === undefined || isPending)}
        error={error ?? read.error}
        onRetry={retry}
        empty={empty}
      >
        {map && (
          <div className="min-h-0 flex-1">
            <HeatMapCanvas
              {...map}
              label={`${spec.label}: distributions over ${map.columns} steps`}
              color={run?.color ?? 'var(--accent)'}
              stepOf={column => histograms[column]?.step ?? 0}
            />
          </div>
        )}
        {map && extent && rows.length < extent.count && !isPending && (
          <p className="tabular text-12 text-ink-3">
            newest {formatInteger(rows.length)} of {formatInteger(extent.count)} histograms
          </p>
        )}
      </PanelBody>
    </div>
  );
}
