import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { orgApi } from '~/api/org-client';
import { orgQueries } from '~/api/org-queries';
import { Select } from '~/ui/Select';
import { paths } from '~/util/paths';
import { membersOf, type MemberDraft } from './member-drafts';
import { MemberDrafts } from './MemberDrafts';
import { NewDialog } from './NewDialog';

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
  const [organization, setOrganization] = useState(organizations[0] ?? '');
  const [drafts, setDrafts] = useState<MemberDraft[]>([{ id: 0, username: self, role: 'admin' }]);
  const { data: parent } = useQuery({
    ...orgQueries.organization(organization),
    enabled: organization !== '',
  });
  return (
    <NewDialog
      noun="team"
      description="Its members see the projects of the team, and log to them as their roles allow."
      nameField={{ hint: 'The entity that code logs to: wandb.init(entity=…)' }}
      onMake={name =>
        orgApi.addTeam({
          name,
          organization: organization || undefined,
          members: membersOf(drafts),
        })
      }
      hrefOf={made => paths.team(made.name)}
      onClose={onClose}
    >
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
    </NewDialog>
  );
}
