import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { LineageView } from '~/lineage/LineageView';
import { Link } from '~/ui/Link';
import { EmptyState } from '~/ui/States';
import { parseSpec } from '~/util/spec';
import { useAddress } from '~/workspace/use-search';
import { PageHead } from '../PageHead';
import { Trail, useProjectSteps } from '../Trail';
import type { LineageSearch } from './search';
import { useSpecName } from './use-spec-name';

export function LineagePage() {
  const { entity, project } = useParams({ from: '/frame/$entity/$project/lineage' });
  const [{ of = '' }] = useAddress<LineageSearch>();
  const spec = parseSpec(of);
  const { name, href } = useSpecName(of);
  const steps = useProjectSteps({ entity, project });
  useEffect(() => {
    document.title = `Lineage of ${name} · ${project} · Ballast`;
  }, [name, project]);
  return (
    <div className="flex h-full flex-col">
      <PageHead
        title={
          <>
            <Trail steps={steps} />
            <span className="font-normal text-ink-3"> / </span>
            Lineage of{' '}
            {href ? (
              <Link href={href} className="hover:underline">
                {name}
              </Link>
            ) : (
              name
            )}
          </>
        }
      />
      {spec ? (
        <LineageView of={of} />
      ) : (
        <EmptyState title="This address names no run and no version">
          Open a run or an artifact, and its lineage from there.
        </EmptyState>
      )}
    </div>
  );
}
