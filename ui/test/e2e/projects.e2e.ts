import { expect, signInAs, test } from './utils';

test('lists projects with runs and last activity', async ({ signedIn: page }) => {
  await page.goto('/');
  const row = page.getByRole('row').filter({ hasText: 'vision' });
  await expect(row).toContainText('312');
  await expect(row.getByRole('img')).toHaveAccessibleName(/runs started in 30 days/);
  await row.getByRole('link').click();
  await expect(page).toHaveURL('/ada/vision');
});

test('finds a project by name', async ({ signedIn: page }) => {
  await page.goto('/');
  await page.getByRole('searchbox', { name: 'Search projects' }).fill('/^ada.lang/');
  await expect(page.getByRole('link', { name: /language/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /vision/ })).toHaveCount(0);
});

test('describes a project in the table and in its head', async ({ signedIn: page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Menu of language' }).click();
  await page.getByRole('menuitem', { name: 'Describe' }).click();
  await page.getByRole('textbox', { name: 'Description' }).fill('Small language models');
  await page.keyboard.press('Enter');
  const row = page.getByRole('row').filter({ hasText: 'language' });
  await expect(row).toContainText('Small language models');
  await row.getByRole('link').click();
  const description = page.getByRole('button', { name: /^Description:/ });
  await expect(description).toHaveText('Small language models');
  await description.click();
  await page.getByRole('textbox', { name: 'Description' }).fill('refuse me');
  await page.keyboard.press('Enter');
  await expect(page.getByText('this description is refused')).toBeVisible();
  await expect(description).toHaveText('Small language models');
  await page.keyboard.press('Control+z');
  await expect(description).toHaveText('Add a description');
});

test('deletes a project once its name is typed', async ({ signedIn: page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Menu of language' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete language' });
  await expect(dialog).toContainText('5 runs and those in the bin go with it');
  const confirm = dialog.getByRole('button', { name: 'Delete for good' });
  await dialog.getByLabel('Type language to confirm').fill('languag');
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel('Type language to confirm').fill('language');
  await confirm.click();
  await expect(page.getByText('language deleted')).toBeVisible();
  await expect(page.getByRole('link', { name: /language/ })).toHaveCount(0);
  await page.goto('/ada/empty');
  await page.getByRole('button', { name: 'Menu of this project' }).click();
  await page.getByRole('menuitem', { name: 'Delete project' }).click();
  await page.getByLabel('Type empty to confirm').fill('empty');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/');
  await expect(page.getByRole('link', { name: /empty/ })).toHaveCount(0);
});

test('shows a newcomer what to paste and notices the first run', async ({ page }) => {
  await signInAs(page, 'newcomer');
  await page.goto('/');
  await expect(page.getByText('export WANDB_BASE_URL=http://127.0.0.1')).toBeVisible();
  await page.getByRole('button', { name: 'Make a key for these lines' }).click();
  await expect(page.getByText(/WANDB_API_KEY=local-\w{40}/)).toBeVisible();
  await expect(page.getByRole('link', { name: /first-steps/ })).toBeVisible({ timeout: 10_000 });
});

test('makes a key for the prompt of a terminal', async ({ signedIn: page }) => {
  await page.goto('/authorize?signup=true&ref=models');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await expect(page.getByText(/^local-\w{40}$/)).toBeVisible();
});

test('revokes a key after asking once more', async ({ signedIn: page }) => {
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Revoke laptop' }).click();
  await page.getByRole('button', { name: 'Really revoke laptop' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'laptop' })).toHaveCount(0);
});

test('lets an admin add and remove users', async ({ signedIn: page }) => {
  await page.goto('/settings');
  const users = page.getByRole('region', { name: 'Users' });
  await users.getByLabel('User name').fill('grace');
  await users.getByLabel('E-mail').fill('g@example.org');
  await users.getByRole('button', { name: 'Add user' }).click();
  await expect(users.getByRole('alert')).toContainText('user grace exists already');
  await users.getByLabel('User name').fill('edsger');
  await users.getByRole('button', { name: 'Add user' }).click();
  await expect(users.getByRole('row').filter({ hasText: 'edsger' })).toBeVisible();
  await users.getByRole('button', { name: 'Remove edsger' }).click();
  await users.getByRole('button', { name: 'Really remove edsger' }).click();
  await expect(users.getByRole('row').filter({ hasText: 'edsger' })).toHaveCount(0);
});

test('hides user administration from others', async ({ page }) => {
  await signInAs(page, 'grace');
  await page.goto('/settings');
  await expect(page.getByRole('region', { name: 'API keys' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Users' })).toHaveCount(0);
});

test('goes to a run by the quick search', async ({ signedIn: page }) => {
  await page.goto('/');
  await expect(page.getByRole('table')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page
    .getByRole('searchbox', { name: 'Project, run, sweep, artifact or registry' })
    .fill('-311');
  await expect(page.getByRole('button', { name: /-311/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/ada\/vision\/runs\//);
});

test('goes to an artifact, and to a collection of a registry, by the quick search', async ({
  signedIn: page,
}) => {
  await page.goto('/');
  await expect(page.getByRole('table')).toBeVisible();
  const asked: string[] = [];
  page.on('request', request => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname.endsWith('/collections')) asked.push(searchParams.get('search') ?? '');
  });
  await page.keyboard.press('Control+k');
  const box = page.getByRole('searchbox', { name: 'Project, run, sweep, artifact or registry' });
  const found = page.getByRole('list', { name: 'Found' });
  await box.pressSequentially('imagenet', { delay: 20 });
  await expect(
    found.getByRole('button', { name: 'artifact imagenet-100 vision · dataset' }),
  ).toBeVisible();
  // Not every letter is a search.
  expect(new Set(asked)).toEqual(new Set(['imagenet']));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/ada/vision/artifacts/dataset/imagenet-100/v11');

  await page.keyboard.press('Control+k');
  await box.fill('lane-k');
  const lanes = found.getByRole('button', { name: 'collection lane-keeping' });
  await expect(lanes).toContainText('acme / models · model');
  await box.fill('');
  await expect(lanes).toHaveCount(0);
  await box.fill('1');
  // Hundreds of runs have this in their name; what comes behind them has its place.
  await expect(found.getByRole('img', { name: 'artifact' }).first()).toBeVisible();
  await expect(page.getByText(/^30 of [\d,]+ found/)).toBeVisible();
  await box.fill('/lane-k/');
  await expect(page.getByText('artifacts are found by plain text')).toBeVisible();
  await box.fill('lane-keeping');
  await lanes.click();
  await expect(page).toHaveURL('/acme/wandb-registry-models/artifacts/model/lane-keeping/v6');
});

test('lists the keys', async ({ signedIn: page }) => {
  await page.goto('/');
  await expect(page.getByRole('table')).toBeVisible();
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await expect(keys).toContainText('take the last edit back');
  await page.keyboard.press('Escape');
  await expect(keys).toHaveCount(0);
});

test('keeps the chosen theme', async ({ signedIn: page }) => {
  await page.goto('/settings');
  await page.getByLabel('Dark').check();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
