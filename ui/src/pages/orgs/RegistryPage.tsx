import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import type { CollectionRef } from '~/api/client';
import type { RegistryRef } from '~/api/org-client';
import { orgQueries } from '~/api/org-queries';
import type { Registry } from '~/api/org-schema';
import { queries } from '~/api/queries';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { Tabs } from '~/ui/Tabs';
import { paths, type RegistryTab } from '~/util/paths';
import { canManage } from '~/util/roles';
import { useAddress } from '~/workspace/use-search';
import { PageHead } from '../PageHead';
import { Trail } from '../Trail';
import { CollectionCards } from './CollectionCards';
import { RegistryMembers } from './RegistryMembers';
import { RegistrySettings } from './RegistrySettings';
import { readSelection, type RegistrySearch } from './search';

export function RegistryPage() {
  const { organization, registry } = useParams({
    from: '/frame/orgs/$organization/registry/$registry',
  });
  const ref = useMemo(() => ({ organization, registry }), [organization, registry]);
  const { data: me } = useSuspenseQuery(queries.me());
  const [{ selectionPath, version }] = useAddress<RegistrySearch>();
  const selection = useMemo(() => readSelection(selectionPath), [selectionPath]);
  const { data, error, refetch } = useQuery(orgQueries.registry(ref));
  useEffect(() => {
    document.title = `${registry} · ${organization} · Ballast`;
  }, [organization, registry]);
  return (
    <div className="flex h-full flex-col">
      <PageHead
        title={
          <>
            <Trail steps={[[organization, paths.organization(organization)]]} />
            <span className="font-normal text-ink-3"> / registry </span>
            <span title={registry}>{registry}</span>
          </>
        }
      />
      {selection ? (
        <Selected collectionRef={selection} version={version} />
      ) : (
        <>
          {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
          {!data && !error && <SkeletonRows rows={8} />}
          {data && (
            <Loaded
              registryRef={ref}
              registry={data}
              self={me.username}
              mayManage={me.admin || canManage(data.role)}
            />
          )}
        </>
      )}
    </div>
  );
}

/** Clients print the address of a registry with the version that they linked: it leads to the version's page. */
function Selected({
  collectionRef,
  version,
}: {
  collectionRef: CollectionRef;
  version: string | undefined;
}) {
  const router = useRouter();
  const { data, error, refetch } = useQuery(artifactQueries.collection(collectionRef));
  useEffect(() => {
    if (!data) return;
    const place = { ...collectionRef, type: data.type };
    router.history.replace(
      version === undefined ? paths.collection(place) : paths.version({ ...place, version }),
    );
  }, [router, collectionRef, data, version]);
  return error ? (
    <ErrorState error={error} onRetry={() => void refetch()} />
  ) : (
    <SkeletonRows rows={8} />
  );
}

interface LoadedProps {
  registryRef: RegistryRef;
  registry: Registry;
  self: string;
  mayManage: boolean;
}

function Loaded({ registryRef, registry, self, mayManage }: LoadedProps) {
  const [{ tab: asked = 'collections' }, change] = useAddress<RegistrySearch>();
  const tab = asked === 'settings' && !mayManage ? 'collections' : asked;
  const tabs: [RegistryTab, string, number?][] = [
    ['collections', 'Collections', registry.n_collections],
    ['members', 'Members', registry.n_members],
  ];
  if (mayManage) tabs.push(['settings', 'Settings']);
  return (
    <Tabs
      label="Parts of the registry"
      tabs={tabs}
      value={tab}
      onChange={next => change({ tab: next === 'collections' ? undefined : next, q: undefined })}
    >
      <div className="min-h-0 flex-1 overflow-y-auto">
        {tab === 'collections' && <CollectionCards registryRef={registryRef} registry={registry} />}
        {tab === 'members' && (
          <RegistryMembers
            registryRef={registryRef}
            registry={registry}
            self={self}
            mayManage={mayManage}
          />
        )}
        {tab === 'settings' && <RegistrySettings registryRef={registryRef} registry={registry} />}
      </div>
    </Tabs>
  );
}
