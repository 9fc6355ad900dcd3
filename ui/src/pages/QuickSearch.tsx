import { useQueries, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { queries } from '~/api/queries';
import { Dialog } from '~/ui/Dialog';
import { SearchField } from '~/ui/Field';
import { StateMark } from '~/ui/StateMark';
import { cx } from '~/util/class-names';
import { formatInteger } from '~/util/format';
import { paths } from '~/util/paths';
import { parsePattern } from '~/util/pattern';
import type { RunState } from '~/api/schema';

const MAX_PROJECTS_SEARCHED = 5;
const MAX_HITS = 30;

interface Hit {
  href: string;
  title: string;
  where: string;
  state: RunState | null;
}

export interface QuickSearchProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Ctrl K: goes to a project or a run by name. */
export function QuickSearch({ open, onOpenChange }: QuickSearchProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Search" shape="top">
      {open && <SearchBox onDone={() => onOpenChange(false)} />}
    </Dialog>
  );
}

function SearchBox({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const [text, setText] = useState('');
  const [current, setCurrent] = useState(0);
  const { hits, note } = useHits(text);
  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    onDone();
    router.history.push(hit.href);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move === 0) return;
    event.preventDefault();
    setCurrent(place => (place + move + hits.length) % Math.max(1, hits.length));
  };
  return (
    <div className="flex min-h-0 flex-col" onKeyDown={onKeyDown}>
      <SearchField
        label="Project or run"
        value={text}
        onChange={value => {
          setText(value);
          setCurrent(0);
        }}
        onSubmit={() => go(hits[current])}
        className="m-3"
      />
      <ul aria-label="Found" className="min-h-40 overflow-y-auto border-t border-line p-1">
        {hits.map((hit, index) => (
          <li key={hit.href}>
            <button
              type="button"
              onClick={() => go(hit)}
              onPointerMove={() => setCurrent(index)}
              className={cx(
                'flex h-8 w-full items-center gap-2 rounded-sm px-2 text-left',
                index === current && 'bg-hover',
              )}
            >
              {hit.state ? <StateMark state={hit.state} /> : <span className="w-3" />}
              <span className="truncate">{hit.title}</span>
              <span className="ml-auto truncate pl-4 text-12 text-ink-3">{hit.where}</span>
            </button>
          </li>
        ))}
        {hits.length === 0 && <li className="p-3 text-ink-3">Nothing has this name</li>}
      </ul>
      {note && <p className="border-t border-line px-3 py-1.5 text-12 text-ink-3">{note}</p>}
    </div>
  );
}

function useHits(text: string): { hits: Hit[]; note: string | null } {
  const { data: projects } = useQuery(queries.projects());
  const recent = useMemo(
    () =>
      (projects?.items ?? [])
        .toSorted((a, b) => (b.last_activity_at ?? '').localeCompare(a.last_activity_at ?? ''))
        .slice(0, MAX_PROJECTS_SEARCHED),
    [projects],
  );
  const runs = useQueries({
    queries: recent.map(project => queries.runs({ entity: project.entity, project: project.name })),
    combine: results => results.map(result => result.data?.items ?? []),
  });
  return useMemo(() => {
    const { matches } = parsePattern(text);
    const projectHits = (projects?.items ?? [])
      .filter(project => matches(`${project.entity}/${project.name}`))
      .map(project => ({
        href: paths.workspace(project.entity, project.name),
        title: project.name,
        where: project.entity,
        state: null,
      }));
    const runHits = recent.flatMap((project, place) =>
      (runs[place] ?? [])
        .filter(run => matches(run.display_name) || matches(run.id))
        .map(run => ({
          href: paths.run(project.entity, project.name, run.id),
          title: run.display_name,
          where: project.name,
          state: run.state,
        })),
    );
    const found = [...projectHits, ...runHits];
    const limits = [
      found.length > MAX_HITS && `${MAX_HITS} of ${formatInteger(found.length)} found`,
      (projects?.items.length ?? 0) > recent.length &&
        `runs of the ${recent.length} most recently active projects are searched`,
    ];
    return { hits: found.slice(0, MAX_HITS), note: limits.filter(Boolean).join(' · ') || null };
  }, [text, projects, recent, runs]);
}
