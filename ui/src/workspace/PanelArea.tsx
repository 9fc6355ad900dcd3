import { useCallback, useMemo, type ReactNode } from 'react';
import type { ProjectRef } from '~/api/client';
import type { SeriesLoader } from '~/api/series-loader';
import { useSize } from '~/hooks/use-size';
import { NUMBER_KIND } from '~/panels/line/model';
import { smoothingOf } from '~/panels/line/smoothing';
import { PanelContext, type PanelRun, type PanelSpec } from '~/panels/panel';
import { buildSections } from '~/panels/sections';
import { usePreferences } from '~/stores/preferences';
import { EmptyState } from '~/ui/States';
import { FullScreenPanel } from './FullScreenPanel';
import { PanelBar } from './PanelBar';
import { PanelSection } from './PanelSection';
import { usePageSearch } from './use-search';

const LEAST_PANEL_WIDTH = 330;

export interface PanelAreaProps {
  projectRef: ProjectRef;
  runs: PanelRun[];
  loader: SeriesLoader;
  panels: PanelSpec[];
  storageId: string;
  /** Sections are open though they would be closed at first. */
  allOpen?: boolean;
  empty: ReactNode;
}

/** The panels of a page in their sections, with the bar that applies to all. */
export function PanelArea({
  projectRef,
  runs,
  loader,
  panels,
  storageId,
  allOpen,
  empty,
}: PanelAreaProps) {
  const [search, change] = usePageSearch();
  const [hostRef, size] = useSize<HTMLDivElement>();
  const chosenColumns = usePreferences(state => state.chartColumns);
  const columns = chosenColumns || Math.max(1, Math.floor(size.width / LEAST_PANEL_WIDTH));
  const { x = null, smooth, smoother, logx = false, logy = false } = search;
  const { entity, project } = projectRef;
  const context = useMemo(
    () => ({
      ref: { entity, project },
      runs,
      loader,
      settings: { x, smoothing: smoothingOf({ smooth, smoother }), logX: logx, logY: logy },
    }),
    [entity, project, runs, loader, x, smooth, smoother, logx, logy],
  );
  const openPanel = useCallback((panel: string) => change({ panel }), [change]);
  const sections = useMemo(() => {
    const built = buildSections(panels, search.panels);
    return allOpen ? built.map(section => ({ ...section, openAtFirst: true })) : built;
  }, [panels, search.panels, allOpen]);
  const inOrder = useMemo(() => sections.flatMap(section => section.panels), [sections]);
  const metrics = useMemo(
    () =>
      panels
        .filter(panel => panel.stream === 'history' && panel.valueKinds.includes(NUMBER_KIND))
        .map(panel => ({ name: panel.key, label: panel.label })),
    [panels],
  );
  return (
    <PanelContext value={context}>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <PanelBar
          metrics={metrics}
          timeOnly={panels.length > 0 && panels.every(panel => panel.stream === 'system')}
        />
        <div ref={hostRef} className="min-h-0 flex-1 overflow-y-auto [scrollbar-gutter:stable]">
          {sections.map(section => (
            <PanelSection
              key={section.name}
              section={section}
              storageId={storageId}
              columns={columns}
              onOpenPanel={openPanel}
            />
          ))}
          {panels.length > 0 && sections.length === 0 && (
            <EmptyState title="No panel matches this search" />
          )}
          {panels.length === 0 && empty}
        </div>
        {search.panel && (
          <FullScreenPanel
            panels={inOrder}
            id={search.panel}
            onChange={panel => change({ panel })}
          />
        )}
      </div>
    </PanelContext>
  );
}
