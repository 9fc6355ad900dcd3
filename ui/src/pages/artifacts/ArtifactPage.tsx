import { useQuery } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import { GitCompareArrows, History as HistoryIcon, MoreVertical } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import { useArtifactEdits } from '~/api/artifact-edits';
import type { CollectionRef } from '~/api/client';
import { useProjectRole } from '~/hooks/use-project-role';
import { useRegistry } from '~/hooks/use-registry';
import { Button, IconButton } from '~/ui/Button';
import { Chip } from '~/ui/Chip';
import { Dialog } from '~/ui/Dialog';
import { InlineEdit } from '~/ui/InlineEdit';
import { Menu } from '~/ui/Menu';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Tabs } from '~/ui/Tabs';
import { copyText } from '~/util/clipboard';
import { paths, type VersionTab } from '~/util/paths';
import { canManage, canWrite } from '~/util/roles';
import { runSpec, versionSpec } from '~/util/spec';
import { useAddress } from '~/workspace/use-search';
import { PageHead } from '../PageHead';
import { Trail, useProjectSteps } from '../Trail';
import { DeleteArtifactDialog } from './DeleteArtifactDialog';
import type { VersionSearch } from './search';
import { VersionOverview } from './VersionOverview';
import { VersionTimeline } from './VersionTimeline';
import type { Collection, Version } from '~/api/schema';

const VersionFiles = lazy(() =>
  import('./VersionFiles').then(module => ({ default: module.VersionFiles })),
);
const VersionUsage = lazy(() =>
  import('./VersionUsage').then(module => ({ default: module.VersionUsage })),
);
const VersionHistory = lazy(() =>
  import('./VersionHistory').then(module => ({ default: module.VersionHistory })),
);
const VersionCompare = lazy(() =>
  import('./VersionCompare').then(module => ({ default: module.VersionCompare })),
);
const LinkDialog = lazy(() =>
  import('./LinkDialog').then(module => ({ default: module.LinkDialog })),
);
const LineageView = lazy(() =>
  import('~/lineage/LineageView').then(module => ({ default: module.LineageView })),
);

const TABS: [VersionTab, string][] = [
  ['overview', 'Overview'],
  ['files', 'Files'],
  ['usage', 'Usage'],
  ['lineage', 'Lineage'],
  ['history', 'History'],
];

/** A collection is shown by its newest version. */
export function CollectionPage() {
  const { entity, project, collection } = useParams({
    from: '/frame/$entity/$project/artifacts/$type/$collection',
  });
  const ref = useMemo(() => ({ entity, project, collection }), [entity, project, collection]);
  const { data, error, refetch } = useQuery(artifactQueries.collection(ref));
  const steps = useTrail(ref, data?.type);
  const router = useRouter();
  const newest = data?.latest?.version;
  useEffect(() => {
    if (data && newest)
      router.history.replace(paths.version({ ...ref, type: data.type, version: newest }));
  }, [router, ref, data, newest]);
  return (
    <div className="flex h-full flex-col">
      <PageHead title={<Trail steps={steps} />}>
        {data && <ArtifactMenu collection={data} version={null} />}
      </PageHead>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={8} />}
      {data && !newest && (
        <EmptyState title="No version is left in this collection">
          The next version that is logged under this name appears here.
        </EmptyState>
      )}
    </div>
  );
}

function useTrail(ref: CollectionRef, type?: string): [string, string][] {
  const { entity, project } = ref;
  const steps = useProjectSteps(ref);
  // A registry lists its collections on its own page.
  if (useRegistry(ref).registry !== null) return steps;
  steps.push(['artifacts', paths.artifacts(entity, project)]);
  return type === undefined ? steps : [...steps, [type, paths.artifacts(entity, project, type)]];
}

