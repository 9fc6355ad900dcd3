import { ChevronDown, ChevronLeft, ChevronRight } from 'lucide-react';
import { memo, useState } from 'react';
import { probeNote, type Probed, type Section } from '~/panels/sections';
import { setSectionOpen, usePreferences } from '~/stores/preferences';
import { IconButton } from '~/ui/Button';
import { PanelFrame } from './PanelFrame';

const PER_PAGE = 12;

export interface PanelSectionProps {
  section: Section;
  /** Under which the browser remembers whether it is open. */
  storageId: string;
  columns: number;
  probed: Probed | null;
  onOpenPanel: (id: string) => void;
}

/** Drawn anew only when its own panels change: the page above it renders with every live event. */
export const PanelSection = memo(function PanelSection({
  section,
  storageId,
  columns,
  probed,
  onOpenPanel,
}: PanelSectionProps) {
  const id = `${storageId}:${section.name}`;
  const open = usePreferences(state => state.sectionsOpen[id]) ?? section.openAtFirst;
  const [page, setPage] = useState(0);
  const count = section.panels.length;
  const pages = Math.ceil(count / PER_PAGE);
  const start = Math.min(page, pages - 1) * PER_PAGE;
  const shown = section.panels.slice(start, start + PER_PAGE);
  const note = probeNote(section.panels, probed);
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <section aria-label={`Section ${section.name}`} className="border-b border-line">
      <div className="sticky top-0 z-10 flex h-9 items-center gap-2 bg-bg px-3">
        <h2 className="min-w-0 shrink-0 max-sm:shrink">
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setSectionOpen(id, !open)}
            className="flex h-7 max-w-full items-center gap-1 rounded-sm pr-2 font-medium hover:bg-hover"
          >
            <Chevron className="size-4 text-ink-3" aria-hidden />
            <span className="truncate">{section.name}</span>
            <span className="tabular ml-1 text-12 font-normal text-ink-3">{count}</span>
          </button>
        </h2>
        {note && (
          <p className="min-w-0 truncate text-12 text-warn" title={note}>
            {note}
          </p>
        )}
        {open && pages > 1 && (
          <div className="tabular ml-auto flex shrink-0 items-center gap-1 text-12 text-ink-3">
            {start + 1}–{start + shown.length} of {count}
            <IconButton
              label={`Previous panels of ${section.name}`}
              small
              disabled={start === 0}
              onClick={() => setPage(start / PER_PAGE - 1)}
            >
              <ChevronLeft aria-hidden />
            </IconButton>
            <IconButton
              label={`Next panels of ${section.name}`}
              small
              disabled={start + PER_PAGE >= count}
              onClick={() => setPage(start / PER_PAGE + 1)}
            >
              <ChevronRight aria-hidden />
            </IconButton>
          </div>
        )}
      </div>
      {open && (
        <div
          className="grid gap-2 px-3 pb-3"
          style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
        >
          {shown.map(spec => (
            <PanelFrame
              key={spec.id}
              spec={spec}
              columns={columns}
              onOpen={() => onOpenPanel(spec.id)}
            />
          ))}
        </div>
      )}
    </section>
  );
});
