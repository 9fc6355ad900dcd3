import type { Page } from '@playwright/test';
import { expect, listRuns, test } from './utils';

const V9 = '/ada/vision/artifacts/dataset/imagenet-100/v9';

async function openVersion(page: Page, path = V9): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('tablist', { name: 'Parts of the version' })).toBeVisible();
}

const timeline = (page: Page) => page.getByRole('complementary', { name: 'Versions' });
const fact = (page: Page, name: string) =>
  page
    .getByRole('region', { name: 'Version', exact: true })
    .locator('dt', { hasText: new RegExp(`^${name}$`) })
    .first()
    .locator('xpath=following-sibling::dd[1]');

test('lists artifacts by type and name, each a link to its newest version', async ({
  signedIn: page,
}) => {
  await page.goto('/ada/vision');
  await page.getByRole('link', { name: 'Artifacts' }).click();
  await expect(page).toHaveURL('/ada/vision/artifacts');
  await expect(page.getByRole('status').filter({ hasText: '8 collections' })).toBeVisible();
  await page
    .getByRole('navigation', { name: 'Types' })
    .getByRole('link', { name: /model/ })
    .click();
  const rows = page.getByRole('table', { name: 'Artifacts' }).getByRole('row');
  await expect(rows).toHaveCount(3);
  await page.getByRole('searchbox', { name: 'Search artifacts' }).fill('resnet');
  await expect(rows).toHaveCount(2);
  await expect(page).toHaveURL('/ada/vision/artifacts?type=model&q=resnet');
  await rows.getByRole('link', { name: 'resnet50' }).click();
  await expect(page).toHaveURL('/ada/vision/artifacts/model/resnet50/v63');
  await page.goBack();
  await expect(rows).toHaveCount(2);
});

test('lists thousands of collections, and says what fills an empty project', async ({
  signedIn: page,
}) => {
  await page.goto('/ada/crowded/artifacts');
  await expect(page.getByText('1,500 collections')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search artifacts' }).fill('model-1499');
  await expect(page.getByRole('link', { name: 'sweep-29-model-1499' })).toBeVisible();
  await page.goto('/ada/empty/artifacts');
  await expect(page.getByText('run.log_artifact("data/"')).toBeVisible();
});

test('resolves the addresses that clients print', async ({ signedIn: page }) => {
  await page.goto('/ada/vision/artifacts/dataset');
  await expect(page).toHaveURL('/ada/vision/artifacts?type=dataset');
  await page.goto('/ada/vision/artifacts/dataset/imagenet-100/v9/files');
  await expect(page).toHaveURL(`${V9}?tab=files`);
  await openVersion(page, '/ada/vision/artifacts/dataset/imagenet-100/clean');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('v9');
});

test('edits description, aliases, tags and life in place, and takes edits back', async ({
  signedIn: page,
}) => {
  await openVersion(page);
  await page.getByRole('button', { name: /^Description:/ }).click();
  await page.getByRole('textbox', { name: 'Description' }).fill('Cleaned twice');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: /^Description: Cleaned twice/ })).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: /^Description: Labels of class/ })).toBeVisible();

  // An alias moves to the version that is given it.
  const v7 = timeline(page).getByRole('listitem').filter({ hasText: /^v7/ });
  await expect(v7).toContainText('paper-2026');
  await page.getByRole('button', { name: 'Edit aliases' }).click();
  await page.getByRole('textbox', { name: 'New alias' }).fill('paper-2026');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(fact(page, 'Aliases')).toContainText('paper-2026');
  await expect(v7).not.toContainText('paper-2026');

  await page.getByRole('button', { name: 'Edit aliases' }).click();
  await page.getByRole('textbox', { name: 'New alias' }).fill('a/b');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByText('alias a/b holds : or /')).toBeVisible();
  await expect(fact(page, 'Aliases')).not.toContainText('a/b');

  await page.getByRole('button', { name: 'Edit tags', exact: true }).click();
  await page.getByRole('textbox', { name: 'New tag' }).fill('audited');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'Keep' }).selectOption('for 30 days');
  await page.getByRole('button', { name: /^Description of the collection:/ }).click();
  await page.getByRole('textbox', { name: 'Description of the collection' }).fill('Small images');
  await page.keyboard.press('Control+Enter');
  await page.reload();
  await expect(page.getByRole('button', { name: /collection: Small images/ })).toBeVisible();
  await expect(fact(page, 'Tags')).toContainText('audited');
  await expect(fact(page, 'Aliases')).toContainText('clean');
  await expect(fact(page, 'Keep')).toContainText('deleted on');
});

