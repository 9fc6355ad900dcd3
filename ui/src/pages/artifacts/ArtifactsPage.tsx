import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Link2 } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import type { ProjectRef } from '~/api/client';
import type { Listing } from '~/api/queries';
import { useSettling } from '~/hooks/use-settling';
import { Chip } from '~/ui/Chip';
import { CodeBlock } from '~/ui/CodeBlock';
import { SearchField } from '~/ui/Field';
import { Link } from '~/ui/Link';
import { CutNote, EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { cx } from '~/util/class-names';
import { cutNote, formatBytes, formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { useAddress } from '~/workspace/use-search';
import { WorkspaceHead } from '../WorkspaceHead';
import type { ArtifactsSearch } from './search';
import type { ArtifactType, Collection } from '~/api/schema';

const ROW = 32;
const COLUMNS =
  'grid grid-cols-[minmax(12rem,1fr)_9rem_5rem_9rem_7rem_8rem] max-lg:grid-cols-[minmax(10rem,1fr)_5rem_7rem_7rem] max-sm:grid-cols-[minmax(0,1fr)_4rem_6rem] items-center gap-3 px-4';

export function ArtifactsPage() {
  const { entity, project } = useParams({ from: '/frame/$entity/$project/artifacts' });
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const [{ type, q = '' }, change] = useAddress<ArtifactsSearch>();
  const [draft, setDraft] = useSettling(q, text => change({ q: text || undefined }));
  const types = useQuery(artifactQueries.types(ref));
  const collections = useQuery(
    artifactQueries.collections(ref, { type, search: q.trim() || undefined }),
  );
  useEffect(() => {
    document.title = `Artifacts · ${project} · Ballast`;
  }, [project]);
  const error = collections.error ?? types.error;
  const isBare = types.data?.items.length === 0;
  return (
    <div className="flex h-full flex-col">
      <WorkspaceHead projectRef={ref} />
      {error && !collections.data ? (
        <ErrorState error={error} onRetry={() => void collections.refetch()} />
      ) : isBare ? (
        <NoArtifacts project={project} />
      ) : (
        <div className="flex min-h-0 flex-1 max-sm:flex-col">
          <TypeList types={types.data?.items ?? []} current={type} projectRef={ref} />
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            <div className="flex items-center gap-3 border-b border-line px-4 py-1.5">
              <SearchField
                label="Search artifacts"
                value={draft}
                onChange={setDraft}
                className="w-64 max-sm:flex-1"
              />
              <span role="status" className="tabular ml-auto text-12 text-ink-3">
                {collections.data && plural(collections.data.total, 'collection')}
              </span>
            </div>
            {collections.data ? (
              <CollectionTable projectRef={ref} collections={collections.data} />
            ) : (
              <SkeletonRows rows={10} />
            )}
          </div>
        </div>
      )}
    </div>
  );
}

function NoArtifacts({ project }: { project: string }) {
  return (
    <EmptyState title="No artifact in this project yet" className="max-w-2xl">
      <p>
        Data sets, models and other files that runs log and use are kept here, every version once.
      </p>
      <CodeBlock
        label="how to log an artifact"
        text={`with wandb.init(project="${project}") as run:\n    run.log_artifact("data/", name="my-data", type="dataset")`}
      />
    </EmptyState>
  );
}

interface TypeListProps {
  types: ArtifactType[];
  current: string | undefined;
  projectRef: ProjectRef;
}

function TypeList({ types, current, projectRef: { entity, project } }: TypeListProps) {
  const entries = [
    { name: undefined, label: 'All types', count: null },
    ...types.map(({ name, n_collections }) => ({ name, label: name, count: n_collections })),
  ];
  return (
    <nav
      aria-label="Types"
      className="flex w-52 shrink-0 flex-col overflow-y-auto border-line py-1 max-sm:w-full max-sm:flex-row max-sm:overflow-x-auto max-sm:border-b max-sm:px-2 sm:border-r"
    >
      {entries.map(({ name, label, count }) => (
        <Link
          key={label}
          href={paths.artifacts(entity, project, name)}
          aria-current={name === current || undefined}
          className={cx(
            'flex h-7 shrink-0 items-center gap-3 px-4 hover:bg-hover max-sm:rounded-md max-sm:px-2',
            name === current ? 'bg-accent-soft font-medium text-accent' : 'text-ink-2',
          )}
        >
          <span className="min-w-0 flex-1 truncate max-sm:max-w-32" title={label}>
            {label}
          </span>
          {count !== null && (
            <span className="tabular text-12 text-ink-3">{formatInteger(count)}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}

function CollectionTable({
  projectRef,
  collections,
}: {
  projectRef: ProjectRef;
  collections: Listing<Collection>;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const { items, total } = collections;
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  if (items.length === 0) return <EmptyState title="No artifact has this name" />;
  return (
    <div
      ref={scroller}
      role="table"
      aria-label="Artifacts"
      aria-rowcount={total + 1}
      className="min-h-0 flex-1 overflow-y-auto"
    >
      <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-bg">
        <div role="row" className={cx(COLUMNS, 'h-8 text-12 text-ink-3')}>
          <span role="columnheader">Name</span>
          <span role="columnheader" className="max-lg:hidden">
            Type
          </span>
          <span role="columnheader" className="text-right">
            Versions
          </span>
          <span role="columnheader" className="max-sm:hidden">
            Latest
          </span>
          <span role="columnheader" className="text-right max-lg:hidden">
            Size
          </span>
          <span role="columnheader" className="text-right">
            Updated
          </span>
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(item => (
          <CollectionRow
            key={items[item.index].name}
            projectRef={projectRef}
            collection={items[item.index]}
            index={item.index}
            top={item.start}
          />
        ))}
      </div>
      <CutNote note={cutNote('first', items.length, total)} className="px-4 py-2" />
    </div>
  );
}

function CollectionRow({
  projectRef,
  collection,
  index,
  top,
}: {
  projectRef: ProjectRef;
  collection: Collection;
  index: number;
  top: number;
}) {
  const { name, type, kind, latest } = collection;
  const place = { ...projectRef, type, collection: name };
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={cx(COLUMNS, 'absolute inset-x-0 border-b border-line hover:bg-surface')}
      style={{ top, height: ROW }}
    >
      <span role="cell" className="flex min-w-0 items-center gap-2">
        <Link
          href={paths.collection(place)}
          className="min-w-0 truncate font-medium hover:underline"
          title={name}
        >
          {name}
        </Link>
        {kind === 'links' && (
          <span title="Links to versions of other collections" className="shrink-0">
            <Link2 className="size-3.5 text-ink-3" role="img" aria-label="links" />
          </span>
        )}
        <span className="flex min-w-0 gap-1 max-lg:hidden">
          {collection.tags.slice(0, 3).map(tag => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </span>
      </span>
      <span role="cell" className="truncate text-ink-2 max-lg:hidden" title={type}>
        {type}
      </span>
      <span role="cell" className="tabular text-right">
        {formatInteger(collection.n_versions)}
      </span>
      <span role="cell" className="flex min-w-0 items-center gap-1.5 max-sm:hidden">
        {latest ? (
          <>
            <Link
              href={paths.version({ ...place, version: latest.version })}
              className="font-mono text-12 hover:underline"
            >
              {latest.version}
            </Link>
            {latest.aliases
              .filter(alias => alias !== 'latest')
              .slice(0, 1)
              .map(alias => (
                <Chip key={alias} tone="accent">
                  {alias}
                </Chip>
              ))}
          </>
        ) : (
          <span className="text-ink-3">none</span>
        )}
      </span>
      <span role="cell" className="tabular text-right max-lg:hidden" title="all versions together">
        {formatBytes(collection.size_bytes)}
      </span>
      <span role="cell" className="text-right text-ink-2">
        <Ago time={collection.updated_at} />
      </span>
    </div>
  );
}
