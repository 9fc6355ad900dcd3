import { Suspense, lazy, useCallback, useMemo, useState, type ReactNode } from 'react';
import type { ProjectRef } from '~/api/client';
import type { SeriesLoader } from '~/api/series-loader';
import { useSize } from '~/hooks/use-size';
import type { Damage } from '~/panels/damage';
import { NUMBER_KIND, axisExpression, expressionAxis } from '~/panels/line/model';
import { smoothingOf } from '~/panels/line/smoothing';
import { PanelContext, type PanelGroup, type PanelRun, type PanelSpec } from '~/panels/panel';
import { buildSections, missedNote, plotPanels, type Probed } from '~/panels/sections';
import { usePreferences } from '~/stores/preferences';
import { formatInteger } from '~/util/format';
import type { KeyCount } from '~/hooks/use-keys';
import { EmptyState } from '~/ui/States';
import { Ticks } from '~/ui/Ticks';
import { FullScreenPanel } from './FullScreenPanel';
import { PanelBar } from './PanelBar';
import { PanelSection } from './PanelSection';
import { MAX_CURVES } from './search';
import { usePlotEdits, type OpenDialog } from './use-plot-edits';
import { usePageSearch } from './use-search';

const ExpressionDialog = lazy(() =>
  import('./ExpressionDialog').then(module => ({ default: module.ExpressionDialog })),
);
const NO_PLOTS: string[][] = [];

const LEAST_PANEL_WIDTH = 330;

export interface PanelAreaProps {
  projectRef: ProjectRef;
  runs: PanelRun[];
  groups?: PanelGroup[] | null;
  loader: SeriesLoader;
  panels: PanelSpec[];
  storageId: string;
  /** Where there are more keys than panels are made of. */
  keyCount?: KeyCount | null;
  /** Of the runs whose metrics are not known. */
  damage?: Damage | null;
  /** How many runs were asked for what only runs tell; null if that is all or not known. */
  probed?: Probed | null;
  /** Sections are open though they would be closed at first. */
  allOpen?: boolean;
  empty: ReactNode;
}

/** The panels of a page in their sections, with the bar that applies to all. */
export function PanelArea({
  projectRef,
  runs,
  groups = null,
  loader,
  panels,
  storageId,
  probed = null,
  keyCount = null,
  damage = null,
  allOpen,
  empty,
}: PanelAreaProps) {
  const [search, change] = usePageSearch();
  const [hostRef, size] = useSize<HTMLDivElement>();
  const chosenColumns = usePreferences(state => state.chartColumns);
  const columns = chosenColumns || Math.max(1, Math.floor(size.width / LEAST_PANEL_WIDTH));
  const { x = null, smooth, smoother, logx = false, logy = false } = search;
  const { gline = 'mean', gband = 'minmax' } = search;
  const { entity, project } = projectRef;
  const { plots = NO_PLOTS } = search;
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const edits = usePlotEdits(plots, setDialog);
  const context = useMemo(
    () => ({
      ref: { entity, project },
      runs,
      groups,
      loader,
      ...edits,
      settings: {
        x,
        smoothing: smoothingOf({ smooth, smoother }),
        logX: logx,
        logY: logy,
        groupLook: { line: gline, band: gband },
      },
    }),
    [entity, project, runs, loader, edits, groups, x, smooth, smoother, logx, logy, gline, gband],
  );
  const all = useMemo(() => [...plotPanels(plots), ...panels], [plots, panels]);
  const openPanel = useCallback((panel: string) => change({ panel }), [change]);
  const sections = useMemo(() => {
    const built = buildSections(all, search.panels);
    return allOpen ? built.map(section => ({ ...section, openAtFirst: true })) : built;
  }, [all, search.panels, allOpen]);
  const inOrder = useMemo(() => sections.flatMap(section => section.panels), [sections]);
  const metrics = useMemo(
    () =>
      panels
        .filter(panel => panel.stream === 'history' && panel.valueKinds.includes(NUMBER_KIND))
        .map(panel => ({ name: panel.key, label: panel.label })),
    [panels],
  );
  const missed = panels.length > 0 ? missedNote(all, probed) : null;
  const names = useMemo(() => metrics.map(metric => metric.name), [metrics]);
  return (
    <PanelContext value={context}>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <PanelBar
          onAdd={() => setDialog({ kind: 'plot', replaces: null })}
          onExpressionAxis={() => setDialog({ kind: 'x' })}
          metrics={metrics}
          timeOnly={panels.length > 0 && panels.every(panel => panel.stream === 'system')}
        />
        {keyCount && (
          <p
            role="status"
            aria-label="Metrics"
            className="tabular shrink-0 border-b border-line px-3 py-1 text-12 text-ink-2"
          >
            {describeKeys(keyCount, search.panels)}
          </p>
        )}
        {damage && (
          <p
            role="status"
            aria-label="Damaged runs"
            title={damage.details}
            className="tabular shrink-0 border-b border-line px-3 py-1 text-12 text-warn"
          >
            <Ticks text={damage.note} />; panels are made of what the others logged
          </p>
        )}
        <div ref={hostRef} className="min-h-0 flex-1 overflow-y-auto [scrollbar-gutter:stable]">
          {sections.map(section => (
            <PanelSection
              key={section.name}
              section={section}
              storageId={storageId}
              columns={columns}
              probed={probed}
              onOpenPanel={openPanel}
            />
          ))}
          {all.length > 0 && sections.length === 0 && (
            <EmptyState title="No panel matches this search" />
          )}
          {missed && <p className="px-3 py-2 text-12 text-warn">{missed}</p>}
          {panels.length === 0 && empty}
        </div>
        {search.panel && (
          <FullScreenPanel
            panels={inOrder}
            id={search.panel}
            onChange={panel => change({ panel })}
          />
        )}
        {dialog && (
          <Suspense>
            {dialog.kind === 'x' ? (
              <ExpressionDialog
                projectRef={projectRef}
                title="Expression as x axis"
                noun="x"
                initial={[axisExpression(x) ?? '']}
                most={1}
                metrics={names}
                hasMore={keyCount !== null}
                action="Use"
                onSave={([text]) => {
                  change({ x: expressionAxis(text) });
                  setDialog(null);
                }}
                onClose={() => setDialog(null)}
              />
            ) : (
              <ExpressionDialog
                projectRef={projectRef}
                title={dialog.replaces ? 'Edit panel' : 'Add panel'}
                noun="Curve"
                initial={dialog.replaces?.curves ?? []}
                most={MAX_CURVES}
                metrics={names}
                hasMore={keyCount !== null}
                action={dialog.replaces ? 'Save' : 'Add'}
                onSave={curves => {
                  edits.onSave(curves, dialog.replaces);
                  setDialog(null);
                }}
                onClose={() => setDialog(null)}
              />
            )}
          </Suspense>
        )}
      </div>
    </PanelContext>
  );
}

function describeKeys({ listed, matching, total }: KeyCount, search = ''): string {
  const [shown, found, all] = [listed, matching, total].map(formatInteger);
  if (search === '') return `showing ${shown} of ${all} metrics; search to find others`;
  if (listed < matching)
    return `showing ${shown} of ${found} metrics that match; search more narrowly to find others`;
  return `${found} of ${all} metrics match`;
}
