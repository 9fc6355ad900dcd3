import { useRouter } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { useRegistryEdits, type RegistryEdits } from '~/api/org-edits';
import type { RegistryRef } from '~/api/org-client';
import type { Registry } from '~/api/org-schema';
import { Button } from '~/ui/Button';
import { Chip } from '~/ui/Chip';
import { DeleteDialog } from '~/ui/DeleteDialog';
import { Field } from '~/ui/Field';
import { InlineEdit } from '~/ui/InlineEdit';
import { ErrorState } from '~/ui/States';
import { plural } from '~/util/format';
import { paths } from '~/util/paths';
import { Section } from '../Section';
import { AccessChoice } from './AccessChoice';
import { ProtectedAliases } from './ProtectedAliases';

export interface RegistrySettingsProps {
  registryRef: RegistryRef;
  registry: Registry;
}

export function RegistrySettings({ registryRef, registry }: RegistrySettingsProps) {
  const { organization, registry: name } = registryRef;
  const router = useRouter();
  const edits = useRegistryEdits(registryRef);
  const [isDeleting, setDeleting] = useState(false);
  return (
    <div className="flex max-w-3xl flex-col gap-8 p-4">
      <Section title="Name" note="Code and links that name the registry have to be changed, too.">
        <div className="px-1.5">
          <InlineEdit
            label="Name of the registry"
            value={name}
            required
            onSave={text =>
              void edits.rename(text).then(
                () => router.history.replace(paths.registry(organization, text, 'settings')),
                () => undefined,
              )
            }
          />
        </div>
      </Section>
      <Section title="Description">
        <div className="px-1.5">
          <InlineEdit
            label="Description"
            value={registry.description}
            multiline
            placeholder="Say what the registry is for"
            onSave={description => edits.change(registry, { description })}
          />
        </div>
      </Section>
      <Section title="Access">
        <AccessChoice
          organization={organization}
          value={registry.access}
          onChange={access => edits.change(registry, { access })}
        />
      </Section>
      <TypeSettings registry={registry} edits={edits} />
      <ProtectedAliases registry={registry} edits={edits} />
      <Section title="Delete registry" note="Versions stay where they were linked from.">
        <Button tone="danger" className="self-start" onClick={() => setDeleting(true)}>
          Delete registry
        </Button>
      </Section>
      {isDeleting && (
        <DeleteDialog
          name={name}
          onDelete={edits.remove}
          onClose={() => setDeleting(false)}
          onDeleted={() => router.history.push(paths.organization(organization))}
        >
          <p>
            {plural(registry.n_collections, 'collection')} with{' '}
            {plural(registry.n_versions, 'linked version')} and all aliases go with it.{' '}
            <b>This cannot be undone.</b>
          </p>
        </DeleteDialog>
      )}
    </div>
  );
}

function TypeSettings({ registry, edits }: { registry: Registry; edits: RegistryEdits }) {
  const [type, setType] = useState('');
  const [refusal, setRefusal] = useState<unknown>(null);
  const add = (event: FormEvent) => {
    event.preventDefault();
    setRefusal(null);
    edits.addType(type.trim()).then(() => setType(''), setRefusal);
  };
  return (
    <Section
      title="Artifact types"
      note="Versions of other types are refused. A type that was added cannot be taken away again."
    >
      <label className="flex min-h-6 cursor-pointer items-center gap-1.5">
        <input
          type="checkbox"
          className="accent-accent"
          checked={registry.allow_all_artifact_types}
          onChange={event =>
            edits.change(registry, { allow_all_artifact_types: event.target.checked })
          }
        />
        takes any type
      </label>
      {!registry.allow_all_artifact_types && (
        <>
          <div className="flex flex-wrap gap-1">
            {registry.artifact_types.map(item => (
              <Chip key={item} title={item}>
                {item}
              </Chip>
            ))}
            {registry.artifact_types.length === 0 && (
              <span className="text-warn">it takes no type yet, so nothing can be linked</span>
            )}
          </div>
          <form onSubmit={add} className="flex flex-wrap items-end gap-2">
            <Field
              label="Type"
              value={type}
              onChange={event => setType(event.target.value)}
              required
              pattern=".*\S.*"
              autoComplete="off"
              spellCheck={false}
              className="w-48"
            />
            <Button type="submit">Add type</Button>
          </form>
          {refusal !== null && <ErrorState error={refusal} className="p-0!" />}
        </>
      )}
    </Section>
  );
}
