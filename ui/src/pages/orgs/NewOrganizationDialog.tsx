import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { orgApi } from '~/api/org-client';
import { refetchOrgs } from '~/api/org-edits';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field } from '~/ui/Field';
import { ErrorState } from '~/ui/States';
import { paths } from '~/util/paths';
import { membersOf, type MemberDraft } from './member-drafts';
import { MemberDrafts } from './MemberDrafts';

export interface NewOrganizationDialogProps {
  self: string;
  onClose: () => void;
}

export function NewOrganizationDialog({ self, onClose }: NewOrganizationDialogProps) {
  const router = useRouter();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [drafts, setDrafts] = useState<MemberDraft[]>([{ id: 0, username: self, role: 'admin' }]);
  const add = useMutation({
    mutationFn: orgApi.addOrganization,
    onSuccess: made => {
      refetchOrgs(client);
      onClose();
      router.history.push(paths.organization(made.name));
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ name: name.trim(), members: membersOf(drafts) });
  };
  return (
    <Dialog
      open
      onOpenChange={open => !open && onClose()}
      title="New organization"
      description="It holds teams, and registries that all of them share."
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
          hint="Stands in addresses and in code, and cannot be changed."
        />
        <MemberDrafts drafts={drafts} onChange={setDrafts} />
        {add.error && <ErrorState error={add.error} className="p-0!" />}
        <div className="flex justify-end gap-2">
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" disabled={add.isPending}>
            Create organization
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
