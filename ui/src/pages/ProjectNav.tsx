import { useRouterState } from '@tanstack/react-router';
import type { ProjectRef } from '~/api/client';
import { Link } from '~/ui/Link';
import { cx } from '~/util/class-names';
import { paths } from '~/util/paths';

/** The pages of a project. */
export function ProjectNav({ projectRef: { entity, project } }: { projectRef: ProjectRef }) {
  const pathname = useRouterState({ select: state => state.location.pathname });
  const pages: [string, string, boolean][] = [
    ['Workspace', paths.workspace(entity, project), pathname.split('/').length === 3],
    ['Sweeps', paths.sweeps(entity, project), pathname.split('/')[3] === 'sweeps'],
    ['Artifacts', paths.artifacts(entity, project), pathname.split('/')[3] === 'artifacts'],
    ['Compare', paths.compare(entity, project), pathname.split('/')[3] === 'compare'],
  ];
  return (
    <nav
      aria-label="Pages of the project"
      className="flex shrink-0 gap-0.5 max-sm:order-last max-sm:-mx-2 max-sm:basis-full"
    >
      {pages.map(([label, href, isCurrent]) => (
        <Link
          key={label}
          href={href}
          aria-current={isCurrent ? 'page' : undefined}
          className={cx(
            'inline-flex h-7 items-center rounded-md px-2 hover:bg-hover',
            isCurrent ? 'font-medium text-ink' : 'text-ink-2',
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