test('edits metadata as JSON, keeps numbers as they were logged, and takes edits back', async ({
  signedIn: page,
}) => {
  await openVersion(page);
  const metadata = page.getByRole('region', { name: 'Metadata' });
  const tree = metadata.getByRole('tree', { name: 'Metadata' });
  const text = metadata.getByRole('textbox', { name: 'Metadata as JSON' });
  // Python tells 1.0 from 1, and has integers that a browser would round.
  await page.route('**/api/v1/artifacts/ada/vision/imagenet-100/v9', async (route, request) => {
    if (request.method() !== 'GET') return route.fallback();
    const response = await route.fetch();
    const body = (await response.text()).replace(
      '"classes":100',
      '"classes":[1.0,90071992547409931]',
    );
    return route.fulfill({ response, body });
  });
  await page.reload();
  await expect(tree).toContainText('90071992547409931');
  await metadata.getByRole('button', { name: 'Edit metadata' }).click();
  await expect(text).toHaveValue(/1\.0,\s+90071992547409931\n/);
  const stored = await text.inputValue();
  await text.fill(stored.replace('"rows": 49170', '"rows": None'));
  await metadata.getByRole('button', { name: 'Save metadata' }).click();
  await expect(metadata.getByRole('alert')).toHaveText(
    /^line 6, column 11: expected a value, found None: JSON writes null$/,
  );
  await expect(text).toBeFocused();
  await text.fill(stored.replace('"rows": 49170', '"rows": 7'));
  await expect(metadata.getByRole('alert')).toHaveCount(0);
  const patch = (): Promise<string> =>
    page
      .waitForRequest(request => request.method() === 'PATCH')
      .then(request => request.postData() ?? '');
  const sent = patch();
  await text.press('Control+Enter');
  expect(await sent).toContain('"classes":[1.0,90071992547409931],"rows":7,');
  await page.unrouteAll();
  await expect(tree.getByRole('treeitem', { name: /^rows/ })).toContainText('7');
  const undone = patch();
  await page.keyboard.press('Control+z');
  expect(await undone).toContain('"classes":[1.0,90071992547409931],"rows":49170,');
  await expect(tree.getByRole('treeitem', { name: /^rows/ })).toContainText('49170');
});

test('keeps the text of metadata that the server refuses', async ({ signedIn: page }) => {
  await openVersion(page);
  const metadata = page.getByRole('region', { name: 'Metadata' });
  const text = metadata.getByRole('textbox', { name: 'Metadata as JSON' });
  await metadata.getByRole('button', { name: 'Edit metadata' }).click();
  await text.fill('{"note": "a long one"}');
  await page.route('**/api/v1/artifacts/**', route =>
    route.fulfill({
      status: 413,
      json: { code: 'too_large', message: 'artifact metadata of 16 MiB is beyond the limit' },
    }),
  );
  await metadata.getByRole('button', { name: 'Save metadata' }).click();
  await expect(metadata.getByRole('alert')).toContainText('is beyond the limit');
  await expect(text).toHaveValue('{"note": "a long one"}');
  await metadata.getByRole('button', { name: 'Cancel' }).click();
  await expect(metadata.getByRole('tree')).toContainText('reviewed_by');
});