export function ArtifactPage() {
  const { entity, project, type, collection, version } = useParams({
    from: '/frame/$entity/$project/artifacts/$type/$collection/$version',
  });
  const ref = useMemo(
    () => ({ entity, project, collection, version }),
    [entity, project, collection, version],
  );
  const [sheetOpen, setSheetOpen] = useState(false);
  const [{ with: other }, change] = useAddress<VersionSearch>();
  const parent = useQuery(artifactQueries.collection(ref));
  const { data, error, refetch } = useQuery(artifactQueries.version(ref));
  const steps = useTrail(ref, data?.type ?? type);
  useEffect(() => {
    document.title = `${collection}:${version} · ${project} · Ballast`;
  }, [collection, version, project]);
  const compareWith = (picked: string) =>
    change({ with: picked === data?.version ? undefined : picked });
  const timeline = (
    <VersionTimeline
      collectionRef={ref}
      total={parent.data?.n_versions ?? null}
      current={data ?? null}
      compared={other ?? null}
      onCompare={compareWith}
      onPick={() => setSheetOpen(false)}
    />
  );
  return (
    <div className="flex h-full flex-col">
      <PageHead
        roomy
        title={
          <span className="flex min-w-0 items-center gap-1.5">
            <span className="max-w-[55%] shrink-0 truncate max-sm:hidden">
              <Trail steps={steps} />
              <span className="font-normal text-ink-3"> /</span>
            </span>
            <span className="min-w-0 truncate" title={collection}>
              {collection}
            </span>
            <span className="shrink-0 font-mono text-13 text-ink-2">
              {data?.version ?? version}
            </span>
            <span className="flex min-w-0 gap-1">
              {data?.aliases.slice(0, 3).map(alias => (
                <Chip key={alias} tone="accent" title={`alias ${alias}`}>
                  {alias}
                </Chip>
              ))}
            </span>
          </span>
        }
      >
        <Button tone="quiet" className="-ml-2.5 sm:hidden" onClick={() => setSheetOpen(true)}>
          <HistoryIcon className="size-4" aria-hidden />
          Versions
        </Button>
        {parent.data && <ArtifactMenu collection={parent.data} version={data ?? null} />}
      </PageHead>
      <div className="flex min-h-0 flex-1">
        <aside
          aria-label="Versions"
          className="flex w-64 shrink-0 flex-col border-r border-line max-sm:hidden"
        >
          {timeline}
        </aside>
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
          {!data && !error && <SkeletonRows rows={10} />}
          {data &&
            (other ? (
              <Suspense fallback={<SkeletonRows rows={10} />}>
                <VersionCompare key={other} version={data} other={other} />
              </Suspense>
            ) : (
              <VersionTabs version={data} collection={parent.data} />
            ))}
        </div>
      </div>
      <Dialog open={sheetOpen} onOpenChange={setSheetOpen} title="Versions" shape="sheet">
        {timeline}
      </Dialog>
    </div>
  );
}

function VersionTabs({
  version,
  collection,
}: {
  version: Version;
  collection: Collection | undefined;
}) {
  const [{ tab = 'overview' }, change] = useAddress<VersionSearch>();
  const mayEdit = canWrite(useProjectRole(version));
  return (
    <Tabs
      label="Parts of the version"
      tabs={TABS}
      value={tab}
      onChange={value => change({ tab: value === 'overview' ? undefined : value, file: undefined })}
    >
      <Suspense fallback={<SkeletonRows rows={8} />}>
        {tab === 'overview' && (
          <VersionOverview version={version} collection={collection} mayEdit={mayEdit} />
        )}
        {tab === 'files' && <VersionFiles version={version} />}
        {tab === 'usage' && <VersionUsage version={version} />}
        {tab === 'lineage' && <LineageView of={versionSpec(version)} />}
        {tab === 'history' && <VersionHistory version={version} />}
      </Suspense>
    </Tabs>
  );
}

interface ArtifactMenuProps {
  collection: Collection;
  version: Version | null;
}

