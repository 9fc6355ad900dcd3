import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { orgQueries } from '~/api/org-queries';
import type { OrganizationSummary, TeamSummary } from '~/api/org-schema';
import { queries } from '~/api/queries';
import { Button } from '~/ui/Button';
import { Link } from '~/ui/Link';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { formatInteger } from '~/util/format';
import { paths } from '~/util/paths';
import { canManage } from '~/util/roles';
import { PageHead } from '../PageHead';
import { Section } from '../Section';
import { EntityTable, type EntityColumn } from './EntityTable';
import { NewOrganizationDialog } from './NewOrganizationDialog';
import { NewTeamDialog } from './NewTeamDialog';
import { RoleCell, TeamTable } from './TeamTable';

const ORGANIZATION_COLUMNS: EntityColumn<OrganizationSummary>[] = [
  {
    name: 'Organization',
    show: ({ name }) => (
      <Link href={paths.organization(name)} className="font-medium hover:underline" title={name}>
        {name}
      </Link>
    ),
  },
  { name: 'Your role', show: item => <RoleCell role={item.role} />, className: 'w-24' },
  {
    name: 'Registries',
    show: item => formatInteger(item.n_registries),
    align: 'right',
    className: 'w-24 max-sm:hidden',
  },
  {
    name: 'Teams',
    show: item => formatInteger(item.n_teams),
    align: 'right',
    className: 'w-24 max-sm:hidden',
  },
  {
    name: 'Members',
    show: item => formatInteger(item.n_members),
    align: 'right',
    className: 'w-20',
  },
];

const TEAM_ORGANIZATION: EntityColumn<TeamSummary>[] = [
  {
    name: 'Organization',
    show: ({ organization }) =>
      organization ? (
        <Link
          href={paths.organization(organization)}
          className="hover:underline"
          title={organization}
        >
          {organization}
        </Link>
      ) : (
        <span className="text-ink-3">none</span>
      ),
    className: 'w-48 max-sm:hidden',
  },
];

const TEAM_PROJECTS: EntityColumn<TeamSummary>[] = [
  {
    name: 'Projects',
    show: team => (
      <Link
        href={paths.entity(team.name)}
        className="hover:underline"
        aria-label={`Projects of ${team.name}: ${team.n_projects}`}
      >
        {formatInteger(team.n_projects)}
      </Link>
    ),
    align: 'right',
    className: 'w-24 max-sm:hidden',
  },
];

/** The organizations and teams that the user is in. */
export function OrgsPage() {
  const { data: me } = useSuspenseQuery(queries.me());
  const organizations = useQuery(orgQueries.organizations());
  const teams = useQuery(orgQueries.teams());
  const [opened, setOpened] = useState<'organization' | 'team' | null>(null);
  const close = () => setOpened(null);
  useEffect(() => {
    document.title = 'Teams · Ballast';
  }, []);
  const managed = (organizations.data?.items ?? [])
    .filter(item => me.admin || canManage(item.role))
    .map(item => item.name);
  return (
    <>
      <PageHead title="Organizations and teams" />
      <div className="mx-auto flex max-w-4xl flex-col gap-8 p-4 sm:py-8">
        <Section
          title="Organizations"
          note="An organization holds teams, and registries that its members share."
          action={
            <Button onClick={() => setOpened('organization')}>
              <Plus className="size-4" aria-hidden />
              New organization
            </Button>
          }
        >
          {organizations.error && !organizations.data && (
            <ErrorState
              error={organizations.error}
              onRetry={() => void organizations.refetch()}
              className="px-0!"
            />
          )}
          {organizations.isPending && <SkeletonRows rows={2} />}
          {organizations.data &&
            (organizations.data.items.length > 0 ? (
              <EntityTable
                label="Organizations"
                items={organizations.data.items}
                keyOf={item => item.name}
                columns={ORGANIZATION_COLUMNS}
              />
            ) : (
              <EmptyState title="You are in no organization" className="px-0! py-2!">
                <p>Make one, or ask an admin of yours to add you.</p>
              </EmptyState>
            ))}
        </Section>
        <Section
          title="Teams"
          note="The projects of a team are seen by its members."
          action={
            <Button onClick={() => setOpened('team')} disabled={organizations.isPending}>
              <Plus className="size-4" aria-hidden />
              New team
            </Button>
          }
        >
          {teams.error && !teams.data && (
            <ErrorState
              error={teams.error}
              onRetry={() => void teams.refetch()}
              className="px-0!"
            />
          )}
          {teams.isPending && <SkeletonRows rows={3} />}
          {teams.data &&
            (teams.data.items.length > 0 ? (
              <TeamTable
                teams={teams.data.items}
                before={TEAM_ORGANIZATION}
                behind={TEAM_PROJECTS}
              />
            ) : (
              <EmptyState title="You are in no team" className="px-0! py-2!">
                <p>Make one to log to projects that others see, too.</p>
              </EmptyState>
            ))}
        </Section>
      </div>
      {opened === 'organization' && <NewOrganizationDialog self={me.username} onClose={close} />}
      {opened === 'team' && (
        <NewTeamDialog self={me.username} organizations={managed} onClose={close} />
      )}
    </>
  );
}
