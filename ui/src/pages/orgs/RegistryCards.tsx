import type { UseQueryResult } from '@tanstack/react-query';
import { Lock, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Registry } from '~/api/org-schema';
import type { List } from '~/api/schema';
import { Button } from '~/ui/Button';
import { Card, CardGrid } from '~/ui/Card';
import { Chip } from '~/ui/Chip';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { roleLabel } from '~/util/roles';
import { NewRegistryDialog } from './NewRegistryDialog';

const MAX_CHIPS = 4;

export interface RegistryCardsProps {
  organization: string;
  registries: UseQueryResult<List<Registry>>;
  mayManage: boolean;
}

/** The registries of an organization that the user sees. */
export function RegistryCards({ organization, registries, mayManage }: RegistryCardsProps) {
  const { data, error, refetch } = registries;
  const [isOpen, setOpen] = useState(false);
  const add = mayManage && (
    <Button onClick={() => setOpen(true)}>
      <Plus className="size-4" aria-hidden />
      New registry
    </Button>
  );
  return (
    <section aria-label="Registries" className="flex flex-col gap-3 p-4">
      {error && !data && (
        <ErrorState error={error} onRetry={() => void refetch()} className="p-0!" />
      )}
      {!data && !error && <SkeletonRows rows={6} />}
      {data && data.items.length > 0 && (
        <>
          <div className="flex items-start gap-3">
            <p className="min-w-0 flex-1 text-12 text-ink-3">
              Versions of any project are linked into registries, where the organization finds them.
            </p>
            {add}
          </div>
          <CardGrid label="Registries">
            {data.items.map(registry => (
              <RegistryCard key={registry.name} registry={registry} />
            ))}
          </CardGrid>
        </>
      )}
      {data && data.items.length === 0 && (
        <EmptyState title="No registry yet" className="max-w-2xl p-2!">
          <p>
            A registry holds the models, data sets and other artifacts that an organization shares:
            versions of any project, linked under names that everybody knows.
          </p>
          {add || <p>An admin of the organization can make one.</p>}
        </EmptyState>
      )}
      {isOpen && <NewRegistryDialog organization={organization} onClose={() => setOpen(false)} />}
    </section>
  );
}

function RegistryCard({ registry }: { registry: Registry }) {
  const { organization, name, description, artifact_types: types } = registry;
  return (
    <Card
      title={name}
      href={paths.registry(organization, name)}
      mark={
        registry.access === 'restricted' && (
          <span title="Only its own members see it" className="shrink-0">
            <Lock className="size-3.5 text-ink-3" role="img" aria-label="restricted" />
          </span>
        )
      }
      foot={
        <>
          <span className="tabular min-w-0 truncate">
            {plural(registry.n_collections, 'collection')} ·{' '}
            {plural(registry.n_versions, 'version')} · {plural(registry.n_members, 'member')}
          </span>
          <span className="ml-auto shrink-0">{registry.role && roleLabel(registry.role)}</span>
        </>
      }
    >
      <p className="line-clamp-2 min-h-10 text-ink-2" title={description || undefined}>
        {description || <span className="text-ink-3">no description</span>}
      </p>
      <div className="flex min-h-5 min-w-0 flex-wrap items-center gap-1">
        {registry.allow_all_artifact_types ? (
          <span className="text-12 text-ink-3">any type</span>
        ) : (
          types.slice(0, MAX_CHIPS).map(type => (
            <Chip key={type} title={`takes artifacts of type ${type}`}>
              {type}
            </Chip>
          ))
        )}
        {!registry.allow_all_artifact_types && types.length > MAX_CHIPS && (
          <span className="text-12 text-ink-3" title={types.slice(MAX_CHIPS).join(', ')}>
            +{formatInteger(types.length - MAX_CHIPS)}
          </span>
        )}
        <span className="ml-auto text-12 text-ink-3">
          changed <Ago time={registry.updated_at} />
        </span>
      </div>
    </Card>
  );
}
