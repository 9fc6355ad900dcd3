import { useQuery } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import { Users } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { Entity, Role } from '~/api/org-schema';
import { queries } from '~/api/queries';
import type { Project } from '~/api/schema';
import { CodeBlock } from '~/ui/CodeBlock';
import { SearchField } from '~/ui/Field';
import { Link } from '~/ui/Link';
import { Select } from '~/ui/Select';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { paths } from '~/util/paths';
import { parsePattern } from '~/util/pattern';
import { canWrite } from '~/util/roles';
import { ConnectSteps } from './ConnectSteps';
import { NotFoundPage } from './NotFoundPage';
import { PageHead } from './PageHead';
import { ProjectRow } from './ProjectRow';
import { Trail } from './Trail';

const WATCH_MS = 3000;
const REFRESH_MS = 30_000;

/** The projects that the user sees, of whichever entity. */
export function ProjectsPage() {
  return <Projects entity={null} />;
}

/** The projects of one user, team or organization. */
export function EntityPage() {
  const { entity } = useParams({ from: '/frame/$entity' });
  return <Projects key={entity} entity={entity} />;
}

function Projects({ entity }: { entity: string | null }) {
  const router = useRouter();
  const [search, setSearch] = useState('');
  const entities = useQuery(queries.entities());
  const { data, error, refetch } = useQuery({
    ...queries.projects(),
    refetchInterval: query => (query.state.data?.items.length === 0 ? WATCH_MS : REFRESH_MS),
  });
  const projects = useMemo(() => {
    const { matches } = parsePattern(search);
    return (data?.items ?? [])
      .filter(project => entity === null || project.entity === entity)
      .filter(project => matches(`${project.entity}/${project.name}`))
      .toSorted((a, b) => lastOf(b).localeCompare(lastOf(a)));
  }, [data, entity, search]);
  const roles = useMemo(
    () => new Map(entities.data?.items.map(item => [item.name, item.role])),
    [entities.data],
  );
  useEffect(() => {
    document.title = entity === null ? 'Ballast' : `${entity} · Ballast`;
  }, [entity]);

  const shown = entities.data?.items.find(item => item.name === entity);
  if (entity === null && data?.items.length === 0) return <FirstVisit />;
  if (entity !== null && entities.data && !shown) return <NotFoundPage />;
  const failure = (data ? null : error) ?? (entity === null ? null : entities.error);
  return (
    <>
      <PageHead
        roomy
        title={
          entity === null ? (
            'Projects'
          ) : (
            <>
              <Trail steps={[['projects', paths.projects()]]} />
              <span className="font-normal text-ink-3"> / </span>
              <span title={entity}>{entity}</span>
            </>
          )
        }
      >
        {shown && <EntityLink entity={shown} />}
        {entities.data && entities.data.items.length > 1 && (
          <Select
            bare
            label="Projects of"
            value={entity ?? ''}
            options={[
              ['', 'all entities'],
              ...entities.data.items.map(({ name }) => [name, name] as const),
            ]}
            onChange={name =>
              router.history.push(name === '' ? paths.projects() : paths.entity(name))
            }
            className="w-40 max-sm:flex-1"
          />
        )}
        <SearchField
          label="Search projects"
          value={search}
          onChange={setSearch}
          className="w-56 max-sm:min-w-36 max-sm:flex-1"
        />
      </PageHead>
      {failure && (
        <ErrorState
          error={failure}
          onRetry={() => {
            void refetch();
            void entities.refetch();
          }}
        />
      )}
      {!data && !failure && <SkeletonRows rows={8} />}
      {data && projects.length > 0 && (
        <ProjectTable projects={projects} roles={roles} ofMany={entity === null} />
      )}
      {data && projects.length === 0 && !failure && (
        <NoProjects entity={shown} isSearched={search !== ''} />
      )}
    </>
  );
}

/** The page that says who is in a team or an organization. */
function EntityLink({ entity: { name, kind } }: { entity: Entity }) {
  if (kind === 'user') return null;
  const [href, label] =
    kind === 'team' ? [paths.team(name), 'Members'] : [paths.organization(name), 'Organization'];
  return (
    <Link
      href={href}
      className="inline-flex h-7 items-center gap-1.5 rounded-md px-2 font-medium text-ink-2 hover:bg-hover hover:text-ink"
    >
      <Users className="size-4" aria-hidden />
      {label}
    </Link>
  );
}

function NoProjects({ entity, isSearched }: { entity: Entity | undefined; isSearched: boolean }) {
  if (isSearched || !entity) return <EmptyState title="No project has this name" />;
  return (
    <EmptyState title={`${entity.name} has no projects yet`} className="max-w-2xl">
      {entity.kind === 'organization' && (
        <p>What an organization shares is in its registries; projects belong to its teams.</p>
      )}
      {entity.kind === 'team' && canWrite(entity.role) && (
        <>
          <p>A project is made by the first run that is logged to it.</p>
          <CodeBlock
            label="how to log to the team"
            text={`wandb.init(entity="${entity.name}", project="my-project")`}
          />
        </>
      )}
    </EmptyState>
  );
}

const lastOf = (project: Project): string => project.last_activity_at ?? project.created_at;

interface ProjectTableProps {
  projects: Project[];
  /** What the user may do in each entity. */
  roles: Map<string, Role>;
  /** They are of more than one entity. */
  ofMany: boolean;
}

function ProjectTable({ projects, roles, ofMany }: ProjectTableProps) {
  return (
    <table className="w-full table-fixed border-collapse">
      <thead>
        <tr className="h-8 border-b border-line text-12 text-ink-3 [&_th]:px-4 [&_th]:font-normal max-sm:[&_th]:px-2 max-sm:[&_th:first-child]:pl-4">
          <th scope="col" className="text-left">
            Project
          </th>
          <th scope="col" className="w-28 text-right max-sm:w-20">
            Runs
          </th>
          <th scope="col" className="w-40 text-left max-sm:hidden">
            Last 30 days
          </th>
          <th scope="col" className="w-32 text-left max-sm:w-24">
            Last activity
          </th>
          <th scope="col" className="w-9 px-1!">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {projects.map(project => (
          <ProjectRow
            key={`${project.entity}/${project.name}`}
            project={project}
            role={roles.get(project.entity) ?? null}
            withEntity={ofMany}
          />
        ))}
      </tbody>
    </table>
  );
}

function FirstVisit() {
  return (
    <>
      <PageHead title="Projects" />
      <div className="mx-auto flex max-w-2xl flex-col gap-5 p-4 sm:py-10">
        <div>
          <h2 className="text-16 font-medium">Nothing is logged yet</h2>
          <p className="text-ink-2">
            Scripts that log to wandb log here once two variables are set.
          </p>
        </div>
        <ConnectSteps />
        <p className="flex items-center gap-2 text-ink-2" role="status">
          <span className="pulse inline-block size-2 rounded-full bg-accent" />
          Watching for your first run. It appears here by itself.
        </p>
      </div>
    </>
  );
}
