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
  await page.getByRole('button', { name: /^Notes: Add notes/ }).click();
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

test('makes panels of the first 2,000 metrics of a run that has more', async ({
  signedIn: page,
}) => {
  const [run] = await listRuns(page, 'wide');
  await page.goto(`/ada/wide/runs/${run.id}?tab=charts`);
  const status = page.getByRole('status', { name: 'Metrics' });
  await expect(status).toHaveText('showing 2,000 of 100,000 metrics; search to find others');
  await page.getByRole('searchbox', { name: 'Search panels' }).fill('layer_500/weight_05');
  await expect(status).toHaveText('10 of 100,000 metrics match');
  await expect(page.getByRole('region', { name: 'layer_500/weight_059' })).toBeVisible();
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

test('reaches every step of a long run without reading it whole', async ({ signedIn: page }) => {
  const asked: URLSearchParams[] = [];
  page.on('request', request => {
    const url = new URL(request.url());
    if (url.pathname.endsWith('/rows')) asked.push(url.searchParams);
  });
  // 200,000 rows, of which every fiftieth has a picture.
  await openRun(page, 311, 'charts&panels=detection');
  const panel = page.getByRole('region', { name: 'examples/detection' });
  const slider = panel.getByRole('slider', { name: 'Step' });
  await expect(panel.getByText('detections at 199950')).toBeVisible();
  await expect(slider).toHaveAttribute('min', '0');
  await expect(slider).toHaveAttribute('max', '199950');
  await slider.fill('100020');
  await expect(panel.getByText('detections at 100000')).toBeVisible();
  await slider.press('ArrowRight');
  await expect(panel.getByText('detections at 100050')).toBeVisible();
  await slider.fill('0');
  await expect(panel.getByText('detections at 0', { exact: true })).toBeVisible();
  await slider.press('ArrowRight');
  await expect(panel.getByText('detections at 50', { exact: true })).toBeVisible();
  expect(asked.every(query => query.has('min_step') && query.has('max_step'))).toBe(true);
  expect(asked.length).toBeLessThan(12);
});

test('reaches every table of a long run, and says which histograms it draws', async ({
  signedIn: page,
}) => {
  await openRun(page, 311, 'charts&panels=predictions|weights');
  const tables = page.getByRole('region', { name: 'predictions' });
  const slider = tables.getByRole('slider', { name: 'Step' });
  await expect(slider).toHaveAttribute('aria-valuetext', 'step 199800');
  await slider.focus();
  await slider.press('ArrowLeft');
  await expect(slider).toHaveAttribute('aria-valuetext', 'step 199600');
  await expect(tables.getByText('500 rows')).toBeVisible();
  const histograms = page.getByRole('region', { name: 'weights' });
  await expect(histograms.getByText(/^newest \d,\d{3} of 4,000 histograms$/)).toBeVisible();
});

test('shows new media of a run that grows', async ({ signedIn: page }) => {
  const run = (await listRuns(page, 'language'))[0];
  await page.goto(`/ada/language/runs/${run.id}?tab=charts&panels=detection`);
  const panel = page.getByRole('region', { name: 'examples/detection' });
  const caption = panel.getByText(/^detections at \d+$/);
  await expect(caption).toBeVisible();
  const before = await caption.innerText();
  await expect(caption).not.toHaveText(before, { timeout: 20_000 });
});

test('shows logged HTML only in a frame of no origin', async ({ signedIn: page }) => {
  await openRun(page, 4, 'charts&panels=page');
  const frame = page.getByRole('region', { name: 'examples/page' }).locator('iframe');
  await expect(frame).toHaveAttribute('sandbox', 'allow-scripts');
});

test('draws point clouds and Plotly figures, and offers other files', async ({
  signedIn: page,
}) => {
  const errors: string[] = [];
  page.on('console', message => message.type() === 'error' && errors.push(message.text()));
  await openRun(page, 4, 'charts&panels=cloud|figure|surface|protein');
  const cloud = page.getByRole('img', { name: /4,000 points$/ });
  await expect(cloud).toBeVisible();
  const picture = () => cloud.evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL());
  const before = await picture();
  const box = (await cloud.boundingBox())!;
  await page.mouse.move(box.x + 60, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 140, box.y + 80, { steps: 4 });
  await page.mouse.up();
  await expect.poll(picture).not.toBe(before);

  const figure = page.getByRole('region', { name: 'examples/figure' });
  await expect(figure.getByText('Logged with Plotly')).toBeVisible({ timeout: 15_000 });
  await expect(figure.locator('.scatterlayer .trace')).toHaveCount(2);
  await expect(page.getByRole('region', { name: 'examples/surface' })).toContainText(
    'Plotly traces of kind surface are not drawn here',
  );
  const protein = page.getByRole('region', { name: 'examples/protein' });
  await expect(protein.getByRole('link', { name: /^protein_\d+\.pdb$/ })).toHaveAttribute(
    'href',
    /download=true/,
  );
  await expect(protein).toContainText('47 KiB');
  await expect(protein).toContainText('a small protein');
  expect(errors).toEqual([]);
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

test('shows the table of a chart that cannot be drawn, and says why', async ({
  signedIn: page,
}) => {
  await openRun(page, 4, 'charts&panels=mystery|malformed');
  const mystery = page.getByRole('region', { name: 'mystery' });
  await expect(mystery.getByRole('status')).toContainText(
    'chart definition ada/gone does not exist; this is its table',
  );
  await expect(mystery.getByRole('columnheader', { name: 'Predicted' })).toBeVisible();
  const malformed = page.getByRole('region', { name: 'malformed' });
  await expect(malformed.getByRole('status')).toContainText('the chart cannot be drawn:', {
    timeout: 15_000,
  });
  await expect(malformed.getByText('25 rows')).toBeVisible();
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
  await expect(page.getByText('4,690', { exact: true })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 of 4,690', { exact: true })).toBeVisible();
  await expect(log.getByText('torch.cuda.').first()).toBeVisible();
  await page.goto(`/ada/vision/runs/${id}?tab=console&line=500000`);
  await expect(log.getByRole('link', { name: '500001', exact: true })).toBeInViewport();
});

test('says where the list of files stops', async ({ signedIn: page }) => {
  const [run] = await listRuns(page, 'crowded');
  await page.goto(`/ada/crowded/runs/${run.id}?tab=files`);
  await expect(page.getByText('only the first 20,000 are listed, by path')).toBeVisible();
});

test('goes on where a search of a console stopped', async ({ signedIn: page }) => {
  // Three matches a page instead of 5,000.
  await page.route(/\/console\?.*limit=5000/, route =>
    route.continue({ url: route.request().url().replace('limit=5000', 'limit=3') }),
  );
  await openRun(page, 0, 'console');
  const log = page.getByRole('log', { name: 'Console' });
  await page.getByRole('button', { name: 'Regular expression' }).click();
  const field = page.getByRole('searchbox', { name: 'Search console' });
  await field.fill('EPOCH (');
  await expect(page.getByRole('alert')).toContainText('cannot be used: Invalid regular expression');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill(String.raw`EPOCH \d+ .*loss=0\.0`);
  await expect(page.getByText('100,000+', { exact: true })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.getByRole('button', { name: 'Next match' }).click();
  await expect(page.getByText('1 of 100,000+', { exact: true })).toBeVisible();
  await expect(log.locator('mark').first()).toHaveText(/^epoch \d+ step \d+: loss=/);
  // Nothing is before the first while it is not known what is last.
  await page.getByRole('button', { name: 'Previous match' }).click();
  await expect(page.getByText('1 of 100,000+', { exact: true })).toBeVisible();
  for (const place of ['2 of 100,000+', '3 of 100,000+', '4 of 100,003+', '5 of 100,003+']) {
    await page.getByRole('button', { name: 'Next match' }).click();
    await expect(page.getByText(place, { exact: true })).toBeVisible();
  }
});

test('shows what a console prints when it starts over, and searches what it prints', async ({
  signedIn: page,
}) => {
  const id = await openRun(page, 0, 'console&line=0');
  const log = page.getByRole('log', { name: 'Console' });
  await expect(log.getByText('Training resnet50')).toBeVisible();
  await page.request.post(`/api/v1/runs/ada/vision/${id}/mock-restart`);
  await expect(page.getByText(/^9\d\d lines$/)).toBeVisible({ timeout: 10_000 });
  await expect(log.getByText('Resuming resnet50')).toBeVisible();
  await expect(log.getByText('Training resnet50')).toHaveCount(0);
  await page.getByRole('searchbox', { name: 'Search console' }).fill('epoch');
  const count = page.getByRole('status').filter({ hasText: /^\d+$/ });
  const before = Number(await count.textContent());
  await expect(async () =>
    expect(Number(await count.textContent())).toBeGreaterThan(before),
  ).toPass({
    timeout: 10_000,
  });
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
