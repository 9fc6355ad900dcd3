import { useQueries, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { BookMarked, Box, FolderKanban, SlidersHorizontal } from 'lucide-react';
import { useMemo, useState } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import type { ProjectRef } from '~/api/client';
import { orgQueries } from '~/api/org-queries';
import { queries } from '~/api/queries';
import { sweepName } from '~/api/sweep-edits';
import { sweepQueries } from '~/api/sweep-queries';
import { useDebounced } from '~/hooks/use-debounced';
import { SearchField } from '~/ui/Field';
import { StateMark } from '~/ui/StateMark';
import { cx } from '~/util/class-names';
import { formatInteger } from '~/util/format';
import { paths } from '~/util/paths';
import { parsePattern } from '~/util/pattern';
import { registryOf } from '~/util/roles';
import type { Collection } from '~/api/schema';
import { shareOut, type Hit } from './quick-hits';

const MAX_PROJECTS_SEARCHED = 5;
const MAX_REGISTRIES_SEARCHED = 5;
const MAX_HITS = 30;

/** Once typing rests for so long, artifacts are searched. */
const SETTLE_MS = 150;
/** So many of a kind are shown, however many others there are. */
const LEAST_OF_KIND = 5;

const ICONS = {
  project: FolderKanban,
  sweep: SlidersHorizontal,
  artifact: Box,
  collection: BookMarked,
};

/** Finds projects, runs, sweeps, artifacts and collections of registries by name. */
export function QuickSearchBox({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const [text, setText] = useState('');
  const [current, setCurrent] = useState(0);
  const { hits, note, isSearching } = useHits(text);
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
        label="Project, run, sweep, artifact or registry"
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
              <HitMark hit={hit} />
              <span className="truncate">{hit.title}</span>
              <span className="ml-auto truncate pl-4 text-12 text-ink-3">{hit.where}</span>
            </button>
          </li>
        ))}
        {hits.length === 0 && (
          <li className="p-3 text-ink-3">{isSearching ? 'Searching' : 'Nothing has this name'}</li>
        )}
      </ul>
      {note && <p className="border-t border-line px-3 py-1.5 text-12 text-ink-3">{note}</p>}
    </div>
  );
}

function HitMark({ hit: { kind, state } }: { hit: Hit }) {
  if (kind === 'run')
    return (
      <span className="flex w-4 shrink-0 justify-center">
        {state && <StateMark state={state} />}
      </span>
    );
  const Icon = ICONS[kind];
  return <Icon className="size-4 shrink-0 text-ink-3" role="img" aria-label={kind} />;
}

interface Hits {
  hits: Hit[];
  note: string | null;
  isSearching: boolean;
}

function useHits(text: string): Hits {
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
  const sweeps = useQueries({
    queries: recent.map(project => ({
      ...sweepQueries.list({ entity: project.entity, project: project.name }),
      refetchInterval: false as const,
    })),
    combine: results => results.map(result => result.data?.items ?? []),
  });
  const search = useDebounced(text.trim(), SETTLE_MS);
  const registries = useRegistries();
  const artifacts = useCollections(
    useMemo(() => recent.map(({ entity, name }) => ({ entity, project: name })), [recent]),
    search,
  );
  const collections = useCollections(registries.searched, search);
  const isSearching =
    text.trim() !== search || artifacts.isPending || collections.isPending || registries.isPending;
  return useMemo(() => {
    const { matches } = parsePattern(text);
    const projectHits: Hit[] = (projects?.items ?? [])
      .filter(project => matches(`${project.entity}/${project.name}`))
      .map(project => ({
        href: paths.workspace(project.entity, project.name),
        title: project.name,
        where: project.entity,
        kind: 'project',
        state: null,
      }));
    const runHits: Hit[] = recent.flatMap((project, place) =>
      (runs[place] ?? [])
        .filter(run => matches(run.display_name) || matches(run.id))
        .map(run => ({
          href: paths.run(project.entity, project.name, run.id),
          title: run.display_name,
          where: project.name,
          kind: 'run',
          state: run.state,
        })),
    );
    const sweepHits: Hit[] = recent.flatMap((project, place) =>
      (sweeps[place] ?? [])
        .filter(sweep => text.trim() !== '' && (matches(sweepName(sweep)) || matches(sweep.id)))
        .map(sweep => ({
          href: paths.sweep(project.entity, project.name, sweep.id),
          title: sweepName(sweep),
          where: project.name,
          kind: 'sweep',
          state: null,
        })),
    );
    const toHit = (kind: Hit['kind'], { entity, project, name, type }: Collection): Hit => ({
      href: paths.collection({ entity, project, type, collection: name }),
      title: name,
      where: `${kind === 'collection' ? `${entity} / ${registryOf(project)}` : project} · ${type}`,
      kind,
      state: null,
    });
    // What was found for the text of a moment ago is narrowed at once.
    const fits = ({ name }: Collection): boolean => text.trim() !== '' && matches(name);
    const groups = [
      projectHits,
      runHits,
      sweepHits,
      artifacts.items.filter(fits).map(item => toHit('artifact', item)),
      collections.items.filter(fits).map(item => toHit('collection', item)),
    ];
    const hits = shareOut(groups, MAX_HITS, LEAST_OF_KIND);
    const nFound =
      projectHits.length +
      runHits.length +
      sweepHits.length +
      (isSearching ? 0 : artifacts.total + collections.total);
    const limits = [
      hits.length < nFound && `${hits.length} of ${formatInteger(nFound)} found`,
      (projects?.items.length ?? 0) > recent.length &&
        `runs, sweeps and artifacts of the ${recent.length} most recently active projects are searched`,
      registries.isCut && `so are ${registries.searched.length} registries`,
      isExpression(search) && 'artifacts are found by plain text',
    ];
    return { hits, note: limits.filter(Boolean).join(' · ') || null, isSearching };
  }, [
    text,
    search,
    projects,
    recent,
    runs,
    sweeps,
    artifacts,
    collections,
    registries,
    isSearching,
  ]);
}

const isExpression = (search: string): boolean => search.startsWith('/');

/** The collections of some projects whose names hold a text; none for a text that is empty or an expression. */
function useCollections(places: ProjectRef[], search: string) {
  const isAsked = search !== '' && !isExpression(search);
  return useQueries({
    queries: places.map(place => ({
      ...artifactQueries.foundCollections(place, search),
      enabled: isAsked,
    })),
    combine: results => ({
      items: isAsked ? results.flatMap(({ data }) => data?.items ?? []) : [],
      total: isAsked ? results.reduce((sum, { data }) => sum + (data?.total ?? 0), 0) : 0,
      isPending: isAsked && results.some(({ isFetching }) => isFetching),
    }),
  });
}

/** The projects of the registries that were changed last. */
function useRegistries() {
  const { data: entities } = useQuery(queries.entities());
  const organizations = (entities?.items ?? []).filter(({ kind }) => kind === 'organization');
  return useQueries({
    queries: organizations.map(({ name }) => orgQueries.registries(name)),
    combine: results => {
      const all = results
        .flatMap(({ data }) => data?.items ?? [])
        .toSorted((a, b) => b.updated_at.localeCompare(a.updated_at));
      return {
        searched: all
          .slice(0, MAX_REGISTRIES_SEARCHED)
          .map(({ organization, project }) => ({ entity: organization, project })),
        isCut: all.length > MAX_REGISTRIES_SEARCHED,
        isPending: results.some(({ isPending }) => isPending),
      };
    },
  });
}
