import type { OrganizationTeam } from '~/api/org-schema';
import { Link } from '~/ui/Link';
import { formatInteger } from '~/util/format';
import { paths } from '~/util/paths';
import { roleLabel } from '~/util/roles';
import { EntityTable, type EntityColumn } from './EntityTable';

export interface TeamTableProps<Item> {
  teams: Item[];
  /** Columns before that of the role, and behind it. */
  before?: EntityColumn<Item>[];
  behind?: EntityColumn<Item>[];
}

const NAME: EntityColumn<OrganizationTeam> = {
  name: 'Team',
  show: ({ name }) => (
    <Link href={paths.team(name)} className="font-medium hover:underline" title={name}>
      {name}
    </Link>
  ),
};
const ROLE: EntityColumn<OrganizationTeam> = {
  name: 'Your role',
  show: team => <RoleCell role={team.role} />,
  className: 'w-24',
};
const MEMBERS: EntityColumn<OrganizationTeam> = {
  name: 'Members',
  show: team => formatInteger(team.n_members),
  align: 'right',
  className: 'w-20',
};

/** Teams, each a link, with the role of who looks at them. */
export function TeamTable<Item extends OrganizationTeam>({
  teams,
  before = [],
  behind = [],
}: TeamTableProps<Item>) {
  return (
    <EntityTable
      label="Teams"
      items={teams}
      keyOf={team => team.name}
      columns={[NAME, ...before, ROLE, ...behind, MEMBERS]}
    />
  );
}

export function RoleCell({ role }: { role: OrganizationTeam['role'] }) {
  return role ? roleLabel(role) : <span className="text-ink-3">none</span>;
}
