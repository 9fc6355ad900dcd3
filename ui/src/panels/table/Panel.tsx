import { useState } from 'react';
import { TableView } from '~/table/TableView';
import { StepSlider } from '../media/StepSlider';
import { PanelBody } from '../PanelBody';
import { usePanelContext, type PanelProps } from '../panel';
import { RunPicker } from '../RunPicker';
import { usePickedRun } from '../use-picked-run';
import { loggedTables } from './model';
import { useTableFile } from './use-table-file';

export function TablePanel({ spec, active }: PanelProps) {
  const { ref, runs } = usePanelContext();
  const { run, pick, rows, loading, error, retry } = usePickedRun(spec.key, active);
  const [step, setStep] = useState(Number.POSITIVE_INFINITY);
  const runRef = { ...ref, run: run?.id ?? '' };
  const tables = loggedTables(rows, spec.key);
  const chosen = tables.findLast(table => table.step <= step) ?? tables.at(-1);
  const file = useTableFile(runRef, chosen?.path);
  const empty = !run ? 'No run is shown' : chosen ? null : 'No table is logged here';
  return (
    <div className="flex size-full min-h-0 flex-col gap-1 px-2 pb-1">
      <RunPicker runs={runs} value={run?.id ?? ''} onChange={pick} />
      <PanelBody
        loading={loading || (chosen !== undefined && file.isPending)}
        error={error ?? file.error}
        onRetry={error ? retry : () => void file.refetch()}
        empty={empty}
      >
        {file.data && <TableView table={file.data} run={runRef} label={spec.label} />}
        {tables.length > 1 && chosen && (
          <StepSlider
            steps={tables.map(table => table.step)}
            step={chosen.step}
            onChange={setStep}
          />
        )}
      </PanelBody>
    </div>
  );
}
