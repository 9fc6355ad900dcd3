import { Plus, X } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { Run, RunState } from '~/api/schema';
import { Menu, type MenuEntry } from '~/ui/Menu';
import { StateMark } from '~/ui/StateMark';
import { usePageSearch } from './use-search';

export const CHIP =
  'flex h-6 max-w-40 items-center gap-1 rounded-full border border-line px-2 text-12 hover:border-line-strong';

export const ADD_CHIP =
  'flex h-6 items-center gap-1 rounded-full border border-dashed border-line-strong px-2 text-12 text-ink-3 hover:text-ink';

/** Filters by tag and state as chips; they narrow the list and the panels alike. */
export function RunFilters({ all, children }: { all: Run[]; children?: ReactNode }) {
  const [{ tags = [], states = [] }, change] = usePageSearch();
  const tagCounts = useMemo(() => count(all.flatMap(run => run.tags)), [all]);
  const stateCounts = useMemo(() => count(all.map(run => run.state)), [all]);
  const setTags = (next: string[]) => change({ tags: next.length > 0 ? next : undefined });
  const setStates = (next: string[]) => change({ states: next.length > 0 ? next : undefined });
  const toggled = (items: string[], item: string) =>
    items.includes(item) ? items.filter(other => other !== item) : [...items, item];
  const entries = (): MenuEntry[] => [
    { kind: 'heading', label: 'State' },
    ...[...stateCounts].map(([state, runs]): MenuEntry => ({
      kind: 'check',
      label: state,
      hint: String(runs),
      checked: states.includes(state),
      onSelect: () => setStates(toggled(states, state)),
    })),
    { kind: 'heading', label: tagCounts.size > 0 ? 'Tags' : 'No run has a tag yet' },
    ...[...tagCounts].map(([tag, runs]): MenuEntry => ({
      kind: 'check',
      label: tag,
      hint: String(runs),
      checked: tags.includes(tag),
      onSelect: () => setTags(toggled(tags, tag)),
    })),
  ];
  return (
    <div className="flex flex-wrap items-center gap-1" role="group" aria-label="Filters">
      {states.map(state => (
        <button
          key={state}
          type="button"
          aria-label={`Remove filter: ${state}`}
          className={CHIP}
          onClick={() => setStates(toggled(states, state))}
        >
          <StateMark state={state as RunState} />
          <span className="truncate">{state}</span>
          <X className="size-3 shrink-0 text-ink-3" aria-hidden />
        </button>
      ))}
      {tags.map(tag => (
        <button
          key={tag}
          type="button"
          aria-label={`Remove filter: ${tag}`}
          className={CHIP}
          onClick={() => setTags(toggled(tags, tag))}
        >
          <span className="truncate">{tag}</span>
          <X className="size-3 shrink-0 text-ink-3" aria-hidden />
        </button>
      ))}
      <Menu entries={entries} align="start">
        <button type="button" className={ADD_CHIP}>
          <Plus className="size-3" aria-hidden />
          Filter
        </button>
      </Menu>
      {children}
    </div>
  );
}

function count(items: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return new Map([...counts].toSorted((a, b) => b[1] - a[1]));
}
