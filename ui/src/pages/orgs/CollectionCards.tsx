import { useInfiniteQuery } from '@tanstack/react-query';
import type { RegistryRef } from '~/api/org-client';
import { orgQueries } from '~/api/org-queries';
import type { Registry, RegistryCollection, RegistryVersion } from '~/api/org-schema';
import { useSettling } from '~/hooks/use-settling';
import { Button } from '~/ui/Button';
import { Card, CardGrid } from '~/ui/Card';
import { Chip } from '~/ui/Chip';
import { CodeBlock } from '~/ui/CodeBlock';
import { SearchField } from '~/ui/Field';
import { Link } from '~/ui/Link';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { canWrite } from '~/util/roles';
import { useAddress } from '~/workspace/use-search';
import { olderNamed, type NamedVersion } from './named-versions';
import type { RegistrySearch } from './search';

const MAX_CHIPS = 3;
const MAX_NAMED = 4;
/** Links from a registry to a version name no type; its page knows it. */
const ANY_TYPE = '-';

export interface CollectionCardsProps {
  registryRef: RegistryRef;
  registry: Registry;
}

/** The collections of a registry, each with its newest version and where that came from, and with what has a name. */
export function CollectionCards({ registryRef, registry }: CollectionCardsProps) {
  const [{ q = '' }, change] = useAddress<RegistrySearch>();
  const [draft, setDraft] = useSettling(q, text => change({ q: text || undefined }));
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    orgQueries.registryCollections(registryRef, q.trim()),
  );
  const collections = data?.pages.flatMap(page => page.items) ?? [];
  const total = data?.pages[0].total ?? null;
  if (data && collections.length === 0 && q.trim() === '')
    return <NothingLinked registry={registry} />;
  return (
    <section aria-label="Collections" className="flex flex-col gap-3 p-4">
      {registry.description && (
        <p className="max-w-3xl break-words whitespace-pre-wrap text-ink-2">
          {registry.description}
        </p>
      )}
      <div className="flex items-center gap-3">
        <SearchField
          label="Search collections"
          value={draft}
          onChange={setDraft}
          className="w-64 max-sm:flex-1"
        />
        <span role="status" className="tabular ml-auto text-12 text-ink-3">
          {data &&
            (total === null || total > collections.length
              ? `${formatInteger(collections.length)} of ${total === null ? 'more' : formatInteger(total)}`
              : plural(collections.length, 'collection'))}
        </span>
      </div>
      {error && !data && (
        <ErrorState error={error} onRetry={() => void refetch()} className="p-0!" />
      )}
      {!data && !error && <SkeletonRows rows={8} />}
      {data && collections.length === 0 && (
        <EmptyState title="No collection has this name" className="p-2!" />
      )}
      {collections.length > 0 && (
        <CardGrid label="Collections">
          {collections.map(collection => (
            <CollectionCard key={collection.name} registry={registry} collection={collection} />
          ))}
        </CardGrid>
      )}
      {hasNextPage && (
        <Button
          className="self-start"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </section>
  );
}

function NothingLinked({
  registry: { organization, name, project, role },
}: {
  registry: Registry;
}) {
  return (
    <EmptyState title="Nothing is linked into this registry yet" className="max-w-2xl">
      {canWrite(role) ? (
        <>
          <p>
            Link a version from the menu of its page, or from code. A collection is made by the
            first link to it.
          </p>
          <CodeBlock
            label="how to link an artifact"
            text={`with wandb.init(project="my-project") as run:\n    artifact = run.log_artifact("model.pt", name="my-model", type="model")\n    run.link_artifact(artifact, "${organization}/${project}/my-collection")`}
          />
        </>
      ) : (
        <p>Members of {name} link versions into it.</p>
      )}
    </EmptyState>
  );
}

function CollectionCard({
  registry,
  collection,
}: {
  registry: Registry;
  collection: RegistryCollection;
}) {
  const { name, type, latest, description, tags } = collection;
  const place = {
    entity: registry.organization,
    project: registry.project,
    type,
    collection: name,
  };
  return (
    <Card
      title={name}
      href={paths.collection(place)}
      mark={
        <span className="flex max-w-[50%] shrink-0">
          <Chip title={`type ${type}`}>{type}</Chip>
        </span>
      }
      foot={
        <>
          <span className="tabular">{plural(collection.n_versions, 'version')}</span>
          <span className="flex min-w-0 gap-1 overflow-hidden">
            {tags.slice(0, MAX_CHIPS).map(tag => (
              <Chip key={tag} title={`tag ${tag}`}>
                {tag}
              </Chip>
            ))}
          </span>
        </>
      }
    >
      {description && (
        <p className="line-clamp-2 break-words text-ink-2" title={description}>
          {description}
        </p>
      )}
      {latest ? (
        <Latest latest={latest} href={paths.version({ ...place, version: latest.version })} />
      ) : (
        <p className="text-ink-3">no version is linked any more</p>
      )}
      <NamedVersions
        versions={olderNamed(collection)}
        hrefOf={version => paths.version({ ...place, version })}
      />
    </Card>
  );
}

/** Older versions that have a name: which one is in production does not depend on what was linked since. */
function NamedVersions({
  versions,
  hrefOf,
}: {
  versions: NamedVersion[];
  hrefOf: (version: string) => string;
}) {
  if (versions.length === 0) return null;
  const hidden = versions.slice(MAX_NAMED).map(({ version }) => version);
  return (
    <ul aria-label="Older versions with an alias" className="flex flex-col gap-1">
      {versions.slice(0, MAX_NAMED).map(({ version, aliases }) => (
        <li key={version} className="flex min-w-0 items-center gap-1">
          <VersionLink href={hrefOf(version)} version={version} />
          <AliasChips aliases={aliases} />
        </li>
      ))}
      {hidden.length > 0 && (
        <li className="text-12 text-ink-3" title={hidden.join(', ')}>
          {plural(hidden.length, 'more version')} with an alias
        </li>
      )}
    </ul>
  );
}

function VersionLink({ href, version }: { href: string; version: string }) {
  return (
    <Link href={href} className="relative mr-0.5 shrink-0 font-mono text-13 hover:underline">
      {version}
    </Link>
  );
}

function AliasChips({ aliases }: { aliases: string[] }) {
  return (
    <>
      {aliases.slice(0, MAX_CHIPS).map(alias => (
        <Chip key={alias} tone="accent" title={`alias ${alias}`}>
          {alias}
        </Chip>
      ))}
      {aliases.length > MAX_CHIPS && (
        <span className="text-12 text-ink-3" title={aliases.slice(MAX_CHIPS).join(', ')}>
          +{aliases.length - MAX_CHIPS}
        </span>
      )}
    </>
  );
}

/** The newest version of a collection: its aliases, its source, who linked it and when. */
function Latest({ latest, href }: { latest: RegistryVersion; href: string }) {
  const { version, aliases, source } = latest;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex min-w-0 items-center gap-1">
        <VersionLink href={href} version={version} />
        <AliasChips aliases={aliases} />
      </div>
      <p className="flex min-w-0 gap-1 text-12 text-ink-3">
        from{' '}
        {source ? (
          <Link
            href={paths.version({ ...source, type: ANY_TYPE })}
            className="relative min-w-0 truncate text-ink-2 hover:underline"
            title={`${source.entity}/${source.project}/${source.collection}:${source.version}`}
          >
            {source.entity}/{source.project}/{source.collection}:{source.version}
          </Link>
        ) : (
          'a project that you do not see'
        )}
      </p>
      <p className="min-w-0 truncate text-12 text-ink-3">
        linked <Ago time={latest.linked_at} />
        {latest.linked_by && ` by ${latest.linked_by}`}
      </p>
    </div>
  );
}
