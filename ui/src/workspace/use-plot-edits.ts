import { useMemo } from 'react';
import type { PanelSpec } from '~/panels/panel';
import { plotPanels } from '~/panels/sections';
import { showToast } from '~/stores/toasts';
import { MAX_PLOTS } from './search';
import { useUndoableSearch } from './use-search';

/** A window over the panels that asks for expressions. */
export type OpenDialog = { kind: 'x' } | { kind: 'plot'; replaces: PanelSpec | null };

export interface PlotEdits {
  onEdit: (panel: PanelSpec) => void;
  onRemove: (panel: PanelSpec) => void;
  /** Puts a panel in the place of another, or before all others. */
  onSave: (curves: string[], replaces: PanelSpec | null) => void;
}

/** Changes to the panels that somebody added, which the address holds; each can be taken back. */
export function usePlotEdits(
  plots: string[][],
  setDialog: (dialog: OpenDialog) => void,
): PlotEdits {
  const [, change] = useUndoableSearch();
  return useMemo(
    () => ({
      onEdit: replaces => setDialog({ kind: 'plot', replaces }),
      onRemove: panel =>
        change({ plots: withPlot(plots, null, panel), panel: undefined }, `${panel.label} removed`),
      onSave: (curves, replaces) => {
        const next = withPlot(plots, curves, replaces);
        if (next && next.length > MAX_PLOTS)
          showToast({ text: `an address holds ${MAX_PLOTS} added panels: remove one first` });
        else change({ plots: next }, replaces ? 'panel changed' : 'panel added');
      },
    }),
    [plots, change, setDialog],
  );
}

/** The panels with one added, changed or, for null, removed; never two of the same. */
export function withPlot(
  plots: string[][],
  curves: string[] | null,
  replaces: PanelSpec | null,
): string[][] | undefined {
  const idOf = (one: string[]): string => plotPanels([one])[0].id;
  const added = curves ? [curves] : [];
  const place = replaces ? plots.findIndex(one => idOf(one) === replaces.id) : -1;
  const rest = place < 0 ? [...added, ...plots] : plots.toSpliced(place, 1, ...added);
  const next = [...new Map(rest.map(one => [idOf(one), one])).values()];
  return next.length > 0 ? next : undefined;
}
