import { expect, listRuns, test } from './utils';
import type { Page } from '@playwright/test';

async function openRun(page: Page, place: number, tab = ''): Promise<string> {
  const run = (await listRuns(page))[place];
  await page.goto(`/ada/vision/runs/${run.id}${tab ? `?tab=${tab}` : ''}`);
  await expect(page.getByRole('tablist', { name: 'Parts of the run' })).toBeVisible();
  return run.id;
}

test('shows what the run was and did', async ({ signedIn: page }) => {
  await openRun(page, 0);
  await expect(page.getByText('python train.py --config')).toBeVisible();
  await expect(page.getByRole('link', { name: /^[0-9a-f]{12}$/ })).toHaveAttribute(
    'href',
    /^https:\/\/github.com\/ada\/vision\/commit\//,
  );
  await page.getByRole('searchbox', { name: 'Search config' }).fill('dropout');
  await expect(page.getByRole('tree', { name: 'Config' }).getByRole('treeitem')).toHaveCount(2);
});

test('edits name, notes and tags in place', async ({ signedIn: page }) => {
  await openRun(page, 3);
  await page.getByRole('button', { name: /^Name of the run:/ }).click();
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('renamed here');
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('button', { name: 'Name of the run: renamed here. Edit' }),
  ).toBeVisible();
  await page.getByRole('button', { name: /^Notes: empty/ }).click();
  await page.getByRole('textbox', { name: 'Notes' }).fill('worth a second look');
  await page.keyboard.press('Control+Enter');
  await page.reload();
  await expect(page.getByText('worth a second look')).toBeVisible();
});

test('reports lines that could not be stored, and alerts', async ({ signedIn: page }) => {
  await openRun(page, 1);
  await expect(page.getByRole('region', { name: 'Problems' })).toContainText(
    '2 lines could not be stored as sent',
  );
  await expect(page.getByRole('region', { name: 'Alerts' })).toContainText('Loss spike');
  await expect(page.getByText(/at step 200/)).toBeVisible();
});

test('says when a run does not exist', async ({ signedIn: page }) => {
  await page.goto('/ada/vision/runs/no-such-run');
  await expect(page.getByRole('alert')).toContainText(
    'run no-such-run does not exist in ada/vision',
  );
});

test('draws charts and system metrics of the run', async ({ signedIn: page }) => {
  await openRun(page, 4, 'charts&panels=train');
  await expect(page.getByRole('img', { name: 'train/loss over Step, 1 runs' })).toBeVisible();
  await page.getByRole('tab', { name: 'System' }).click();
  await expect(page.getByRole('img', { name: 'cpu over Relative time, 1 runs' })).toBeVisible();
});

test('steps through logged media', async ({ signedIn: page }) => {
  await openRun(page, 4, 'charts&panels=detection');
  const panel = page.getByRole('region', { name: 'examples/detection' });
  const slider = panel.getByRole('slider', { name: 'Step' });
  await expect(panel.getByRole('img').first()).toBeVisible();
  await slider.focus();
  const last = await slider.inputValue();
  await page.keyboard.press('Control+ArrowLeft');
  await expect(slider).toHaveValue(String(Number(last) - 1));
  await expect(panel.getByText('otter 0.92')).toBeVisible();
  await panel.getByRole('button', { name: 'predictions' }).click();
  await expect(panel.getByText('otter 0.92')).toHaveCount(0);
  await panel.getByRole('button', { name: /^Open detections/ }).click();
  await expect(page.getByRole('dialog')).toContainText('100 %');
});

test('shows logged HTML only in a frame of no origin', async ({ signedIn: page }) => {
  await openRun(page, 4, 'charts&panels=page');
  const frame = page.getByRole('region', { name: 'examples/page' }).locator('iframe');
  await expect(frame).toHaveAttribute('sandbox', 'allow-scripts');
});

test('sorts and searches logged tables', async ({ signedIn: page }) => {
  await openRun(page, 4, 'charts&panels=predictions');
  const panel = page.getByRole('region', { name: 'predictions' });
  await panel.getByRole('button', { name: 'score' }).click();
  await expect(panel.getByRole('columnheader', { name: 'score' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  await panel.getByRole('searchbox', { name: 'Search rows' }).fill('harbor');
  await expect(panel.getByText(/of 500 rows/)).toBeVisible();
});

test('draws custom charts, shipped and stored ones', async ({ signedIn: page }) => {
  await openRun(page, 4, 'charts&panels=pr_curve|scores');
  for (const name of ['pr_curve', 'scores']) {
    await expect(page.getByRole('region', { name }).locator('canvas')).toBeVisible({
      timeout: 15_000,
    });
  }
});

test('pages a console of a million lines, searches it and links a line', async ({
  signedIn: page,
}) => {
  const id = await openRun(page, 0, 'console');
  const log = page.getByRole('log', { name: 'Console' });
  await expect(page.getByText(/1,000,0\d\d lines/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Follow' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect(log.getByText(/step 1000\d{3}/).first()).toBeVisible();
  await log.hover();
  await page.mouse.wheel(0, -4000);
  await expect(page.getByRole('button', { name: 'Follow' })).toHaveAttribute(
    'aria-pressed',
    'false',
  );
  await page.getByRole('searchbox', { name: 'Search console' }).fill('OutOfMemory');
  await expect(page.getByText(/^23\d$/)).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^1 of 23\d$/)).toBeVisible();
  await expect(log.getByText('torch.cuda.').first()).toBeVisible();
  await page.goto(`/ada/vision/runs/${id}?tab=console&line=500000`);
  await expect(log.getByRole('link', { name: '500001', exact: true })).toBeInViewport();
});

test('previews files of many kinds', async ({ signedIn: page }) => {
  await openRun(page, 4, 'files');
  const files = page.getByRole('list', { name: 'Files' });
  await files.getByRole('button', { name: /README.md/ }).click();
  await expect(page.getByRole('heading', { name: 'Notes' })).toBeVisible();
  await expect(page.getByText('<script>alert(1)</script>')).toBeVisible();
  await files.getByRole('button', { name: /metrics.csv/ }).click();
  await expect(page.getByRole('table', { name: 'results/metrics.csv' })).toContainText(
    'class, otter',
  );
  await files.getByRole('button', { name: /last.pt/ }).click();
  await expect(page.getByText('No preview of this kind of file')).toBeVisible();
});
