import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useId, useState, type FormEvent } from 'react';
import { artifactQueries } from '~/api/artifact-queries';
import { orgApi } from '~/api/org-client';
import { refetchOrgs } from '~/api/org-edits';
import { orgQueries } from '~/api/org-queries';
import type { Registry } from '~/api/org-schema';
import { queries } from '~/api/queries';
import type { Version } from '~/api/schema';
import { showToast } from '~/stores/toasts';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field } from '~/ui/Field';
import { Link } from '~/ui/Link';
import { NameInput } from '~/ui/NameInput';
import { Select } from '~/ui/Select';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ticks } from '~/ui/Ticks';
import { paths } from '~/util/paths';
import { canWrite, takesType } from '~/util/roles';

export interface LinkDialogProps {
  version: Version;
  onClose: () => void;
}

/** Links a version into a collection of a registry. */
export function LinkDialog({ version, onClose }: LinkDialogProps) {
  const { registries, error, isPending } = useRegistriesFor(version.type);
  return (
    <Dialog
      open
      onOpenChange={open => !open && onClose()}
      title={`Link ${version.collection}:${version.version} to a registry`}
    >
      {isPending ? (
        <SkeletonRows rows={4} />
      ) : registries.length > 0 ? (
        <LinkForm version={version} registries={registries} onClose={onClose} />
      ) : error ? (
        <ErrorState error={error} />
      ) : (
        <EmptyState title="There is no registry that you can link this to" className="p-4!">
          <p>
            <Ticks
              text={`It takes a registry of your organization that accepts artifacts of type \`${version.type}\`, and the role member or admin in it.`}
            />
          </p>
          <Link href={paths.orgs()} className="text-accent underline">
            Go to the organizations
          </Link>
        </EmptyState>
      )}
    </Dialog>
  );
}

/** The registries that take versions of a type from the user. */
function useRegistriesFor(type: string) {
  const entities = useQuery(queries.entities());
  const organizations = (entities.data?.items ?? [])
    .filter(entity => entity.kind === 'organization')
    .map(entity => entity.name);
  const found = useQueries({ queries: organizations.map(name => orgQueries.registries(name)) });
  return {
    registries: found
      .flatMap(({ data }) => data?.items ?? [])
      .filter(registry => canWrite(registry.role) && takesType(registry, type)),
    error: entities.error ?? found.find(({ error }) => error)?.error ?? null,
    isPending: entities.isPending || found.some(({ isPending }) => isPending),
  };
}

const pathOf = ({ organization, name }: Registry): string => `${organization}/${name}`;

interface LinkFormProps extends LinkDialogProps {
  registries: Registry[];
}

function LinkForm({ version, registries, onClose }: LinkFormProps) {
  const router = useRouter();
  const client = useQueryClient();
  const listId = useId();
  const [chosen, setChosen] = useState(pathOf(registries[0]));
  const [collection, setCollection] = useState(version.collection);
  const [aliases, setAliases] = useState<string[]>([]);
  const registry = registries.find(item => pathOf(item) === chosen) ?? registries[0];
  const { organization, name, project } = registry;
  const known = useQuery(artifactQueries.offeredCollections({ entity: organization, project }, ''));
  const link = useMutation({
    mutationFn: () =>
      orgApi.link({ organization, registry: name }, collection.trim(), {
        artifact: `${version.entity}/${version.project}/${version.collection}:${version.version}`,
        aliases: aliases.length > 0 ? aliases : undefined,
      }),
    onSuccess: () => {
      const place = {
        entity: organization,
        project,
        type: version.type,
        collection: collection.trim(),
      };
      for (const key of ['collection', 'collections', 'versions', 'version'])
        void client.invalidateQueries({ queryKey: [key, organization, project] });
      refetchOrgs(client);
      onClose();
      showToast({
        text: `linked to \`${collection.trim()}\` of ${organization} / ${name}`,
        action: { label: 'Open', run: () => router.history.push(paths.collection(place)) },
      });
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    link.mutate();
  };
  return (
    <form className="flex flex-col gap-4 overflow-y-auto p-4" onSubmit={onSubmit}>
      <Select
        label="Registry"
        value={chosen}
        options={registries.map(item => [pathOf(item), `${item.organization} / ${item.name}`])}
        onChange={setChosen}
      />
      <Field
        label="Collection"
        value={collection}
        onChange={event => setCollection(event.target.value)}
        required
        pattern=".*\S.*"
        autoComplete="off"
        spellCheck={false}
        list={listId}
        hint="Made if the registry has none of this name."
      />
      <datalist id={listId}>
        {known.data?.items.map(item => (
          <option key={item.name} value={item.name} />
        ))}
      </datalist>
      <NameInput label="Aliases" noun="alias" names={aliases} onChange={setAliases} />
      {link.error && <ErrorState error={link.error} className="p-0!" />}
      <div className="flex justify-end gap-2">
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button tone="primary" type="submit" disabled={link.isPending}>
          Link
        </Button>
      </div>
    </form>
  );
}
