import { Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import { Button, IconButton } from '~/ui/Button';
import { INPUT } from '~/ui/Field';
import { Select } from '~/ui/Select';
import { ROLES, roleLabel } from '~/util/roles';
import type { MemberDraft } from './member-drafts';

export interface MemberDraftsProps {
  drafts: MemberDraft[];
  onChange: (drafts: MemberDraft[]) => void;
  /** Names to pick from. */
  offered?: string[];
}

/** Lines of a form, a user name and a role each. */
export function MemberDrafts({ drafts, onChange, offered = [] }: MemberDraftsProps) {
  const listId = useId();
  const [nextId, setNextId] = useState(drafts.length);
  const change = (id: number, part: Partial<MemberDraft>) =>
    onChange(drafts.map(draft => (draft.id === id ? { ...draft, ...part } : draft)));
  const add = () => {
    onChange([...drafts, { id: nextId, username: '', role: 'member' }]);
    setNextId(nextId + 1);
  };
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-12 font-medium text-ink-2">Members</legend>
      <datalist id={listId}>
        {offered.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {drafts.map((draft, index) => (
        <div key={draft.id} className="flex items-center gap-2">
          <input
            aria-label={`User name of member ${index + 1}`}
            placeholder="user name"
            value={draft.username}
            onChange={event => change(draft.id, { username: event.target.value })}
            autoFocus={index > 0 && draft.username === ''}
            autoComplete="off"
            spellCheck={false}
            list={listId}
            className={INPUT}
          />
          <Select
            bare
            label={`Role of member ${index + 1}`}
            value={draft.role}
            options={ROLES.map(role => [role, roleLabel(role)])}
            onChange={role => change(draft.id, { role })}
            className="w-28 shrink-0"
          />
          <IconButton
            label={`Remove member ${index + 1}`}
            onClick={() => onChange(drafts.filter(other => other !== draft))}
          >
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
      <Button tone="quiet" className="self-start px-1.5!" onClick={add}>
        <Plus className="size-4" aria-hidden />
        Add a line
      </Button>
    </fieldset>
  );
}
