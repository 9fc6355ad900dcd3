import { useQuery } from '@tanstack/react-query';
import { artifactQueries } from '~/api/artifact-queries';
import { queries } from '~/api/queries';
import { paths } from '~/util/paths';
import { parseSpec } from '~/util/spec';

const NOTHING = { entity: '', project: '', run: '', collection: '', version: '' };

export interface SpecName {
  name: string;
  /** Its page, once that is known. */
  href: string | null;
}

/** What a person calls the run or version that an address names. */
export function useSpecName(text: string | undefined): SpecName {
  const spec = parseSpec(text);
  const run = useQuery({
    ...queries.run(spec?.kind === 'run' ? spec.ref : NOTHING),
    enabled: spec?.kind === 'run',
  });
  const version = useQuery({
    ...artifactQueries.version(spec?.kind === 'artifact' ? spec.ref : NOTHING),
    enabled: spec?.kind === 'artifact',
  });
  if (!spec) return { name: text ?? '', href: null };
  if (spec.kind === 'run')
    return {
      name: run.data?.display_name ?? spec.ref.run,
      href: paths.run(spec.ref.entity, spec.ref.project, spec.ref.run),
    };
  const { collection, version: asked } = spec.ref;
  return {
    name: `${collection}:${version.data?.version ?? asked}`,
    href: version.data ? paths.version(version.data) : null,
  };
}
