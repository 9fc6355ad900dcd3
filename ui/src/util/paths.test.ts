import { expect, it } from 'vitest';
import { paths } from './paths';

it('builds every address', () => {
  const built = Object.fromEntries(
    Object.entries(paths).map(([name, build]) => [
      name,
      (build as (...args: unknown[]) => string)(
        'ada',
        'vision 2',
        'a/b',
        name === 'run' ? 'files' : 7,
      ),
    ]),
  );
  expect(built).toMatchInlineSnapshot(`
    {
      "authorize": "/authorize",
      "consoleLine": "/ada/vision%202/runs/a%2Fb?tab=console&line=7",
      "projects": "/",
      "quickstart": "/quickstart",
      "run": "/ada/vision%202/runs/a%2Fb?tab=files",
      "runs": "/ada/vision%202/runs",
      "settings": "/settings",
      "signIn": "/sign-in",
      "workspace": "/ada/vision%202",
    }
  `);
});
