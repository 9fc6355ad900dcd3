import { Maximize2, MoreVertical } from 'lucide-react';
import { Suspense, useRef } from 'react';
import { useInView } from '~/hooks/use-in-view';
import { PANEL_KINDS } from '~/panels/registry';
import {
  usePanelContext,
  type PanelContextValue,
  type PanelHandle,
  type PanelSpec,
} from '~/panels/panel';
import { showToast } from '~/stores/toasts';
import { IconButton } from '~/ui/Button';
import { ContextMenu, Menu, type MenuEntry } from '~/ui/Menu';
import { Skeleton } from '~/ui/States';
import { copyText, downloadBlob } from '~/util/clipboard';
import { namedMetrics } from '~/panels/line/expression';
import { downloadEntries } from './download-menu';
import { PanelTitle } from './PanelTitle';

export interface PanelFrameProps {
  spec: PanelSpec;
  /** Columns of the grid. */
  columns: number;
  onOpen: () => void;
}

/** A panel in the grid: its title, its menu, and its body once it has been in sight. */
export function PanelFrame({ spec, columns, onOpen }: PanelFrameProps) {
  const [ref, inView] = useInView<HTMLElement>();
  const seen = useRef(false);
  seen.current ||= inView;
  const context = usePanelContext();
  const handle = useRef<PanelHandle>(null);
  const kind = PANEL_KINDS[spec.kind];
  const entries = () => panelMenu(spec, handle.current, context, onOpen);
  return (
    <ContextMenu entries={entries}>
      <section
        ref={ref}
        aria-label={spec.label}
        className="group/panel flex min-w-0 flex-col rounded-md border border-line bg-bg"
        style={{
          minHeight: kind.height,
          gridColumn: kind.span === 2 && columns > 1 ? 'span 2' : undefined,
        }}
      >
        <header className="flex h-7 shrink-0 items-center gap-0.5 pr-1 pl-2.5">
          <h3 className="min-w-0 flex-1 truncate text-12">
            <PanelTitle spec={spec} />
          </h3>
          <div className="flex opacity-0 group-focus-within/panel:opacity-100 group-hover/panel:opacity-100 max-sm:opacity-100">
            <IconButton label={`Full screen: ${spec.label}`} small onClick={onOpen}>
              <Maximize2 className="size-3.5!" aria-hidden />
            </IconButton>
            <Menu entries={entries}>
              <IconButton label={`Menu of ${spec.label}`} small>
                <MoreVertical aria-hidden />
              </IconButton>
            </Menu>
          </div>
        </header>
        <div className="relative min-h-0 flex-1">
          {/* Out of flow: what a panel holds never decides its height. */}
          <div className="absolute inset-0 flex flex-col">
            {seen.current && (
              <Suspense fallback={<Skeleton className="absolute inset-2" />}>
                <kind.Panel spec={spec} active={inView} large={false} ref={handle} />
              </Suspense>
            )}
          </div>
        </div>
      </section>
    </ContextMenu>
  );
}

export function panelMenu(
  spec: PanelSpec,
  handle: PanelHandle | null,
  { ref, runs, onEdit, onRemove }: PanelContextValue,
  onOpen: (() => void) | null,
): MenuEntry[] {
  const name = spec.label.replaceAll(/[^\w.-]+/g, '_');
  const { exportPng, exportCsv } = handle ?? {};
  const entries: MenuEntry[] = [];
  if (onOpen) entries.push({ label: 'Full screen', onSelect: onOpen });
  if (exportPng) {
    entries.push({
      label: 'Save as PNG',
      onSelect: () =>
        void exportPng().then(blob => (blob ? downloadBlob(blob, `${name}.png`) : nothingToSave())),
    });
  }
  if (exportCsv) {
    entries.push({
      label: 'Save as CSV',
      onSelect: () => {
        const csv = exportCsv();
        if (csv) downloadBlob(new Blob([csv], { type: 'text/csv' }), `${name}.csv`);
        else nothingToSave();
      },
    });
  }
  if (spec.kind === 'line') {
    const query = {
      runs: runs.map(run => run.id),
      key: spec.curves ? [...new Set(spec.curves.flatMap(namedMetrics))] : [spec.key],
      stream: spec.stream === 'history' ? undefined : spec.stream,
    };
    entries.push(
      { kind: 'line' },
      ...downloadEntries(ref, 'All points of the shown runs', query, ['csv', 'parquet']),
      { kind: 'line' },
    );
  }
  entries.push({ label: 'Copy name', onSelect: () => void copyText(spec.label) });
  if (spec.curves) {
    entries.push(
      { kind: 'line' },
      // The menu closes before the window opens, or it would take the focus back.
      { label: 'Edit panel', onSelect: () => onEdit(spec) },
      { label: 'Remove panel', danger: true, onSelect: () => onRemove(spec) },
    );
  }
  return entries;
}

function nothingToSave(): void {
  showToast({ text: 'nothing is drawn yet' });
}
