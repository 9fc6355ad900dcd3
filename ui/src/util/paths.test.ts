import { expect, it } from 'vitest';
import { paths } from './paths';

it('builds every address', () => {
  const place = {
    entity: 'ada',
    project: 'vision 2',
    type: 'data set',
    collection: 'a/b',
    version: 'v3',
  };
  const built = Object.fromEntries(
    Object.entries(paths).map(([name, build]) => {
      const args =
        name === 'version' || name === 'collection'
          ? [place, { tab: 'files', file: 'x/y z.csv' }]
          : ['ada', 'vision 2', 'a/b', name === 'run' ? 'files' : 7];
      return [name, (build as (...args: unknown[]) => string)(...args)];
    }),
  );
  expect(built).toMatchInlineSnapshot(`
    {
      "artifacts": "/ada/vision%202/artifacts?type=a%2Fb",
      "authorize": "/authorize",
      "collection": "/ada/vision%202/artifacts/data%20set/a%2Fb",
      "compare": "/ada/vision%202/compare?left=a%2Fb&right=7",
      "consoleLine": "/ada/vision%202/runs/a%2Fb?tab=console&line=7",
      "entity": "/ada",
      "lineage": "/ada/vision%202/lineage?of=a%2Fb",
      "newSweep": "/ada/vision%202/sweeps/new?from=a%2Fb",
      "organization": "/orgs/ada?tab=vision%202",
      "orgs": "/orgs",
      "projects": "/",
      "quickstart": "/quickstart",
      "registry": "/orgs/ada/registry/vision%202?tab=a%2Fb",
      "run": "/ada/vision%202/runs/a%2Fb?tab=files",
      "runs": "/ada/vision%202/runs",
      "settings": "/settings",
      "signIn": "/sign-in",
      "sweep": "/ada/vision%202/sweeps/a%2Fb",
      "sweeps": "/ada/vision%202/sweeps",
      "team": "/teams/ada",
      "version": "/ada/vision%202/artifacts/data%20set/a%2Fb/v3?tab=files&file=x%2Fy%20z.csv",
      "workspace": "/ada/vision%202",
    }
  `);
});
