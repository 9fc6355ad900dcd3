import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { queries } from '~/api/queries';
import type { Project } from '~/api/schema';
import { SearchField } from '~/ui/Field';
import { Link } from '~/ui/Link';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Sparkline } from '~/ui/Sparkline';
import { Ago } from '~/ui/Time';
import { formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { parsePattern } from '~/util/pattern';
import { ConnectSteps } from './ConnectSteps';
import { PageHead } from './PageHead';

const WATCH_MS = 3000;
const REFRESH_MS = 30_000;

export function ProjectsPage() {
  const [search, setSearch] = useState('');
  const { data, error, refetch } = useQuery({
    ...queries.projects(),
    refetchInterval: query => (query.state.data?.items.length === 0 ? WATCH_MS : REFRESH_MS),
  });
  const projects = useMemo(() => {
    const { matches } = parsePattern(search);
    return (data?.items ?? [])
      .filter(project => matches(`${project.entity}/${project.name}`))
      .toSorted((a, b) => lastOf(b).localeCompare(lastOf(a)));
  }, [data, search]);

  if (data?.items.length === 0) return <FirstVisit />;
  return (
    <>
      <PageHead title="Projects">
        <SearchField label="Search projects" value={search} onChange={setSearch} className="w-56" />
      </PageHead>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={8} />}
      {data && projects.length > 0 && <ProjectTable projects={projects} />}
      {data && projects.length === 0 && <EmptyState title="No project has this name" />}
    </>
  );
}

const lastOf = (project: Project): string => project.last_activity_at ?? project.created_at;

function ProjectTable({ projects }: { projects: Project[] }) {
  return (
    <table className="w-full table-fixed border-collapse">
      <thead>
        <tr className="h-8 border-b border-line text-12 text-ink-3 [&_th]:px-4 [&_th]:font-normal">
          <th scope="col" className="text-left">
            Project
          </th>
          <th scope="col" className="w-28 text-right">
            Runs
          </th>
          <th scope="col" className="w-40 text-left max-sm:hidden">
            Last 30 days
          </th>
          <th scope="col" className="w-32 text-left">
            Last activity
          </th>
        </tr>
      </thead>
      <tbody>
        {projects.map(project => (
          <tr
            key={`${project.entity}/${project.name}`}
            className="h-10 border-b border-line hover:bg-surface [&_td]:px-4"
          >
            <td>
              <div className="flex min-w-0 items-baseline gap-2">
                <Link
                  href={paths.workspace(project.entity, project.name)}
                  className="min-w-0 shrink-0 truncate font-medium hover:underline max-w-full"
                  title={project.name}
                >
                  <span className="font-normal text-ink-3">{project.entity} / </span>
                  {project.name}
                </Link>
                <span className="min-w-0 truncate text-12 text-ink-3 max-sm:hidden">
                  {project.description}
                </span>
              </div>
            </td>
            <td className="tabular text-right whitespace-nowrap">
              {project.n_live_runs > 0 && (
                <span
                  className="mr-2 text-12 text-accent"
                  title={`${plural(project.n_live_runs, 'run')} running`}
                >
                  <span className="pulse mr-1 inline-block size-1.5 rounded-full bg-accent align-middle" />
                  {project.n_live_runs}
                </span>
              )}
              {formatInteger(project.n_runs)}
            </td>
            <td className="max-sm:hidden">
              <Sparkline
                values={project.activity}
                label={`${plural(
                  project.activity.reduce((sum, day) => sum + day, 0),
                  'run',
                )} started in 30 days`}
              />
            </td>
            <td className="text-ink-2">
              {project.last_activity_at ? <Ago time={project.last_activity_at} /> : 'none yet'}
            </td>
          </tr>
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
