import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { orgApi } from '~/api/org-client';
import { refetchOrgs } from '~/api/org-edits';
import type { NewRegistry, RegistryAccess } from '~/api/org-schema';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field } from '~/ui/Field';
import { NameInput } from '~/ui/NameInput';
import { Select } from '~/ui/Select';
import { ErrorState } from '~/ui/States';
import { paths } from '~/util/paths';
import { AccessChoice } from './AccessChoice';

export interface NewRegistryDialogProps {
  organization: string;
  onClose: () => void;
}

export function NewRegistryDialog({ organization, onClose }: NewRegistryDialogProps) {
  const router = useRouter();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [access, setAccess] = useState<RegistryAccess>('private');
  const [takes, setTakes] = useState<'all' | 'some'>('all');
  const [types, setTypes] = useState<string[]>([]);
  const add = useMutation({
    mutationFn: (body: NewRegistry) => orgApi.addRegistry(organization, body),
    onSuccess: made => {
      refetchOrgs(client);
      onClose();
      router.history.push(paths.registry(organization, made.name));
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({
      name: name.trim(),
      description: description.trim() || undefined,
      access,
      allow_all_artifact_types: takes === 'all',
      artifact_types: takes === 'all' ? undefined : types,
    });
  };
  return (
    <Dialog
      open
      onOpenChange={open => !open && onClose()}
      title={`New registry of ${organization}`}
    >
      <form className="flex flex-col gap-4 overflow-y-auto p-4" onSubmit={onSubmit}>
        <Field
          label="Name"
          value={name}
          onChange={event => setName(event.target.value)}
          required
          autoFocus
          autoComplete="off"
          spellCheck={false}
          placeholder="models"
        />
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
        {add.error && <ErrorState error={add.error} className="p-0!" />}
        <div className="flex justify-end gap-2">
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" disabled={add.isPending}>
            Create registry
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
