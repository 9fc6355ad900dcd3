import { useCallback, useMemo, useState } from 'react';
import type { JsonObject } from '~/api/schema';
import { Ticks } from '~/ui/Ticks';
import { PanelBody } from '../PanelBody';
import { usePanelContext, type PanelProps } from '../panel';
import { TableInstead } from './TableInstead';
import { useCustomChart } from './use-custom-chart';
import { VegaChart } from './VegaChart';

export function CustomPanel({ spec, active }: PanelProps) {
  const { ref, runs } = usePanelContext();
  const chart = useCustomChart(ref, runs, spec.key, active);
  const colors = useMemo(() => new Map(runs.map(run => [run.name, run.color])), [runs]);
  const [failed, setFailed] = useState<{ spec: JsonObject; reason: string } | null>(null);
  const { spec: drawing } = chart;
  const onFailure = useCallback(
    (reason: string) => drawing && setFailed({ spec: drawing, reason }),
    [drawing],
  );
  const failure =
    failed?.spec === drawing && failed ? `the chart cannot be drawn: ${failed.reason}` : null;
  const undrawn = chart.undrawn ?? failure;
  const empty =
    runs.length === 0
      ? 'No run is shown'
      : drawing || undrawn
        ? null
        : 'No shown run has logged this chart';
  return (
    <div className="flex size-full min-h-0 flex-col px-2 pb-1">
      <PanelBody
        loading={chart.loading}
        error={drawing || undrawn ? null : chart.error}
        empty={empty}
      >
        {undrawn ? (
          <TableInstead
            reason={undrawn}
            tables={chart.tables}
            runRef={{ ...ref, run: runs[0]?.id ?? '' }}
            label={spec.label}
          />
        ) : (
          drawing && (
            <VegaChart label={spec.label} spec={drawing} runs={colors} onFailure={onFailure} />
          )
        )}
        {chart.error && (
          <span className="text-12 text-bad">
            <Ticks text={`not every run is drawn: ${chart.error.message}`} />
          </span>
        )}
        {runs.length > chart.nRuns && (
          <span className="text-12 text-ink-3">
            {chart.nRuns} of {runs.length} runs
          </span>
        )}
      </PanelBody>
    </div>
  );
}
