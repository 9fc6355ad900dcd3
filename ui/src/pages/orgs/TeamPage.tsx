import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import { FolderKanban } from 'lucide-react';
import { useEffect, useState } from 'react';
import { orgApi } from '~/api/org-client';
import { refetchOrgs } from '~/api/org-edits';
import { orgQueries } from '~/api/org-queries';
import type { Team } from '~/api/org-schema';
import { queries } from '~/api/queries';
import { showToast } from '~/stores/toasts';
import { Button } from '~/ui/Button';
import { DeleteDialog } from '~/ui/DeleteDialog';
import { Link } from '~/ui/Link';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { plural } from '~/util/format';
import { paths } from '~/util/paths';
import { canManage, ROLES } from '~/util/roles';
import { PageHead } from '../PageHead';
import { Section } from '../Section';
import { Trail } from '../Trail';
import { MemberTable } from './MemberTable';

export function TeamPage() {
  const { team: name } = useParams({ from: '/frame/teams/$team' });
  const { data: me } = useSuspenseQuery(queries.me());
  const { data, error, refetch } = useQuery(orgQueries.team(name));
  const parent = useQuery({
    ...orgQueries.organization(data?.organization ?? ''),
    enabled: Boolean(data?.organization),
  });
  const router = useRouter();
  useEffect(() => {
    document.title = `${name} · Ballast`;
  }, [name]);
  const steps: [string, string][] = data?.organization
    ? [
        [data.organization, paths.organization(data.organization)],
        ['teams', paths.organization(data.organization, 'teams')],
      ]
    : [['teams', paths.orgs()]];
  // Of an organization, its admins are admins of the team.
  const mayManage =
    me.admin || canManage(data?.role) || (data !== undefined && canManage(parent.data?.role));
  return (
    <>
      <PageHead
        title={
          <>
            <Trail steps={steps} />
            <span className="font-normal text-ink-3"> / </span>
            <span title={name}>{name}</span>
          </>
        }
      >
        {data && (
          <Link
            href={paths.entity(name)}
            className="inline-flex h-7 items-center gap-1.5 rounded-md px-2 font-medium text-ink-2 hover:bg-hover hover:text-ink"
          >
            <FolderKanban className="size-4" aria-hidden />
            Projects
          </Link>
        )}
      </PageHead>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={6} />}
      {data && (
        <div className="mx-auto flex max-w-4xl flex-col gap-8 p-4 sm:py-8">
          <Section
            title="Members"
            note="Viewers read what is logged to the team, members also log and edit, admins also manage members and delete projects."
          >
            <MemberTable
              label="Members"
              noun="member"
              list={{ kind: 'team', name }}
              rows={data.members.map(({ username, email, role }) => ({
                name: username,
                detail: email,
                role,
              }))}
              roles={ROLES}
              canManage={mayManage}
              self={me.username}
              onLeft={() => router.history.push(paths.orgs())}
              offered={parent.data?.members.map(member => member.username) ?? []}
            />
          </Section>
          {mayManage && <TeamDeletion team={data} />}
        </div>
      )}
    </>
  );
}

function TeamDeletion({ team: { name } }: { team: Team }) {
  const router = useRouter();
  const client = useQueryClient();
  const [isDeleting, setDeleting] = useState(false);
  const [withProjects, setWithProjects] = useState(false);
  const { data: teams } = useQuery(orgQueries.teams());
  const nProjects = teams?.items.find(team => team.name === name)?.n_projects ?? 0;
  return (
    <Section title="Delete team" note="Its members stay users of this server.">
      <Button tone="danger" className="self-start" onClick={() => setDeleting(true)}>
        Delete team
      </Button>
      {isDeleting && (
        <DeleteDialog
          name={name}
          onDelete={async () => {
            await orgApi.deleteTeam(name, withProjects);
            showToast({ text: `\`${name}\` deleted` });
            refetchOrgs(client, 'none');
          }}
          onClose={() => setDeleting(false)}
          onDeleted={() => router.history.push(paths.orgs())}
        >
          <p>
            {nProjects === 0
              ? 'The team has no projects. '
              : `The team has ${plural(nProjects, 'project')}. `}
            <b>This cannot be undone.</b>
          </p>
          <label className="flex min-h-6 cursor-pointer items-center gap-1.5">
            <input
              type="checkbox"
              className="accent-accent"
              checked={withProjects}
              onChange={event => setWithProjects(event.target.checked)}
            />
            Delete its projects with all their runs and artifacts, too
          </label>
        </DeleteDialog>
      )}
    </Section>
  );
}
