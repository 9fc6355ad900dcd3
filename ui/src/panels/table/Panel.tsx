import { useMemo, useState } from 'react';
import { TableView } from '~/table/TableView';
import { StepSlider } from '../StepSlider';
import { PanelBody } from '../PanelBody';
import { usePanelContext, type PanelProps } from '../panel';
import { RunPicker } from '../RunPicker';
import { usePickedRun } from '../use-picked-run';
import { useRowsAt } from '../use-rows';
import { useStepRange } from '../use-step-range';
import { loggedTables } from './model';
import { useTableFile } from './use-table-file';

export function TablePanel({ spec, active }: PanelProps) {
  const { ref, runs } = usePanelContext();
  const { run, pick, extent, nothing, error, retry } = usePickedRun(spec.key, active);
  const [step, setStep] = useState<number | null>(null);
  const shown = useMemo(() => (run ? [run] : []), [run]);
  const found = useRowsAt(shown, [extent], spec.key, step, active && run !== undefined);
  const tables = useMemo(() => loggedTables(found[0]?.rows ?? [], spec.key), [found, spec.key]);
  const range = useStepRange(found, tables);
  const runRef = { ...ref, run: run?.id ?? '' };
  const wanted = step === null ? tables.at(-1) : tables.findLast(table => table.step <= step);
  const file = useTableFile(runRef, wanted?.path);
  const isPending = extent === undefined || (found[0]?.isPending ?? false);
  const empty = run && (tables.length > 0 || isPending) ? null : nothing;
  const failure = error ?? found[0]?.error ?? file.error;
  return (
    <div className="flex size-full min-h-0 flex-col gap-1 px-2 pb-1">
      <RunPicker runs={runs} value={run?.id ?? ''} onChange={pick} />
      <PanelBody
        loading={run !== undefined && !file.data && (isPending || file.isPending)}
        error={failure}
        onRetry={error ? retry : () => void file.refetch()}
        empty={empty}
      >
        {file.data && <TableView table={file.data} owner={runRef} label={spec.label} />}
        {range && (range.all.min < range.all.max || tables.length > 1) && (
          <StepSlider range={range} step={step ?? range.newest} onChange={setStep} />
        )}
      </PanelBody>
    </div>
  );
}
