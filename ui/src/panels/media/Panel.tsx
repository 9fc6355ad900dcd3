import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { RunRef } from '~/api/client';
import { queries } from '~/api/queries';
import { cx } from '~/util/class-names';
import { PanelBody } from '../PanelBody';
import { usePanelContext, type PanelProps, type PanelRun } from '../panel';
import { Lightbox } from './Lightbox';
import { MediaTile } from './MediaTile';
import { mediaAt, mediaSteps, type MediaItem, type MediaStep } from './model';
import { overlayNames } from './Overlays';
import { StepSlider } from './StepSlider';

const MAX_RUNS = 4;
const MAX_RUNS_LARGE = 24;

interface Shown {
  run: PanelRun;
  steps: MediaStep[];
}

export function MediaPanel({ spec, active, large }: PanelProps) {
  const { ref, runs } = usePanelContext();
  const limit = large ? MAX_RUNS_LARGE : MAX_RUNS;
  const asked = useMemo(() => runs.slice(0, limit), [runs, limit]);
  const results = useQueries({
    queries: asked.map(run => ({
      ...queries.rows({ ...ref, run: run.id }, spec.key),
      enabled: active,
    })),
  });
  const shown: Shown[] = asked
    .map((run, index) => ({ run, steps: mediaSteps(results[index].data?.items ?? [], spec.key) }))
    .filter(entry => entry.steps.length > 0);
  const allSteps = [
    ...new Set(shown.flatMap(entry => entry.steps.map(({ step }) => step))),
  ].toSorted((a, b) => a - b);
  const [chosen, setChosen] = useState<number | null>(null);
  const step = chosen ?? allSteps.at(-1) ?? 0;
  const [off, setOff] = useState(() => new Set<string>());
  const [open, setOpen] = useState<{ run: RunRef; item: MediaItem } | null>(null);
  const visible = shown.map(({ run, steps }) => ({ run, at: mediaAt(steps, step) }));
  const overlays = [...new Set(visible.flatMap(({ at }) => at?.items.flatMap(overlayNames) ?? []))];
  const error = results.find(result => result.error)?.error ?? null;
  const loading =
    asked.length > 0 && shown.length === 0 && results.some(result => result.isPending);
  const empty =
    runs.length === 0
      ? 'No run is shown'
      : shown.length === 0
        ? 'No shown run has logged this'
        : null;

  const move = (by: number) => {
    const place = allSteps.findLastIndex(candidate => candidate <= step);
    const next = allSteps[place + by];
    if (next !== undefined) setChosen(next);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (
      !(event.metaKey || event.ctrlKey) ||
      (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')
    )
      return;
    event.preventDefault();
    event.stopPropagation();
    move(event.key === 'ArrowLeft' ? -1 : 1);
  };
  const toggle = (name: string) =>
    setOff(old => {
      const next = new Set(old);
      if (!next.delete(name)) next.add(name);
      return next;
    });

  return (
    <div className="flex size-full min-h-0 flex-col gap-1 px-2 pb-1" onKeyDown={onKeyDown}>
      <PanelBody loading={loading} error={shown.length === 0 ? error : null} empty={empty}>
        <div
          // Scrollable by keyboard.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          role="group"
          aria-label={`${spec.label} at step ${step}`}
          className={cx(
            'grid min-h-0 flex-1 gap-2 overflow-auto',
            visible.length > 1 &&
              'auto-rows-[minmax(9rem,1fr)] grid-cols-[repeat(auto-fill,minmax(11rem,1fr))]',
          )}
        >
          {visible.map(({ run, at }) => (
            <section key={run.id} aria-label={run.name} className="flex min-h-0 min-w-0 flex-col">
              <h4 className="flex min-w-0 items-center gap-1.5 text-12 text-ink-3">
                <span className="size-2 shrink-0 rounded-full" style={{ background: run.color }} />
                <span className="truncate">{run.name}</span>
                {at && at.step !== step && (
                  <span className="tabular ml-auto whitespace-nowrap">step {at.step}</span>
                )}
              </h4>
              <div
                className={cx(
                  'grid min-h-0 flex-1 gap-1 overflow-auto',
                  (at?.items.length ?? 0) > 1 && 'grid-cols-[repeat(auto-fill,minmax(5rem,1fr))]',
                )}
              >
                {at?.items.map(item => (
                  <MediaTile
                    key={item.path}
                    run={{ ...ref, run: run.id }}
                    item={item}
                    off={off}
                    onOpen={() => setOpen({ run: { ...ref, run: run.id }, item })}
                  />
                ))}
                {!at && <span className="text-12 text-ink-3">nothing up to this step</span>}
              </div>
            </section>
          ))}
        </div>
        {overlays.length > 0 && (
          <div className="flex flex-wrap gap-1" role="group" aria-label="Overlays">
            {overlays.map(name => (
              <button
                key={name}
                type="button"
                aria-pressed={!off.has(name)}
                onClick={() => toggle(name)}
                className={cx(
                  'h-6 rounded-full border border-line px-2 text-12',
                  off.has(name) ? 'text-ink-3 line-through' : 'text-ink',
                )}
              >
                {name.replace(/^\w+:/, '')}
              </button>
            ))}
          </div>
        )}
        <div className="flex items-center gap-3">
          <div className="min-w-0 flex-1">
            <StepSlider steps={allSteps} step={step} onChange={setChosen} />
          </div>
          {runs.length > asked.length && (
            <span className="text-12 text-ink-3">
              {asked.length} of {runs.length} runs
            </span>
          )}
        </div>
      </PanelBody>
      {open && <Lightbox run={open.run} item={open.item} off={off} onClose={() => setOpen(null)} />}
    </div>
  );
}
