import { useId, useMemo, useState, type FormEvent } from 'react';
import { useMemberEdits, type MemberList } from '~/api/org-edits';
import type { RegistryRole } from '~/api/org-schema';
import { Button } from '~/ui/Button';
import { ConfirmButton } from '~/ui/ConfirmButton';
import { Field, SearchField } from '~/ui/Field';
import { Select } from '~/ui/Select';
import { CutNote, EmptyState, ErrorState } from '~/ui/States';
import { cutNote } from '~/util/format';
import { parsePattern } from '~/util/pattern';
import { roleLabel } from '~/util/roles';

const MAX_SHOWN = 500;
/** Fewer are seen at once. */
const WORTH_A_SEARCH = 12;

/** A user or a team with the role they have. */
export interface MemberRow {
  name: string;
  /** An e-mail address, how many members. */
  detail: string | null;
  role: RegistryRole;
  /** Where the role comes from, if it is not given here and cannot be changed here. */
  origin?: string;
}

export interface MemberTableProps {
  label: string;
  noun: 'member' | 'team';
  list: MemberList;
  rows: MemberRow[];
  roles: RegistryRole[];
  canManage: boolean;
  /** The user's own row, which they may leave by. */
  self?: string;
  onLeft?: () => void;
  /** Names offered to be added. */
  offered: string[];
}

/** Who is in, as what; those who manage it change and remove them, and add others. */
export function MemberTable({
  label,
  noun,
  list,
  rows,
  roles,
  canManage,
  self,
  onLeft,
  offered,
}: MemberTableProps) {
  const edits = useMemberEdits(list);
  const [search, setSearch] = useState('');
  const [refusal, setRefusal] = useState<unknown>(null);
  const found = useMemo(() => {
    const { matches } = parsePattern(search);
    return rows.filter(row => matches(`${row.name} ${row.detail ?? ''}`));
  }, [rows, search]);
  const remove = (name: string) => {
    const leaves = name === self;
    setRefusal(null);
    edits.remove(name, leaves).then(() => leaves && onLeft?.(), setRefusal);
  };
  return (
    <div className="flex flex-col gap-3">
      {rows.length > WORTH_A_SEARCH && (
        <SearchField
          label={`Search ${noun}s`}
          value={search}
          onChange={setSearch}
          className="w-64 max-sm:w-full"
        />
      )}
      {rows.length === 0 ? (
        <EmptyState title={`No ${noun} yet`} className="px-0! py-2!" />
      ) : found.length === 0 ? (
        <EmptyState title={`No ${noun} has this name`} className="px-0! py-2!" />
      ) : (
        <table aria-label={label} className="w-full table-fixed border-collapse">
          <thead>
            <tr className="h-7 border-b border-line text-left text-12 text-ink-3 [&_th]:font-normal">
              <th scope="col">{noun === 'team' ? 'Team' : 'User'}</th>
              <th scope="col" className="max-sm:hidden">
                {noun === 'team' ? 'Size' : 'E-mail'}
              </th>
              <th scope="col" className="w-44 max-sm:w-32">
                Role
              </th>
              <th scope="col" className="w-36 max-sm:w-29">
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MAX_SHOWN).map(row => (
              <tr key={row.name} className="h-9 border-b border-line">
                <td className="truncate pr-2" title={row.name}>
                  {row.name}
                  {row.name === self && <span className="ml-2 text-12 text-ink-3">you</span>}
                </td>
                <td className="truncate pr-2 text-ink-2 max-sm:hidden" title={row.detail ?? ''}>
                  {row.detail}
                </td>
                <td className="pr-2">
                  {canManage && !row.origin ? (
                    <Select
                      bare
                      label={`Role of ${row.name}`}
                      value={row.role}
                      options={roles.map(role => [role, roleLabel(role)])}
                      onChange={role => {
                        setRefusal(null);
                        edits.setRole(row.name, row.role, role);
                      }}
                    />
                  ) : (
                    <span title={row.origin}>
                      {roleLabel(row.role)}
                      {row.origin && <span className="text-12 text-ink-3"> {row.origin}</span>}
                    </span>
                  )}
                </td>
                <td className="text-right">
                  {row.origin ? null : row.name === self ? (
                    <ConfirmButton
                      label="Leave"
                      subject={placeOf(list)}
                      onConfirm={() => remove(row.name)}
                    />
                  ) : (
                    canManage && (
                      <ConfirmButton
                        label="Remove"
                        subject={row.name}
                        onConfirm={() => remove(row.name)}
                      />
                    )
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <CutNote note={cutNote('first', Math.min(found.length, MAX_SHOWN), found.length)} />
      {refusal !== null && <ErrorState error={refusal} className="p-0!" />}
      {canManage && (
        <AddMember
          noun={noun}
          roles={roles}
          offered={offered.filter(name => !rows.some(row => row.name === name && !row.origin))}
          onAdd={edits.add}
        />
      )}
    </div>
  );
}

const placeOf = (list: MemberList): string =>
  'registry' in list ? list.registry.registry : list.name;

interface AddMemberProps {
  noun: 'member' | 'team';
  roles: RegistryRole[];
  offered: string[];
  onAdd: (name: string, role: RegistryRole) => Promise<void>;
}

function AddMember({ noun, roles, offered, onAdd }: AddMemberProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<RegistryRole>('member');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);
  const listId = useId();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    onAdd(name.trim(), role)
      .then(() => setName(''), setRefusal)
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-wrap items-end gap-2">
      <Field
        label={noun === 'team' ? 'Name of a team' : 'User name'}
        value={name}
        onChange={event => setName(event.target.value)}
        required
        pattern=".*\S.*"
        autoComplete="off"
        spellCheck={false}
        list={listId}
        className="w-48"
      />
      <datalist id={listId}>
        {offered.map(item => (
          <option key={item} value={item} />
        ))}
      </datalist>
      <Select
        label="Role"
        value={role}
        options={roles.map(item => [item, roleLabel(item)])}
        onChange={setRole}
        className="w-40"
      />
      <Button type="submit" disabled={isBusy}>
        Add {noun}
      </Button>
      {refusal !== null && <ErrorState error={refusal} className="w-full p-0!" />}
    </form>
  );
}
