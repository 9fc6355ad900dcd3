import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import type { RegistryRef } from '~/api/org-client';
import { orgQueries } from '~/api/org-queries';
import type { Registry } from '~/api/org-schema';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { plural } from '~/util/format';
import { paths } from '~/util/paths';
import { REGISTRY_ROLES } from '~/util/roles';
import { Section } from '../Section';
import { MemberTable } from './MemberTable';

export interface RegistryMembersProps {
  registryRef: RegistryRef;
  registry: Registry;
  self: string;
  mayManage: boolean;
}

/** Users and teams that see a registry. */
export function RegistryMembers({ registryRef, registry, self, mayManage }: RegistryMembersProps) {
  const { organization } = registryRef;
  const router = useRouter();
  const { data, error, refetch } = useQuery(orgQueries.registryMembers(registryRef));
  const { data: parent } = useQuery(orgQueries.organization(organization));
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  return (
    <div className="flex max-w-4xl flex-col gap-8 p-4">
      <Section
        title="Users"
        note={
          registry.access === 'private'
            ? `Every member of ${organization} is in, and may be given a higher role here. The highest role counts.`
            : `Only those listed, the teams below and the admins of ${organization} see the registry. The highest role counts.`
        }
      >
        <MemberTable
          label="Users"
          noun="member"
          list={{ kind: 'registry-users', registry: registryRef }}
          rows={data.users.map(({ username, email, role, via }) => ({
            name: username,
            detail: email,
            role,
            origin: via === 'organization' ? `of ${organization}` : undefined,
          }))}
          roles={REGISTRY_ROLES}
          canManage={mayManage}
          self={self}
          onLeft={() => router.history.push(paths.organization(organization))}
          offered={parent?.members.map(member => member.username) ?? []}
        />
      </Section>
      <Section
        title="Teams"
        note="A team's role counts for each of its members. A restricted viewer sees what is linked, and downloads nothing."
      >
        <MemberTable
          label="Teams"
          noun="team"
          list={{ kind: 'registry-teams', registry: registryRef }}
          rows={data.teams.map(({ name, role, n_members }) => ({
            name,
            detail: plural(n_members, 'member'),
            role,
          }))}
          roles={REGISTRY_ROLES}
          canManage={mayManage}
          offered={parent?.teams.map(team => team.name) ?? []}
        />
      </Section>
    </div>
  );
}
