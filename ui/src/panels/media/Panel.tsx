import { useMemo, useRef, useState } from 'react';
import type { RunRef } from '~/api/client';
import { cx } from '~/util/class-names';
import { formatInteger } from '~/util/format';
import { PanelBody } from '../PanelBody';
import { usePanelContext, type PanelProps } from '../panel';
import { stepBeside } from '../row-windows';
import { StepSlider } from '../StepSlider';
import { useExtents, useRowsAt } from '../use-rows';
import { useStepRange } from '../use-step-range';
import { Lightbox } from './Lightbox';
import { MediaTile } from './MediaTile';
import { mediaAt, mediaSteps, type MediaItem, type MediaStep } from './model';
import { overlayNames } from './Overlays';

const MAX_RUNS = 4;
const MAX_RUNS_LARGE = 24;

export function MediaPanel({ spec, active, large }: PanelProps) {
  const { ref, runs } = usePanelContext();
  const limit = large ? MAX_RUNS_LARGE : MAX_RUNS;
  const asked = useMemo(() => runs.slice(0, limit), [runs, limit]);
  const [chosen, setChosen] = useState<number | null>(null);
  const extents = useExtents(asked, spec.key, active);
  const found = useRowsAt(asked, extents.extents, spec.key, chosen, active);
  const steps = useMemo(
    () => found.map(({ rows }) => mediaSteps(rows, spec.key)),
    [found, spec.key],
  );
  const range = useStepRange(
    found,
    useMemo(() => steps.flat(), [steps]),
  );
  const step = chosen ?? range?.newest ?? 0;
  const held = useRef(new Map<string, MediaStep>());
  const [off, setOff] = useState(() => new Set<string>());
  const [open, setOpen] = useState<{ run: RunRef; item: MediaItem } | null>(null);
  const visible = asked.flatMap((run, place) => {
    const { extent, isPending } = found[place];
    if (!extent) return [];
    const at = mediaAt(steps[place], step);
    if (at) held.current.set(run.id, at);
    // While a far step is on its way, what stood there stays.
    return [{ run, isPending, at: at ?? (isPending ? held.current.get(run.id) : null) ?? null }];
  });
  const overlays = [...new Set(visible.flatMap(({ at }) => at?.items.flatMap(overlayNames) ?? []))];
  const error = extents.error ?? found.find(run => run.error)?.error ?? null;
  const isKnown = visible.some(({ at, isPending }) => at || !isPending);
  const loading = asked.length > 0 && !isKnown && found.some(run => run.isPending);
  const empty =
    runs.length === 0
      ? 'No run is shown'
      : visible.length === 0
        ? 'No shown run has logged this'
        : null;

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (
      !(event.metaKey || event.ctrlKey) ||
      (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')
    )
      return;
    event.preventDefault();
    event.stopPropagation();
    if (range) setChosen(stepBeside(range, step, event.key === 'ArrowLeft' ? -1 : 1));
  };
  const toggle = (name: string) =>
    setOff(old => {
      const next = new Set(old);
      if (!next.delete(name)) next.add(name);
      return next;
    });

  return (
    <div className="flex size-full min-h-0 flex-col gap-1 px-2 pb-1" onKeyDown={onKeyDown}>
      <PanelBody loading={loading} error={isKnown ? null : error} empty={empty}>
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
          {visible.map(({ run, at, isPending }) => (
            <div
              key={run.id}
              role="group"
              aria-label={run.name}
              className="flex min-h-0 min-w-0 flex-col"
            >
              <h4
                className={cx(
                  'flex min-w-0 items-center gap-1.5 text-12 text-ink-3',
                  // One run needs no name; only a step that is not the chosen one is told.
                  runs.length === 1 && (!at || at.step === step) && 'sr-only',
                )}
              >
                <span className="size-2 shrink-0 rounded-full" style={{ background: run.color }} />
                <span className="truncate">{run.name}</span>
                {at && at.step !== step && (
                  <span className="tabular ml-auto whitespace-nowrap">
                    step {formatInteger(at.step)}
                  </span>
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
                    owner={{ ...ref, run: run.id }}
                    item={item}
                    off={off}
                    onOpen={() => setOpen({ run: { ...ref, run: run.id }, item })}
                  />
                ))}
                {at && at.count > at.items.length && (
                  <span className="text-12 text-warn">
                    {at.items.length} of {formatInteger(at.count)} shown
                  </span>
                )}
                {!at && (
                  <span className="text-12 text-ink-3">
                    {isPending ? 'loading…' : 'nothing up to this step'}
                  </span>
                )}
              </div>
            </div>
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
            {range && <StepSlider range={range} step={step} onChange={setChosen} />}
          </div>
          {found.some(run => run.isCut) && (
            <span className="text-12 text-warn">not every value near this step is shown</span>
          )}
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