test('shows facts, the runs around the version, and its metadata', async ({ signedIn: page }) => {
  await openVersion(page);
  await expect(fact(page, 'Logged by').getByRole('link')).toHaveAttribute(
    'href',
    /^\/ada\/vision\/runs\//,
  );
  await fact(page, 'Used by').getByText('runs').click();
  await expect(fact(page, 'Used by').getByRole('link').first()).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search metadata' }).fill('s3://');
  await expect(page.getByRole('tree', { name: 'Metadata' }).getByRole('treeitem')).toHaveCount(1);
  await page.getByRole('tab', { name: 'Usage' }).click();
  await page.getByRole('combobox').selectOption('clean');
  await expect(page.getByText('wandb artifact get ada/vision/imagenet-100:clean')).toBeVisible();
  await page.getByRole('tab', { name: 'History' }).click();
  await expect(page.getByRole('row', { name: /Alias added clean grace/ })).toBeVisible();
});

test('previews files of many kinds, tables a thousand rows at a time', async ({
  signedIn: page,
}) => {
  await openVersion(page, `${V9}?tab=files`);
  const files = page.getByRole('list', { name: 'Files' });
  await files.getByRole('button', { name: /frame_0\.png/ }).click();
  await expect(page.getByRole('img', { name: /frame_0\.png/ })).toBeVisible();
  await files.getByRole('button', { name: /classes\.json/ }).click();
  await expect(page.getByText('"names": [')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search files' }).fill('.t');
  await files.getByRole('button', { name: /huge\.tar/ }).click();
  await expect(page.getByText('s3://acme-raw/2026-08/huge.tar')).toBeVisible();
  await files.getByRole('button', { name: /predictions\.table\.json/ }).click();
  const table = page.getByRole('table', { name: 'tables/predictions.table.json' });
  await expect(table.getByRole('img').first()).toHaveJSProperty('naturalWidth', 160);

  await page.getByRole('searchbox', { name: 'Search files' }).fill('part-000');
  await files.getByRole('button', { name: /part-000/ }).click();
  const rows = page.getByRole('navigation', { name: 'Rows' });
  await expect(rows.getByRole('status')).toHaveText('rows 1–1,000 of 48,210');
  await rows.getByRole('button', { name: 'Next rows' }).click();
  await expect(rows.getByRole('status')).toHaveText('rows 1,001–2,000 of 48,210');
  await rows.getByRole('spinbutton').fill('48210');
  await rows.getByRole('spinbutton').press('Enter');
  await expect(rows.getByRole('status')).toHaveText('rows 48,001–48,210 of 48,210');
  await expect(rows.getByRole('button', { name: 'Next rows' })).toBeDisabled();
});

test('reaches every file of a version of 30,000, and every version of 10,000', async ({
  signedIn: page,
}) => {
  await openVersion(page, '/ada/vision/artifacts/dataset/firehose/latest?tab=files');
  await expect(page.getByText('only the first 20,000 of 30,000 are listed')).toBeVisible();
  const files = page.getByRole('list', { name: 'Files' });
  await expect(page.getByText('20,000 of 30,000 files')).toBeVisible();
  await expect(files.getByRole('button', { name: /shard-000/ })).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search files' }).fill('shard-299/part-29999');
  await files.getByRole('button', { name: /part-29999/ }).click();
  await expect(page.getByRole('heading', { name: 'shard-299/part-29999.parquet' })).toBeVisible();

  const side = timeline(page);
  await expect(side.getByRole('status')).toHaveText('200 of 10,000 versions listed');
  await side.getByRole('list').evaluate(list => list.parentElement?.scrollTo(0, 9000));
  await expect(side.getByRole('status')).toHaveText('400 of 10,000 versions listed');
  await side.getByRole('searchbox').fill('4021');
  await side.getByRole('searchbox').press('Enter');
  await expect(page).toHaveURL('/ada/vision/artifacts/dataset/firehose/v4021');
  await expect(side.getByRole('link', { name: /^v4021 pinned/ })).toBeVisible();
});

test('compares two versions by a click with Shift: files, metadata, rows by key', async ({
  signedIn: page,
}) => {
  await openVersion(page);
  await timeline(page)
    .getByRole('link', { name: /^v7/ })
    .click({ modifiers: ['Shift'] });
  await expect(page).toHaveURL(`${V9}?with=v7`);
  await expect(page.getByRole('heading', { name: 'Compare v7 with v9' })).toBeVisible();
  const metadata = page.getByRole('table', { name: 'Metadata' });
  await expect(metadata.getByRole('row', { name: /^changed rows/ }).locator('mark')).toHaveText([
    '8',
    '7',
  ]);
  const files = page.getByRole('region', { name: 'Files' });
  await expect(files).toContainText('2 removed, 7 changed, 28 the same');
  await expect(files.getByRole('row', { name: /README.md/ })).toContainText('+22 B');
  const tables = page.getByRole('region', { name: 'Tables' });
  await expect(tables.getByRole('status')).toHaveText(
    '589 changed, 0 added, 0 removed, 9,411 the same',
  );
  await expect(
    tables.getByText('of v7, the first 10,000 of 48,210 rows are compared'),
  ).toBeVisible();
  await tables.getByRole('combobox', { name: 'joined by' }).selectOption('label');
  await expect(page).toHaveURL(/key=label/);
  await expect(tables.getByText('rows have a key that an earlier one has')).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page).toHaveURL(V9);
});

