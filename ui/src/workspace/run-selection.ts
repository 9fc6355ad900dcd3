import type { Run } from '~/api/schema';
import { parsePattern } from '~/util/pattern';
import type { WorkspaceSearch } from './search';

/** As many runs as this are drawn before anybody chooses. */
const SHOWN_AT_FIRST = 50;
/** A group without some of its members would say something else: as many are drawn as the server takes at once. */
const MAX_GROUPED = 1000;

export function shownAtFirst({ group }: WorkspaceSearch): number {
  return group ? MAX_GROUPED : SHOWN_AT_FIRST;
}

export interface RunSelection {
  /** Runs that match the search and the filters, newest first. */
  listed: Run[];
  /** Those of them that are drawn. */
  shown: Set<string>;
  searchError: string | null;
}

export function selectRuns(runs: Run[], search: WorkspaceSearch): RunSelection {
  const pattern = parsePattern(search.q ?? '');
  const { tags = [], states = [] } = search;
  const listed = runs.filter(
    run =>
      (pattern.matches(run.display_name) || pattern.matches(run.id)) &&
      tags.every(tag => run.tags.includes(tag)) &&
      (states.length === 0 || states.includes(run.state)),
  );
  const hidden = new Set(search.hide);
  const added = new Set(search.show);
  const most = shownAtFirst(search);
  const shown = new Set<string>();
  listed.forEach((run, index) => {
    const atFirst = !search.none && index < most && !hidden.has(run.id);
    const isFull = search.group !== undefined && shown.size >= MAX_GROUPED;
    if (!isFull && (atFirst || added.has(run.id))) shown.add(run.id);
  });
  return { listed, shown, searchError: pattern.error };
}

type Shown = Pick<WorkspaceSearch, 'hide' | 'show' | 'none'>;

const orAbsent = (items: string[]): string[] | undefined => (items.length > 0 ? items : undefined);

/** The address after switching one run on or off. */
export function toggleRun(search: WorkspaceSearch, id: string, isShown: boolean): Shown {
  const { hide = [], show = [], none } = search;
  if (isShown) {
    return {
      none,
      show: orAbsent(show.filter(item => item !== id)),
      hide: none ? search.hide : [...hide, id],
    };
  }
  const wasHidden = hide.includes(id);
  return {
    none,
    hide: orAbsent(hide.filter(item => item !== id)),
    show: wasHidden && !none ? orAbsent(show) : [...show, id],
  };
}

export const showOnly = (id: string): Shown => ({ none: true, show: [id], hide: undefined });
export const showNone = (): Shown => ({ none: true, show: undefined, hide: undefined });
export const showFirst = (): Shown => ({ none: undefined, show: undefined, hide: undefined });
