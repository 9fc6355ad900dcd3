import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { queries } from '~/api/queries';
import type { Project } from '~/api/schema';
import { SearchField } from '~/ui/Field';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { parsePattern } from '~/util/pattern';
import { ConnectSteps } from './ConnectSteps';
import { PageHead } from './PageHead';
import { ProjectRow } from './ProjectRow';

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
          <ProjectRow key={`${project.entity}/${project.name}`} project={project} />
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
