import type { Page } from '@playwright/test';
import { LONG_USER } from '../../mock-api/groups';
import { expect, signInAs, test } from './utils';

const MODELS = '/orgs/acme/registry/models';
const card = (page: Page, name: string) =>
  page.getByRole('list', { name: 'Collections' }).getByRole('listitem').filter({ hasText: name });

test('shows registries as cards, and makes one', async ({ signedIn: page }) => {
  await page.goto('/orgs/acme');
  const registries = page.getByRole('list', { name: 'Registries' });
  const models = registries.getByRole('listitem').filter({ hasText: 'What runs in cars' });
  await expect(models).toContainText('4 collections · 11 versions · 6 members');
  await expect(registries.getByRole('img', { name: 'restricted' })).toHaveCount(1);
  await page.getByRole('button', { name: 'New registry' }).click();
  const dialog = page.getByRole('dialog', { name: 'New registry of acme' });
  await dialog.getByLabel('Name').fill('models');
  await dialog.getByLabel('Restricted').check();
  await dialog.getByLabel('Artifact types').selectOption('some');
  await dialog.getByLabel('Types it takes').fill('evaluation');
  await page.keyboard.press('Enter');
  // What is typed and not ended counts, too.
  await dialog.getByLabel('Types it takes').fill('run_table');
  await dialog.getByRole('button', { name: 'Create registry' }).click();
  await expect(dialog.getByRole('alert')).toContainText('registry models exists already in acme');
  await dialog.getByLabel('Name').fill('reports');
  await dialog.getByRole('button', { name: 'Create registry' }).click();
  await expect(page).toHaveURL('/orgs/acme/registry/reports');
  await expect(page.getByText('Nothing is linked into this registry yet')).toBeVisible();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await expect(page.getByLabel('Restricted')).toBeChecked();
  const types = page.getByRole('region', { name: 'Artifact types' });
  await expect(types).toContainText('evaluation');
  await expect(types).toContainText('run_table');
});

test('shows collections with their newest version and where it came from', async ({
  signedIn: page,
}) => {
  await page.goto(MODELS);
  const lanes = card(page, 'lane-keeping');
  await expect(lanes).toContainText('model');
  await expect(lanes).toContainText('7 versions');
  await expect(lanes).toContainText('v6');
  await expect(lanes).toContainText('staging');
  await expect(lanes).toContainText(/linked .* by alan/);
  // What is in production is not what was linked last.
  const named = lanes.getByRole('list', { name: 'Older versions with an alias' });
  await expect(named.getByRole('listitem')).toHaveText(['v4production']);
  await expect(named.getByRole('link', { name: 'v4' })).toHaveAttribute(
    'href',
    /lane-keeping\/v4$/,
  );
  await expect(card(page, 'retired')).toContainText('no version is linked any more');
  await lanes.getByRole('link', { name: 'perception/lidar/lane-detector:v26' }).click();
  await expect(page).toHaveURL(/\/perception\/lidar\/artifacts\/.*\/lane-detector\/v26/);
  await page.goBack();
  await card(page, 'lane-keeping').getByRole('link', { name: 'lane-keeping' }).click();
  await expect(page).toHaveURL('/acme/wandb-registry-models/artifacts/model/lane-keeping/v6');
  const head = page.getByRole('heading', { level: 1 });
  await expect(head).toContainText(/^acme \/ registry models \/\s*lane-keeping/);
  await head.getByRole('link', { name: 'registry models' }).click();
  await expect(page).toHaveURL(MODELS);
});

test('takes a project for a registry only where an organization has it', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', request => {
    if (request.url().includes('/registries/')) asked.push(request.url());
  });
  await signInAs(page, 'ada');
  await page.goto('/ada/wandb-registry-mine/artifacts/dataset/notes/v0');
  const trail = page.getByRole('heading', { level: 1 });
  await expect(trail).toContainText(
    /^ada \/ wandb-registry-mine \/ artifacts \/ dataset \/\s*notes/,
  );
  await trail.getByRole('link', { name: 'wandb-registry-mine' }).click();
  await expect(page).toHaveURL('/ada/wandb-registry-mine');
  await expect(trail).toContainText('ada / wandb-registry-mine');
  expect(asked).toEqual([]);
});

