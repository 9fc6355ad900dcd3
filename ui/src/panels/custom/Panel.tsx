import { useMemo } from 'react';
import { PanelBody } from '../PanelBody';
import { usePanelContext, type PanelProps } from '../panel';
import { useCustomChart } from './use-custom-chart';
import { VegaChart } from './VegaChart';

export function CustomPanel({ spec, active }: PanelProps) {
  const { ref, runs } = usePanelContext();
  const chart = useCustomChart(ref, runs, spec.key, active);
  const colors = useMemo(() => new Map(runs.map(run => [run.name, run.color])), [runs]);
  const empty =
    runs.length === 0
      ? 'No run is shown'
      : chart.spec
        ? null
        : 'No shown run has logged this chart';
  return (
    <div className="flex size-full min-h-0 flex-col px-2 pb-1">
      <PanelBody loading={chart.loading} error={chart.error} empty={empty}>
        {chart.spec && <VegaChart label={spec.label} spec={chart.spec} runs={colors} />}
        {runs.length > chart.nRuns && (
          <span className="text-12 text-ink-3">
            {chart.nRuns} of {runs.length} runs
          </span>
        )}
      </PanelBody>
    </div>
  );
}
