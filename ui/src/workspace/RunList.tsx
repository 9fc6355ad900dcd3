import { MoreVertical } from 'lucide-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useMemo, useRef } from 'react';
import type { ProjectRef } from '~/api/client';
import type { Run } from '~/api/schema';
import { useRunEditing } from '~/hooks/use-run-editing';
import { useSettling } from '~/hooks/use-settling';
import type { PanelGroup } from '~/panels/panel';
import { CutNote, EmptyState } from '~/ui/States';
import { SearchField } from '~/ui/Field';
import { IconButton } from '~/ui/Button';
import { Menu } from '~/ui/Menu';
import { cutNote, formatInteger, plural } from '~/util/format';
import { isTextField } from '~/util/keys';
import { compareEntries } from './compare-menu';
import { downloadEntries } from './download-menu';
import { GroupList, GroupMenu } from './GroupMenu';
import { RunFilters } from './RunFilters';
import { RunRow } from './RunRow';
import {
  showFirst,
  showNone,
  showOnly,
  shownAtFirst,
  toggleRun,
  type RunSelection,
} from './run-selection';
import { useUndoableSearch } from './use-search';

const ROW = 28;

export interface RunListProps {
  projectRef: ProjectRef;
  selection: RunSelection;
  all: Run[];
  total: number;
  groups: PanelGroup[] | null;
}

export function RunList({ projectRef, selection, all, total, groups }: RunListProps) {
  const [search, change] = useUndoableSearch();
  const edits = useRunEditing(projectRef);
  const input = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const { listed, shown, searchError } = selection;
  const most = shownAtFirst(search);
  // Of several groups a run shows the first.
  const groupOf = useMemo(
    () => new Map(groups?.toReversed().flatMap(group => group.runs.map(run => [run, group]))),
    [groups],
  );
  const [draft, setDraft] = useSettling(search.q ?? '', q => change({ q: q || undefined }));
  // Rows are drawn anew only when their run changes, so what they call must stay the same.
  const latest = useRef({ search, shown, all });
  latest.current = { search, shown, all };
  const onToggle = useCallback(
    (id: string, only: boolean) => {
      const { search, shown } = latest.current;
      if (only) change(showOnly(id), 'every other run hidden');
      else change(toggleRun(search, id, shown.has(id)), '');
    },
    [change],
  );
  const knownTags = useCallback(
    () => [...new Set(latest.current.all.flatMap(run => run.tags))].toSorted(),
    [],
  );
  const virtual = useVirtualizer({
    count: listed.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: index => listed[index].id,
    overscan: 10,
  });
  // Before paint: the key works as soon as the list can be seen.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTextField(event.target) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-col gap-1.5 border-b border-line p-2">
        <SearchField
          ref={input}
          label="Search runs"
          placeholder="name or /regex/"
          value={draft}
          error={searchError}
          onChange={setDraft}
        />
        <RunFilters all={all}>
          <GroupMenu runs={listed} />
        </RunFilters>
        <div className="tabular flex items-center justify-between text-12 text-ink-3">
          <span role="status">
            {formatInteger(shown.size)} of {formatInteger(listed.length)} shown
            {listed.length !== total && all.length === total && (
              <span title="runs of the project"> · {formatInteger(total)} in all</span>
            )}
          </span>
          <span className="flex items-center gap-2 whitespace-nowrap">
            <button
              type="button"
              className="rounded-sm px-1 leading-6 hover:text-ink hover:underline"
              onClick={() => change(showFirst(), 'other runs shown')}
            >
              {listed.length > most ? `first ${formatInteger(most)}` : 'all'}
            </button>
            <button
              type="button"
              className="rounded-sm px-1 leading-6 hover:text-ink hover:underline"
              onClick={() => change(showNone(), 'every run hidden')}
            >
              none
            </button>
            <Menu
              entries={() => {
                const runs = listed.filter(run => shown.has(run.id)).map(run => run.id);
                return [
                  ...compareEntries(projectRef, runs),
                  ...downloadEntries(projectRef, `Rows of ${plural(shown.size, 'shown run')}`, {
                    runs,
                  }),
                ];
              }}
            >
              <IconButton label="Menu of the shown runs" small>
                <MoreVertical aria-hidden />
              </IconButton>
            </Menu>
          </span>
        </div>
        <CutNote note={cutNote('newest', all.length, total)} />
      </div>
      {groups && <GroupList groups={groups} />}
      {listed.length === 0 && <EmptyState title="No run matches" className="p-3" />}
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <ul aria-label="Runs" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(item => {
            const run = listed[item.index];
            return (
              <li
                key={item.key}
                className="absolute inset-x-0"
                style={{ top: item.start, height: ROW }}
              >
                <RunRow
                  projectRef={projectRef}
                  run={run}
                  isShown={shown.has(run.id)}
                  group={groupOf.get(run.id)}
                  onToggle={onToggle}
                  edits={edits}
                  knownTags={knownTags}
                />
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