test('lets a version be described by those who may write where it was logged', async ({ page }) => {
  // Alan manages the registry, and does not see ada's project.
  await signInAs(page, 'alan');
  await page.goto('/acme/wandb-registry-models/artifacts/model/image-classifier/v1');
  await expect(page.getByRole('button', { name: 'Edit aliases' })).toBeVisible();
  await expect(page.getByRole('tree', { name: 'Metadata' })).toContainText('epoch');
  await expect(page.getByRole('button', { name: 'Edit metadata' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Description: / })).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Keep' })).toHaveCount(0);
  await page.goto('/acme/wandb-registry-models/artifacts/model/lane-keeping/v6');
  await expect(page.getByRole('button', { name: 'Edit metadata' })).toBeVisible();
});

test('finds collections by name, and lists many some at a time', async ({ signedIn: page }) => {
  await page.goto('/orgs/acme/registry/datasets');
  const status = page.getByRole('status').filter({ hasText: /of|collection/ });
  await expect(status).toHaveText('60 of 130');
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(status).toHaveText('120 of 130');
  await page.getByRole('searchbox', { name: 'Search collections' }).fill('drive-12');
  await expect(status).toHaveText('10 collections');
  await expect(page).toHaveURL(/q=drive-12/);
  await page.getByRole('searchbox', { name: 'Search collections' }).fill('nothing');
  await expect(page.getByText('No collection has this name')).toBeVisible();
  await page.goto('/orgs/acme/registry/broken');
  await expect(page.getByRole('alert')).toContainText('the database does not answer');
});

test('leads from the address that clients print to the version', async ({ signedIn: page }) => {
  await page.goto(
    `${MODELS}?selectionPath=acme%2Fwandb-registry-models%2Flane-keeping&view=membership&version=v4`,
  );
  await expect(page).toHaveURL('/acme/wandb-registry-models/artifacts/model/lane-keeping/v4');
  await expect(page.getByRole('tablist', { name: 'Parts of the version' })).toBeVisible();
  await page.goto(`${MODELS}?selectionPath=acme%2Fwandb-registry-models%2Fgone&version=v4`);
  await expect(page.getByRole('alert')).toContainText('artifact collection gone does not exist');
});

