import { useState } from 'react';
import { orgApi } from '~/api/org-client';
import { paths } from '~/util/paths';
import { membersOf, type MemberDraft } from './member-drafts';
import { MemberDrafts } from './MemberDrafts';
import { NewDialog } from './NewDialog';

export interface NewOrganizationDialogProps {
  self: string;
  onClose: () => void;
}

export function NewOrganizationDialog({ self, onClose }: NewOrganizationDialogProps) {
  const [drafts, setDrafts] = useState<MemberDraft[]>([{ id: 0, username: self, role: 'admin' }]);
  return (
    <NewDialog
      noun="organization"
      description="It holds teams, and registries that all of them share."
      nameField={{ hint: 'Stands in addresses and in code, and cannot be changed.' }}
      onMake={name => orgApi.addOrganization({ name, members: membersOf(drafts) })}
      hrefOf={made => paths.organization(made.name)}
      onClose={onClose}
    >
      <MemberDrafts drafts={drafts} onChange={setDrafts} />
    </NewDialog>
  );
}
