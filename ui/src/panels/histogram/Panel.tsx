import { useMemo } from 'react';
import { HeatMapCanvas } from '~/charts/HeatMapCanvas';
import { PanelBody } from '../PanelBody';
import { usePanelContext, type PanelProps } from '../panel';
import { RunPicker } from '../RunPicker';
import { usePickedRun } from '../use-picked-run';
import { readHistograms, toHeatMap } from './model';

const ROWS = 64;

export function HistogramPanel({ spec, active, large }: PanelProps) {
  const { runs } = usePanelContext();
  const { run, pick, rows, loading, error, retry } = usePickedRun(spec.key, active);
  const histograms = useMemo(() => readHistograms(rows, spec.key), [rows, spec.key]);
  const map = useMemo(() => toHeatMap(histograms, large ? ROWS * 2 : ROWS), [histograms, large]);
  const empty = !run ? 'No run is shown' : map ? null : 'No histogram is logged here';
  return (
    <div className="flex size-full min-h-0 flex-col gap-1 px-2 pb-1">
      <RunPicker runs={runs} value={run?.id ?? ''} onChange={pick} />
      <PanelBody loading={loading} error={error} onRetry={retry} empty={empty}>
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
      </PanelBody>
    </div>
  );
}
