import type { Page } from '@playwright/test';
import { expect, listRuns, test } from './utils';

async function twoRuns(page: Page): Promise<[string, string]> {
  const runs = await listRuns(page);
  return [`run:ada/vision/${runs[5].id}`, `run:ada/vision/${runs[3].id}`];
}

async function openPair(page: Page, more = ''): Promise<void> {
  const [left, right] = await twoRuns(page);
  await page.goto(`/ada/vision/compare?left=${left}&right=${right}${more}`);
  await expect(page.getByRole('region', { name: 'First differences upstream' })).toBeVisible();
}

test('picks two runs by name', async ({ signedIn: page }) => {
  const runs = await listRuns(page);
  await page.goto('/ada/vision');
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  await page.getByRole('button', { name: /^Before/ }).click();
  await page.getByRole('searchbox', { name: 'Search runs' }).fill(runs[5].display_name);
  await page.getByRole('list', { name: 'Runs' }).getByRole('button').click();
  await page.getByRole('button', { name: /^After/ }).click();
  await page.getByRole('list', { name: 'Runs' }).getByRole('button').nth(3).click();
  await expect(page).toHaveURL(new RegExp(`left=run.*${runs[5].id}&right=run.*${runs[3].id}`));
  await expect(page.getByRole('region', { name: 'Config' })).toBeVisible();
  await page.getByRole('button', { name: 'Swap the two' }).click();
  await expect(page).toHaveURL(new RegExp(`left=run.*${runs[3].id}&right=run.*${runs[5].id}`));
});

test('picks versions of artifacts', async ({ signedIn: page }) => {
  await page.goto('/ada/vision/compare?left=artifact:ada/vision/resnet50:v41');
  await page.getByRole('button', { name: /^After/ }).click();
  await page.getByRole('button', { name: 'Versions' }).click();
  await page.getByRole('searchbox', { name: 'Search artifacts' }).fill('resnet');
  await page
    .getByRole('list', { name: 'Artifacts' })
    .getByRole('button', { name: 'resnet50' })
    .click();
  await page.getByRole('list', { name: 'Versions' }).getByRole('button', { name: /^v60/ }).click();
  await expect(page.getByRole('button', { name: /^After/ })).toContainText('resnet50:v60');
  await expect(page.getByRole('region', { name: 'Metadata' })).toBeVisible();
});

test('tells first what differs furthest upstream, as sentences with links', async ({
  signedIn: page,
}) => {
  await openPair(page);
  const first = page.getByRole('region', { name: 'First differences upstream' });
  const sentences = first.getByRole('listitem');
  await expect(sentences.locator('visible=true')).toHaveCount(3);
  await expect(sentences.first()).toContainText('3 steps upstream');
  await expect(sentences.first()).toContainText('raw-images moved from v1 to v2');
  await first.getByText('1 difference that may follow from them').click();
  const last = sentences.filter({ hasText: '1 step upstream' });
  await last.getByText('Files').click();
  await expect(last.getByRole('list').getByText('labels.csv')).toBeVisible();
  await expect(last.getByRole('link', { name: 'imagenet-100:v9', exact: true })).toHaveAttribute(
    'href',
    '/ada/vision/artifacts/dataset/imagenet-100/v9',
  );
  await last.getByRole('link', { name: 'Compare imagenet-100:v7 with imagenet-100:v9' }).click();
  await expect(page).toHaveURL(/left=artifact.*v7&right=artifact.*v9/);
  await expect(page.getByRole('button', { name: /^Before/ })).toContainText('imagenet-100:v7');
});

