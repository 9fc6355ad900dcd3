import { useState } from 'react';
import { orgApi } from '~/api/org-client';
import type { RegistryAccess } from '~/api/org-schema';
import { Field } from '~/ui/Field';
import { NameInput } from '~/ui/NameInput';
import { Select } from '~/ui/Select';
import { paths } from '~/util/paths';
import { AccessChoice } from './AccessChoice';
import { NewDialog } from './NewDialog';

export interface NewRegistryDialogProps {
  organization: string;
  onClose: () => void;
}

export function NewRegistryDialog({ organization, onClose }: NewRegistryDialogProps) {
  const [description, setDescription] = useState('');
  const [access, setAccess] = useState<RegistryAccess>('private');
  const [takes, setTakes] = useState<'all' | 'some'>('all');
  const [types, setTypes] = useState<string[]>([]);
  return (
    <NewDialog
      noun="registry"
      title={`New registry of ${organization}`}
      nameField={{ placeholder: 'models' }}
      onMake={name =>
        orgApi.addRegistry(organization, {
          name,
          description: description.trim() || undefined,
          access,
          allow_all_artifact_types: takes === 'all',
          artifact_types: takes === 'all' ? undefined : types,
        })
      }
      hrefOf={made => paths.registry(organization, made.name)}
      onClose={onClose}
    >
      <Field
        label="Description"
        value={description}
        onChange={event => setDescription(event.target.value)}
        autoComplete="off"
      />
      <AccessChoice organization={organization} value={access} onChange={setAccess} />
      <Select
        label="Artifact types"
        value={takes}
        options={[
          ['all', 'any type'],
          ['some', 'only some types'],
        ]}
        onChange={setTakes}
      />
      {takes === 'some' && (
        <NameInput label="Types it takes" noun="type" names={types} onChange={setTypes} />
      )}
    </NewDialog>
  );
}
