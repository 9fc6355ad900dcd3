import { Fragment } from 'react';
import { Link } from '~/ui/Link';
import type { ProjectRef } from '~/api/client';
import { useRegistry } from '~/hooks/use-registry';
import { paths } from '~/util/paths';

export interface TrailProps {
  /** Names and addresses of the pages above, from the top. */
  steps: [label: string, href: string][];
}

/** Where a page stands, each step a link. */
export function Trail({ steps }: TrailProps) {
  return (
    <span className="font-normal text-ink-3">
      {steps.map(([label, href], index) => (
        <Fragment key={href}>
          {index > 0 && ' / '}
          <Link href={href} className="hover:underline">
            {label}
          </Link>
        </Fragment>
      ))}
    </span>
  );
}

/** The steps down to a project, or to the registry whose collections it holds. */
export function useProjectSteps({ entity, project }: ProjectRef): [label: string, href: string][] {
  const { registry } = useRegistry({ entity, project });
  return registry === null
    ? [
        [entity, paths.entity(entity)],
        [project, paths.workspace(entity, project)],
      ]
    : [
        [entity, paths.organization(entity)],
        [`registry ${registry}`, paths.registry(entity, registry)],
      ];
}