test('links a version into a registry, with aliases', async ({ signedIn: page }) => {
  await page.goto('/ada/vision/artifacts/model/resnet50/v41');
  await page.getByRole('button', { name: 'Menu of this artifact' }).click();
  await page.getByRole('menuitem', { name: 'Link to registry' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link resnet50:v41 to a registry' });
  await dialog.getByLabel('Registry').selectOption('acme/models');
  // A registry of data sets takes no model.
  await expect(dialog.getByRole('option', { name: 'acme / datasets' })).toHaveCount(0);
  await dialog.getByLabel('Collection').fill('image-classifier');
  await dialog.getByRole('textbox', { name: 'Aliases' }).fill('candidate');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await page.getByRole('button', { name: 'Open' }).click();
  await expect(page).toHaveURL('/acme/wandb-registry-models/artifacts/model/image-classifier/v3');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('candidate');
  await page.goto(MODELS);
  await expect(card(page, 'image-classifier')).toContainText('ada/vision/resnet50:v41');
  await expect(card(page, 'image-classifier')).toContainText('by ada');
});

test('says why a version cannot be linked by who has no registry', async ({ page }) => {
  await signInAs(page, LONG_USER);
  await page.goto('/weather/nowcasting/artifacts/dataset/radar/v1');
  await page.getByRole('button', { name: 'Menu of this artifact' }).click();
  await page.getByRole('menuitem', { name: 'Link to registry' }).click();
  const dialog = page.getByRole('dialog', { name: 'Link radar:v1 to a registry' });
  await expect(dialog).toContainText('There is no registry that you can link this to');
  await dialog.getByRole('link', { name: 'Go to the organizations' }).click();
  await expect(page).toHaveURL('/orgs');
});

test('a viewer of versions changes nothing of them', async ({ page }) => {
  await signInAs(page, 'grace');
  await page.goto('/perception/lidar/artifacts/model/lane-detector/v3');
  await page.getByRole('button', { name: 'Menu of this artifact' }).click();
  // A viewer of the team deletes nothing, and links as the registry allows.
  await expect(page.getByRole('menuitem', { name: /Delete|Rename/ })).toHaveCount(0);
  await page.getByRole('menuitem', { name: 'Link to registry' }).click();
  await expect(page.getByLabel('Registry', { exact: true })).toHaveValue('acme/models');
  await signInAs(page, LONG_USER);
  await page.goto('/acme/wandb-registry-models/artifacts/model/lane-keeping/v6');
  await page.getByRole('button', { name: 'Menu of this artifact' }).click();
  await expect(page.getByRole('menuitem', { name: 'Copy path' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: /Unlink|Delete|Rename|Link to/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^Edit/ })).toHaveCount(0);
  await expect(page.getByRole('main').getByRole('combobox')).toHaveCount(0);
  // Nor does she see the project that the version is of.
  await expect(page.getByText('a version of a project that you do not see')).toBeVisible();
});

test('manages users and teams of a registry', async ({ signedIn: page }) => {
  await page.goto(`${MODELS}?tab=members`);
  const users = page.getByRole('region', { name: 'Users' });
  const teams = page.getByRole('region', { name: 'Teams' });
  await expect(users.getByRole('row', { name: /^barbara/ })).toContainText('member of acme');
  await users.getByLabel('User name').fill('barbara');
  await users.getByLabel('Role', { exact: true }).selectOption('admin');
  await users.getByRole('button', { name: 'Add member' }).click();
  await expect(users.getByLabel('Role of barbara')).toHaveValue('admin');
  await teams.getByLabel('Role of perception').selectOption('restricted_viewer');
  await expect(
    page.getByText('perception is now restricted viewer of models', { exact: true }),
  ).toBeVisible();
  await page.reload();
  await expect(teams.getByLabel('Role of perception')).toHaveValue('restricted_viewer');
  await teams.getByLabel('Name of a team').fill('weather');
  await teams.getByRole('button', { name: 'Add team' }).click();
  await expect(teams.getByRole('alert')).toContainText('team weather is not in the organization');
  await teams.getByRole('button', { name: 'Remove perception' }).click();
  await teams.getByRole('button', { name: 'Really remove perception' }).click();
  await expect(teams.getByText('No team yet')).toBeVisible();
});

test('changes the settings of a registry, and deletes it', async ({ signedIn: page }) => {
  await page.goto(`${MODELS}?tab=settings`);
  const description = page.getByRole('button', { name: /^Description:/ });
  await description.click();
  await page.getByRole('textbox', { name: 'Description' }).fill('refuse me');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('this description is refused')).toBeVisible();
  await expect(description).toContainText('What runs in cars');
  await page.getByLabel('Restricted').click();
  await expect(page.getByLabel('Restricted')).toBeChecked();
  await expect(page.getByText('access of models changed')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('radio', { name: /^Organization/ })).toBeChecked();
  await page.getByLabel('Type', { exact: true }).fill('checkpoint');
  await page.getByRole('button', { name: 'Add type' }).click();
  await expect(page.getByRole('region', { name: 'Artifact types' })).toContainText('checkpoint');
  const aliases = page.getByRole('region', { name: 'Protected aliases' });
  await aliases.getByLabel('Alias').fill('candidate');
  await page.getByRole('button', { name: 'Protect alias' }).click();
  await expect(page.getByText('protected aliases of models changed')).toBeVisible();
  await expect(aliases).toContainText('candidateproduction');
  await aliases.getByRole('button', { name: 'Protect production no longer' }).click();
  await expect(aliases).not.toContainText('production');
  await page.keyboard.press('Control+z');
  await expect(aliases).toContainText('candidateproduction');
  await page.getByRole('button', { name: /^Name of the registry/ }).click();
  await page.getByRole('textbox', { name: 'Name of the registry' }).fill('fleet');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/orgs/acme/registry/fleet?tab=settings');
  await page.getByRole('button', { name: 'Delete registry' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete fleet' });
  await expect(dialog).toContainText('4 collections with 11 linked versions');
  await dialog.getByLabel('Type fleet to confirm').fill('fleet');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/orgs/acme');
  await expect(page.getByRole('list', { name: 'Registries' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'fleet' })).toHaveCount(0);
});

test('shows members of a restricted registry to a viewer without a button', async ({ page }) => {
  await signInAs(page, 'grace');
  await page.goto('/orgs/acme/registry/datasets?tab=members');
  await expect(page.getByRole('row', { name: /^grace/ })).toContainText('restricted viewer');
  await expect(page.getByRole('button', { name: /^Add|^Remove/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Leave datasets' })).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Settings' })).toHaveCount(0);
  await signInAs(page, LONG_USER);
  await page.goto('/orgs/acme/registry/datasets');
  await expect(page.getByRole('alert')).toContainText('registry datasets does not exist');
});