test('deletes a version once it is asked for twice where an alias protects it', async ({
  signedIn: page,
}) => {
  await openVersion(page);
  await page.getByRole('button', { name: 'Menu of this artifact' }).click();
  await page.getByRole('menuitem', { name: 'Delete v9' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete imagenet-100:v9?' });
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('has the alias clean');
  await dialog.getByRole('button', { name: 'Delete with its aliases' }).click();
  await expect(page).toHaveURL('/ada/vision/artifacts/dataset/imagenet-100/v11');
  await expect(timeline(page).getByRole('status')).toHaveText('11 versions');
  await page.goto(V9);
  await expect(page.getByRole('alert')).toContainText('has no version v9');
});

test('unlinks a link, which leaves what it leads to', async ({ signedIn: page }) => {
  await openVersion(page, '/ada/vision/artifacts/model/production-models/v2');
  await expect(fact(page, 'Links to').getByRole('link')).toHaveText('vision/resnet50:v40');
  await page.getByRole('button', { name: 'Menu of this artifact' }).click();
  await page.getByRole('menuitem', { name: 'Unlink v2' }).click();
  await page.getByRole('button', { name: 'Unlink', exact: true }).click();
  await expect(timeline(page).getByRole('status')).toHaveText('3 versions');
});

test('renames and deletes a collection', async ({ signedIn: page }) => {
  await openVersion(page, '/ada/vision/artifacts/dataset/raw-images/v2');
  await page.getByRole('button', { name: 'Menu of this artifact' }).click();
  await page.getByRole('menuitem', { name: 'Rename collection' }).click();
  await page.getByRole('textbox', { name: 'Name of the collection' }).fill('photos');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/ada/vision/artifacts/dataset/photos/v2');
  await page.getByRole('button', { name: 'Menu of this artifact' }).click();
  await page.getByRole('menuitem', { name: 'Delete collection' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page).toHaveURL('/ada/vision/artifacts');
  await expect(page.getByText('7 collections')).toBeVisible();
});

test('shows versions in a sheet on a narrow screen', async ({ signedIn: page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openVersion(page);
  await page.getByRole('button', { name: 'Versions' }).click();
  const sheet = page.getByRole('dialog', { name: 'Versions' });
  await sheet.getByRole('link', { name: /^v3/ }).click();
  await expect(sheet).toHaveCount(0);
  await expect(page).toHaveURL(/\/v3$/);
});

test('links what a run used and logged', async ({ signedIn: page }) => {
  const [run] = await listRuns(page);
  await page.goto(`/ada/vision/runs/${run.id}?tab=artifacts`);
  const used = page.getByRole('region', { name: 'Used' });
  await expect(used.getByRole('row', { name: /imagenet-100/ })).toContainText('as train');
  await expect(page.getByRole('region', { name: 'Logged' }).getByRole('link')).toHaveCount(2);
  await page.getByRole('link', { name: 'Lineage of this run' }).click();
  await expect(page).toHaveURL(/\/ada\/vision\/lineage\?of=run/);
  const [quiet] = await listRuns(page, 'wide');
  await page.goto(`/ada/wide/runs/${quiet.id}?tab=artifacts`);
  await expect(page.getByText('This run used and logged no artifact')).toBeVisible();
});
