import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { orgApi } from '~/api/org-client';
import { refetchOrgs } from '~/api/org-edits';
import { orgQueries } from '~/api/org-queries';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field } from '~/ui/Field';
import { Select } from '~/ui/Select';
import { ErrorState } from '~/ui/States';
import { paths } from '~/util/paths';
import { membersOf, type MemberDraft } from './member-drafts';
import { MemberDrafts } from './MemberDrafts';

export interface NewTeamDialogProps {
  self: string;
  /** Those that a team can be made in; the first is chosen. */
  organizations: string[];
  /** The team belongs to one of them. */
  needsOrganization?: boolean;
  onClose: () => void;
}

export function NewTeamDialog({
  self,
  organizations,
  needsOrganization,
  onClose,
}: NewTeamDialogProps) {
  const router = useRouter();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [organization, setOrganization] = useState(organizations[0] ?? '');
  const [drafts, setDrafts] = useState<MemberDraft[]>([{ id: 0, username: self, role: 'admin' }]);
  const { data: parent } = useQuery({
    ...orgQueries.organization(organization),
    enabled: organization !== '',
  });
  const add = useMutation({
    mutationFn: orgApi.addTeam,
    onSuccess: made => {
      refetchOrgs(client);
      onClose();
      router.history.push(paths.team(made.name));
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({
      name: name.trim(),
      organization: organization || undefined,
      members: membersOf(drafts),
    });
  };
  return (
    <Dialog
      open
      onOpenChange={open => !open && onClose()}
      title="New team"
      description="Its members see the projects of the team, and log to them as their roles allow."
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
          hint="The entity that code logs to: wandb.init(entity=…)"
        />
        {organizations.length > 0 && (
          <Select
            label="Organization"
            value={organization}
            options={[
              ...organizations.map(item => [item, item] as const),
              ...(needsOrganization ? [] : [['', 'none'] as const]),
            ]}
            onChange={setOrganization}
          />
        )}
        <MemberDrafts
          drafts={drafts}
          onChange={setDrafts}
          offered={parent?.members.map(member => member.username)}
        />
        {add.error && <ErrorState error={add.error} className="p-0!" />}
        <div className="flex justify-end gap-2">
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" disabled={add.isPending}>
            Create team
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
