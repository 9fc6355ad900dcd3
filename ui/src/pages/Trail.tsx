import { Fragment } from 'react';
import { Link } from '~/ui/Link';

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
