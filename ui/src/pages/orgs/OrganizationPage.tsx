import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { orgApi } from '~/api/org-client';
import { refetchOrgs } from '~/api/org-edits';
import { orgQueries } from '~/api/org-queries';
import type { Organization } from '~/api/org-schema';
import { queries } from '~/api/queries';
import { showToast } from '~/stores/toasts';
import { Button } from '~/ui/Button';
import { DeleteDialog } from '~/ui/DeleteDialog';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Tabs } from '~/ui/Tabs';
import { paths, type OrganizationTab } from '~/util/paths';
import { canManage, ROLES } from '~/util/roles';
import { useAddress } from '~/workspace/use-search';
import { PageHead } from '../PageHead';
import { Section } from '../Section';
import { Trail } from '../Trail';
import { MemberTable } from './MemberTable';
import { NewTeamDialog } from './NewTeamDialog';
import { RegistryCards } from './RegistryCards';
import type { OrganizationSearch } from './search';
import { TeamTable } from './TeamTable';

export function OrganizationPage() {
  const { organization: name } = useParams({ from: '/frame/orgs/$organization' });
  const { data: me } = useSuspenseQuery(queries.me());
  const { data, error, refetch } = useQuery(orgQueries.organization(name));
  useEffect(() => {
    document.title = `${name} · Ballast`;
  }, [name]);
  return (
    <div className="flex h-full flex-col">
      <PageHead
        title={
          <>
            <Trail steps={[['organizations', paths.orgs()]]} />
            <span className="font-normal text-ink-3"> / </span>
            <span title={name}>{name}</span>
          </>
        }
      />
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={8} />}
      {data && (
        <Loaded
          organization={data}
          self={me.username}
          mayManage={me.admin || canManage(data.role)}
        />
      )}
    </div>
  );
}

interface LoadedProps {
  organization: Organization;
  self: string;
  mayManage: boolean;
}

function Loaded({ organization, self, mayManage }: LoadedProps) {
  const { name, members, teams } = organization;
  const [{ tab: asked = 'registries' }, change] = useAddress<OrganizationSearch>();
  const router = useRouter();
  const registries = useQuery(orgQueries.registries(name));
  const tab = asked === 'settings' && !mayManage ? 'registries' : asked;
  const tabs: [OrganizationTab, string, number?][] = [
    ['registries', 'Registries', registries.data?.items.length],
    ['teams', 'Teams', teams.length],
    ['members', 'Members', members.length],
  ];
  if (mayManage) tabs.push(['settings', 'Settings']);
  return (
    <Tabs
      label="Parts of the organization"
      tabs={tabs}
      value={tab}
      onChange={next => change({ tab: next === 'registries' ? undefined : next })}
    >
      <div className="min-h-0 flex-1 overflow-y-auto">
        {tab === 'registries' && (
          <RegistryCards organization={name} registries={registries} mayManage={mayManage} />
        )}
        {tab !== 'registries' && (
          <div className="flex max-w-4xl flex-col gap-8 p-4">
            {tab === 'teams' && (
              <OrganizationTeams organization={organization} self={self} mayManage={mayManage} />
            )}
            {tab === 'members' && (
              <Section
                title="Members"
                note="Members see every registry that is not restricted, with the role they have here."
              >
                <MemberTable
                  label="Members"
                  noun="member"
                  list={{ kind: 'organization', name }}
                  rows={members.map(({ username, email, role }) => ({
                    name: username,
                    detail: email,
                    role,
                  }))}
                  roles={ROLES}
                  canManage={mayManage}
                  self={self}
                  onLeft={() => router.history.push(paths.orgs())}
                  offered={[]}
                />
              </Section>
            )}
            {tab === 'settings' && <OrganizationSettings organization={organization} />}
          </div>
        )}
      </div>
    </Tabs>
  );
}

function OrganizationTeams({ organization: { name, teams }, self, mayManage }: LoadedProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title="Teams"
      note="Each has projects of its own. Who is in a team is in the organization, too."
      action={
        mayManage && (
          <Button onClick={() => setOpen(true)}>
            <Plus className="size-4" aria-hidden />
            New team
          </Button>
        )
      }
    >
      {teams.length > 0 ? (
        <TeamTable teams={teams} />
      ) : (
        <EmptyState title="No team yet" className="px-0! py-2!">
          {!mayManage && <p>An admin of the organization can make one.</p>}
        </EmptyState>
      )}
      {isOpen && (
        <NewTeamDialog
          self={self}
          organizations={[name]}
          needsOrganization
          onClose={() => setOpen(false)}
        />
      )}
    </Section>
  );
}

function OrganizationSettings({ organization: { name } }: { organization: Organization }) {
  const router = useRouter();
  const client = useQueryClient();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <Section
      title="Delete organization"
      note="It can be deleted once it has no teams and no registries any more."
    >
      <Button tone="danger" className="self-start" onClick={() => setDeleting(true)}>
        Delete organization
      </Button>
      {isDeleting && (
        <DeleteDialog
          name={name}
          onDelete={async () => {
            await orgApi.deleteOrganization(name);
            showToast({ text: `\`${name}\` deleted` });
            refetchOrgs(client, 'none');
          }}
          onClose={() => setDeleting(false)}
          onDeleted={() => router.history.push(paths.orgs())}
        >
          <p>
            Its members stay users of this server. <b>This cannot be undone.</b>
          </p>
        </DeleteDialog>
      )}
    </Section>
  );
}
