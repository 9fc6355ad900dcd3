import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { expect, listRuns, test } from './utils';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe: engine } = window as unknown as {
      axe: { run: (context: object) => Promise<{ violations: Violation[] }> };
    };
    return (await engine.run({ exclude: ['iframe'] })).violations;
  });
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 160)).join('\n  ')}`,
  );
}

const PAGES: [string, string, string][] = [
  ['sign-in', '/sign-in', 'Sign in'],
  ['projects', '/', 'vision'],
  ['quickstart', '/quickstart', 'Log something'],
  ['settings', '/settings', 'Add user'],
  ['organizations', '/orgs', 'open-lab'],
  ['organization', '/orgs/acme', 'What runs in cars'],
  ['teams of an organization', '/orgs/acme?tab=teams', 'perception'],
  ['members of an organization', '/orgs/acme?tab=members', 'grace@example.org'],
  ['settings of an organization', '/orgs/acme?tab=settings', 'once it has no teams'],
  ['team', '/teams/perception', 'grace@example.org'],
  ['registry', '/orgs/acme/registry/models', 'lane-keeping'],
  ['members of a registry', '/orgs/acme/registry/models?tab=members', 'grace@example.org'],
  ['settings of a registry', '/orgs/acme/registry/models?tab=settings', 'takes any type'],
  ['projects of a team', '/perception', 'depth-maps'],
  ['workspace', '/ada/vision', '50 of 312'],
  [
    'added panels',
    `/ada/vision?panels=lr&plots=${encodeURIComponent('[["lr","lr * 2"]]')}`,
    'Added panels',
  ],
  ['groups', '/ada/vision?panels=lr&group=config:optimizer', 'optimizer lion'],
  ['bin', '/ada/vision?bin=true', 'The bin is empty'],
  ['full-screen panel', '/ada/vision?panel=train%2Floss', 'every one drawn'],
  ['run overview', '/ada/vision/runs/RUN', 'Environment'],
  ['run charts', '/ada/vision/runs/RUN?tab=charts', 'train'],
  ['run media', '/ada/vision/runs/RUN?tab=charts&panels=examples|mystery', '4,000 points'],
  ['run console', '/ada/vision/runs/RUN?tab=console', 'Follow'],
  ['sweeps', '/ada/tuning/sweeps', 'fine tuning'],
  ['sweeps of an empty project', '/ada/empty/sweeps', 'No sweep in this project yet'],
  ['running sweep', '/ada/tuning/sweeps/k3x9p2qa', '10 of 30 runs'],
  ['sweep of many runs', '/ada/tuning/sweeps/b500m4zt', '500 of 500 runs'],
  ['sweep without runs', '/ada/tuning/sweeps/p0none00', 'Every run will be a line here'],
  ['sweep of one run', '/ada/tuning/sweeps/g1one0aa', '1 of 12 runs'],
  ['sweep for two things', '/ada/tuning/sweeps/t2goals0', '5 runs failed'],
  ['new sweep', '/ada/vision/sweeps/new', 'This will do'],
  ['sweep like another', '/ada/tuning/sweeps/new?from=k3x9p2qa', 'This will do'],
  ['artifacts', '/ada/vision/artifacts', 'imagenet-100'],
  ['artifacts of an empty project', '/ada/empty/artifacts', 'No artifact in this project yet'],
  ['artifact overview', '/ada/vision/artifacts/dataset/imagenet-100/v9', 'class 41'],
  [
    'artifact files',
    '/ada/vision/artifacts/dataset/imagenet-100/v9?tab=files&file=shards%2Fpart-000.parquet',
    'of 48,210',
  ],
  ['artifact usage', '/ada/vision/artifacts/dataset/imagenet-100/v9?tab=usage', 'In a shell'],
  ['artifact history', '/ada/vision/artifacts/dataset/imagenet-100/v9?tab=history', 'Created'],
  ['compared versions', '/ada/vision/artifacts/dataset/imagenet-100/v9?with=v7', '589 changed'],
  ['lineage', '/ada/vision/lineage?of=run:ada/vision/RUN', '4 runs, 8 versions'],
  ['large lineage', '/ada/vision/lineage?of=artifact:ada/vision/firehose:v3', '11 groups folded'],
  ['lineage as a list', '/ada/vision/lineage?of=run:ada/vision/RUN&list=true', '3 upstream'],
  ['compare without a choice', '/ada/vision/compare', 'Choose two runs'],
  [
    'compare',
    '/ada/vision/compare?left=artifact:ada/vision/resnet50:v1&right=run:ada/vision/RUN',
    'weight_decay',
  ],
  ['run artifacts', '/ada/vision/runs/RUN?tab=artifacts', 'imagenet-100'],
  ['run files', '/ada/vision/runs/RUN?tab=files&file=results%2Fmetrics.csv', '200 rows'],
];

for (const scheme of ['light', 'dark'] as const) {
  for (const [name, path, text] of PAGES) {
    test(`${name} has no accessibility violation in the ${scheme} theme`, async ({
      signedIn: page,
    }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      const [run] = await listRuns(page);
      await page.goto(path.replaceAll('RUN', run.id));
      await expect(page.getByText(text).first()).toBeVisible();
      await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
      expect(await violations(page)).toEqual([]);
    });
  }
}

for (const scheme of ['light', 'dark'] as const) {
  test(`the window for expressions has no accessibility violation in the ${scheme} theme`, async ({
    signedIn: page,
  }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto('/ada/wide?panels=layer_000');
    await expect(page.getByRole('status', { name: 'Metrics' })).toContainText('metrics match');
    await page.getByRole('button', { name: 'Panel', exact: true }).click();
    const curve = page.getByRole('combobox', { name: 'Curve 1' });
    await curve.pressSequentially('layer_000 + * lo');
    await expect(page.getByRole('dialog').locator('mark')).toHaveText('*');
    await expect(page.getByRole('option', { name: 'log2' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}