test('aligns values and marks where they differ', async ({ signedIn: page }) => {
  await openPair(page);
  const inputs = page.getByRole('region', { name: 'Inputs' });
  await expect(inputs).not.toBeInViewport();
  await page.getByRole('link', { name: 'Inputs 12,400' }).click();
  await expect(inputs).toBeInViewport();
  await expect(page).toHaveURL(/left=.*right=.*#diff-inputs$/);
  const config = page.getByRole('table', { name: 'Config' });
  await expect(config.getByRole('row', { name: /data.root/ }).locator('mark')).toHaveText([
    '5',
    '17',
    '8',
    '02',
  ]);
  await expect(config.getByRole('row', { name: /model.dropout/ })).toContainText('–');
  await expect(config.getByRole('row', { name: /epochs/ })).toHaveCount(0);
  await expect(page.getByText('only the first 42 of 12,400 differences are listed')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Only what differs' }).uncheck();
  await expect(page).toHaveURL(/all=true/);
  await expect(
    page.getByRole('table', { name: 'Config, the same' }).getByRole('row', { name: /epochs/ }),
  ).toContainText('40');
});

test('sets code side by side or under each other', async ({ signedIn: page }) => {
  await openPair(page);
  const code = page.getByRole('region', { name: 'Lines of train.py' });
  await expect(code.locator('mark:visible').first()).toContainText('weight_decay');
  await expect(code.getByText('value_30 = step').first()).toBeHidden();
  await code
    .getByRole('button', { name: /lines the same/ })
    .first()
    .click();
  await expect(code.getByText('value_30 = step').locator('visible=true')).toHaveCount(2);
  await page.getByRole('checkbox', { name: 'Side by side' }).uncheck();
  await expect(code.getByText('value_30 = step').locator('visible=true')).toHaveCount(1);
  // Files of data stand closed, and may be no texts.
  await page.getByRole('button', { name: /changed imagenet-100\/labels.csv/ }).click();
  await expect(page.getByText('They differ, and are no texts.')).toBeVisible();
  await page.getByRole('button', { name: /removed data\/loader.py/ }).click();
  await expect(page.getByRole('region', { name: 'Lines of data/loader.py' })).toHaveCount(0);
});

test('aligns the two lineages', async ({ signedIn: page }) => {
  await openPair(page);
  const rows = page.getByRole('region', { name: 'Lineages' }).getByRole('row');
  await expect(rows).toHaveCount(7);
  await expect(rows.filter({ hasText: 'pretrained' })).toContainText('–');
  await expect(
    rows.filter({ hasText: 'raw-images' }).getByRole('link', { name: '3 differences' }),
  ).toHaveAttribute('href', /left=artifact.*raw-images.*v1&right=artifact.*raw-images.*v2/);
});

test('says when nothing differs, and when something is not there', async ({ signedIn: page }) => {
  const [left] = await twoRuns(page);
  await page.goto(`/ada/vision/compare?left=${left}&right=${left}`);
  await expect(page.getByText('Nothing that is recorded of the two differs.')).toBeVisible();
  await expect(page.getByText('The same: config, summary, code, inputs.')).toBeVisible();
  await page.goto(`/ada/vision/compare?left=${left}&right=run:ada/vision/no-such-run`);
  await expect(page.getByRole('alert')).toContainText('is no run and no version');
});

test('is reached from two shown runs, from a run and from two versions', async ({
  workspace,
  page,
}) => {
  const runs = await listRuns(page);
  await workspace.open(`/ada/vision?none=true&show=${JSON.stringify([runs[2].id, runs[6].id])}`);
  await expect(workspace.count()).toContainText('2 of 312');
  await page.getByRole('button', { name: 'Menu of the shown runs' }).click();
  await page.getByRole('menuitem', { name: 'What changed between the two?' }).click();
  await expect(page).toHaveURL(new RegExp(`left=run.*${runs[6].id}&right=run.*${runs[2].id}`));
  await page.goto(`/ada/vision/runs/${runs[2].id}`);
  await page.getByRole('button', { name: 'Menu of this run' }).click();
  await page.getByRole('menuitem', { name: 'What changed?' }).click();
  await expect(page.getByRole('button', { name: /^After/ })).toContainText(runs[2].display_name);
  await page.goto('/ada/vision/artifacts/dataset/imagenet-100/v9?with=v7');
  await page.getByRole('link', { name: 'What changed upstream?' }).click();
  await expect(page.getByRole('button', { name: /^Before/ })).toContainText('imagenet-100:v7');
});
