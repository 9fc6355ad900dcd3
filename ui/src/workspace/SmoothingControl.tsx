import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useSettling } from '~/hooks/use-settling';
import { SMOOTHERS, choosing, fitting, smootherOf } from '~/panels/line/smoothing';
import { Button } from '~/ui/Button';
import { Menu, type MenuEntry } from '~/ui/Menu';
import { usePageSearch } from './use-search';

/** How curves are smoothed and how much: a kind, a slider, and a field for what the slider does not reach. */
export function SmoothingControl() {
  const [search, change] = usePageSearch();
  const smoother = smootherOf(search.smoother);
  const [draft, setDraft] = useSettling(search.smooth ?? 0, smooth =>
    change({ smooth: smooth || undefined }),
  );
  // What is being typed stays as it is typed: `0.` is on its way to somewhere.
  const [typed, setTyped] = useState<string | null>(null);
  const set = (value: number) => {
    if (Number.isFinite(value)) setDraft(fitting(smoother, value));
  };
  const entries = (): MenuEntry[] => [
    {
      kind: 'check',
      label: 'None',
      checked: search.smooth === undefined,
      onSelect: () => change({ smooth: undefined }),
    },
    { kind: 'line' },
    ...SMOOTHERS.map(({ kind, label }): MenuEntry => ({
      kind: 'check',
      label,
      checked: search.smooth !== undefined && smoother.kind === kind,
      onSelect: () => change(choosing(kind, search)),
    })),
  ];
  const { parameter, slider, most, decimals } = smoother;
  return (
    <div role="group" aria-label="Smoothing" className="flex h-7 items-center gap-1.5">
      <Menu entries={entries} align="start">
        <Button tone="quiet" title="Kind of smoothing" className="px-1.5 font-normal">
          <span className="text-ink-3 max-sm:sr-only">smooth:</span> {smoother.label}
          <ChevronDown className="size-3.5 text-ink-3" aria-hidden />
        </Button>
      </Menu>
      <input
        type="range"
        aria-label={`Smoothing: ${parameter}`}
        min={0}
        max={slider.max}
        step={slider.step}
        value={Math.min(draft, slider.max)}
        onChange={event => set(Number(event.target.value))}
        onDoubleClick={() => setDraft(0)}
        className="w-24 accent-accent max-sm:w-20"
      />
      <input
        type="number"
        aria-label={`Smoothing: ${parameter}, typed`}
        title={`${parameter}, up to ${most.toLocaleString('en-US')}; 0 smooths nothing`}
        min={0}
        max={most}
        step={slider.step}
        value={typed ?? draft.toFixed(Math.max(decimals, decimalsIn(draft)))}
        onChange={event => {
          setTyped(event.target.value);
          set(event.target.valueAsNumber);
        }}
        onBlur={() => setTyped(null)}
        className="tabular h-6 w-12 rounded-sm border border-transparent bg-transparent px-1 text-ink-2 [appearance:textfield] hover:border-line-strong focus:border-accent focus:outline-none [&::-webkit-inner-spin-button]:appearance-none"
      />
    </div>
  );
}

/** Decimals of a number that somebody typed. */
function decimalsIn(value: number): number {
  return String(value).split('.')[1]?.length ?? 0;
}