/** What can be done with a version and with its collection. */
function ArtifactMenu({ collection, version }: ArtifactMenuProps) {
  const router = useRouter();
  const { entity, project, name, type } = collection;
  const ref = { entity, project, collection: name };
  const edits = useArtifactEdits(ref);
  const [doomed, setDoomed] = useState<'version' | 'collection' | null>(null);
  const [isRenaming, setRenaming] = useState(false);
  const [isLinking, setLinking] = useState(false);
  const role = useProjectRole(ref);
  const { registry } = useRegistry(ref);
  // Of a registry, members link and unlink; its collections are its admins'.
  const mayDeleteCollection = registry === null ? canWrite(role) : canManage(role);
  const open = (what: typeof doomed) => () => setDoomed(what);
  const run = version?.logged_by;
  const isLinks = collection.kind === 'links';
  return (
    <>
      {version && (
        <Button
          tone="quiet"
          className="max-sm:hidden"
          onClick={() =>
            router.history.push(paths.compare(entity, project, undefined, versionSpec(version)))
          }
        >
          <GitCompareArrows className="size-4" aria-hidden />
          What changed?
        </Button>
      )}
      <Menu
        entries={() => [
          {
            label: 'Copy path',
            onSelect: () =>
              void copyText(`${entity}/${project}/${name}${version ? `:${version.version}` : ''}`),
          },
          ...(version
            ? ([
                {
                  kind: 'link',
                  label: 'Lineage',
                  href: paths.lineage(entity, project, versionSpec(version)),
                },
                ...(run
                  ? [
                      {
                        kind: 'link' as const,
                        label: 'Lineage of the run that logged it',
                        href: paths.lineage(run.entity, run.project, runSpec(run)),
                      },
                    ]
                  : []),
              ] as const)
            : []),
          ...(version && registry === null
            ? ([
                { kind: 'line' },
                { label: 'Link to registry', onSelect: () => setLinking(true) },
              ] as const)
            : []),
          ...(canWrite(role)
            ? ([
                { kind: 'line' },
                { label: 'Rename collection', onSelect: () => setRenaming(true) },
              ] as const)
            : []),
          ...(version && canWrite(role)
            ? [
                {
                  label: `${isLinks ? 'Unlink' : 'Delete'} ${version.version}`,
                  danger: true,
                  onSelect: open('version'),
                },
              ]
            : []),
          ...(mayDeleteCollection
            ? [{ label: 'Delete collection', danger: true, onSelect: open('collection') }]
            : []),
        ]}
      >
        <IconButton label="Menu of this artifact">
          <MoreVertical aria-hidden />
        </IconButton>
      </Menu>
      <Dialog open={isRenaming} onOpenChange={setRenaming} title="Rename collection">
        <div className="p-4">
          <p className="mb-2 text-ink-2">
            Code that names the collection has to be changed, too. Enter saves.
          </p>
          <InlineEdit
            label="Name of the collection"
            value={name}
            required
            openAtFirst
            onDone={() => setRenaming(false)}
            onSave={text => {
              const rest = version ? { version: version.version } : {};
              edits.rename(collection, text).then(
                renamed =>
                  router.history.replace(
                    'version' in rest
                      ? paths.version({ ...ref, collection: renamed, type, version: rest.version! })
                      : paths.collection({ ...ref, collection: renamed, type }),
                  ),
                () => undefined,
              );
            }}
          />
        </div>
      </Dialog>
      {isLinking && version && (
        <Suspense>
          <LinkDialog version={version} onClose={() => setLinking(false)} />
        </Suspense>
      )}
      {doomed && (
        <DeleteArtifactDialog
          verb={isLinks && doomed === 'version' ? 'Unlink' : 'Delete'}
          what={
            doomed === 'version' && version
              ? `${name}:${version.version}`
              : `${name} with all its versions`
          }
          onDelete={withAliases =>
            doomed === 'version' && version
              ? edits.remove(version, withAliases)
              : edits.removeCollection(collection, withAliases)
          }
          onClose={() => setDoomed(null)}
          onDeleted={() =>
            router.history.push(
              doomed === 'version'
                ? paths.collection({ ...ref, type })
                : registry === null
                  ? paths.artifacts(entity, project)
                  : paths.registry(entity, registry),
            )
          }
        />
      )}
    </>
  );
}
