import type { Page } from '@playwright/test';
import { LONG_USER } from '../../mock-api/groups';
import { expect, signInAs, test } from './utils';

const row = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: name });

test('lists the organizations and teams that the user is in, from the rail', async ({
  signedIn: page,
}) => {
  await page.goto('/');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Teams' }).click();
  await expect(page).toHaveURL('/orgs');
  const organizations = page.getByRole('table', { name: 'Organizations' });
  await expect(organizations.getByRole('row', { name: /^acme/ })).toHaveText('acmeadmin425');
  const teams = page.getByRole('table', { name: 'Teams' });
  await expect(teams.getByRole('row', { name: /^weekend/ })).toContainText('member');
  await teams.getByRole('link', { name: 'Projects of perception: 2' }).click();
  await expect(page).toHaveURL('/perception');
  await page.getByRole('link', { name: 'Members' }).click();
  await expect(page).toHaveURL('/teams/perception');
});

test('says what to do to who is in none', async ({ page }) => {
  await signInAs(page, 'newcomer');
  await page.goto('/orgs');
  await expect(page.getByText('You are in no organization')).toBeVisible();
  await expect(page.getByText('You are in no team')).toBeVisible();
});

test('makes an organization with members, and tells why it could not', async ({
  signedIn: page,
}) => {
  await page.goto('/orgs');
  await page.getByRole('button', { name: 'New organization' }).click();
  const dialog = page.getByRole('dialog', { name: 'New organization' });
  await dialog.getByLabel('Name', { exact: true }).fill('Acme');
  await dialog.getByRole('button', { name: 'Add a line' }).click();
  await expect(dialog.getByLabel('User name of member 2')).toBeFocused();
  await dialog.getByLabel('User name of member 2').fill('grace');
  await dialog.getByLabel('Role of member 2').selectOption('viewer');
  await dialog.getByRole('button', { name: 'Create organization' }).click();
  await expect(dialog.getByRole('alert')).toContainText('organization Acme exists already');
  await dialog.getByLabel('Name', { exact: true }).fill('initech');
  await dialog.getByRole('button', { name: 'Create organization' }).click();
  await expect(page).toHaveURL('/orgs/initech');
  await expect(page.getByText('No registry yet')).toBeVisible();
  await page.getByRole('tab', { name: /Members/ }).click();
  await expect(page).toHaveURL('/orgs/initech?tab=members');
  await expect(row(page, 'grace').getByLabel('Role of grace')).toHaveValue('viewer');
  await expect(row(page, 'ada').getByLabel('Role of ada')).toHaveValue('admin');
});

test('makes a team in an organization', async ({ signedIn: page }) => {
  await page.goto('/orgs/acme?tab=teams');
  await page.getByRole('button', { name: 'New team' }).click();
  const dialog = page.getByRole('dialog', { name: 'New team' });
  await expect(dialog.getByLabel('Organization')).toHaveValue('acme');
  await dialog.getByLabel('Name', { exact: true }).fill('planning');
  await dialog.getByRole('button', { name: 'Create team' }).click();
  await expect(page).toHaveURL('/teams/planning');
  await page.getByRole('link', { name: 'teams', exact: true }).click();
  await expect(
    page.getByRole('table', { name: 'Teams' }).getByRole('link', { name: 'planning' }),
  ).toBeVisible();
});

test('adds members, changes their roles and takes a change back, removes them', async ({
  signedIn: page,
}) => {
  await page.goto('/orgs/acme?tab=members');
  await page.getByLabel('User name').fill('nobody');
  await page.getByRole('button', { name: 'Add member' }).click();
  await expect(page.getByRole('alert')).toContainText('user nobody does not exist');
  await page.getByLabel('User name').fill('newcomer');
  await page.getByLabel('Role', { exact: true }).selectOption('viewer');
  await page.getByRole('button', { name: 'Add member' }).click();
  const role = row(page, 'newcomer').getByLabel('Role of newcomer');
  await expect(role).toHaveValue('viewer');
  await expect(page.getByRole('tab', { name: 'Members' })).toContainText('6');

  await role.selectOption('member');
  await expect(page.getByText('newcomer is now member of acme', { exact: true })).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(role).toHaveValue('viewer');

  await page.getByRole('button', { name: 'Remove newcomer' }).click();
  await page.getByRole('button', { name: 'Really remove newcomer' }).click();
  await expect(row(page, 'newcomer')).toHaveCount(0);
});

test('keeps the last admin, and says so', async ({ signedIn: page }) => {
  await page.goto('/orgs/acme?tab=members');
  await page.getByLabel('Role of ada').selectOption('viewer');
  await expect(page.getByText('ada stays admin: ada is the last admin')).toBeVisible();
  await expect(page.getByLabel('Role of ada')).toHaveValue('admin');
  await page.getByRole('button', { name: 'Leave acme' }).click();
  await page.getByRole('button', { name: 'Really leave acme' }).click();
  await expect(page.getByRole('alert')).toContainText('is the last admin of organization acme');
});

test('a viewer reads, changes nothing, and may leave', async ({ page }) => {
  await signInAs(page, 'grace');
  await page.goto('/orgs/acme');
  await expect(page.getByRole('list', { name: 'Registries' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'New registry' })).toHaveCount(0);
  await expect(page.getByRole('tab', { name: 'Settings' })).toHaveCount(0);
  await page.getByRole('tab', { name: /Teams/ }).click();
  await expect(page.getByRole('table', { name: 'Teams' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'New team' })).toHaveCount(0);
  await page.goto('/orgs/acme?tab=settings');
  await expect(page.getByRole('list', { name: 'Registries' })).toBeVisible();
  await page.goto('/orgs/acme?tab=members');
  await expect(row(page, LONG_USER)).toContainText('viewer');
  await expect(page.getByRole('main').getByRole('combobox')).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Remove/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Leave acme' }).click();
  await page.getByRole('button', { name: 'Really leave acme' }).click();
  await expect(page).toHaveURL('/orgs');
  await expect(page.getByRole('link', { name: 'acme' })).toHaveCount(0);
  await page.goto('/orgs/acme');
  await expect(page.getByRole('alert')).toContainText('organization acme does not exist');
});

test('deletes an organization once nothing is in it', async ({ signedIn: page }) => {
  await page.goto('/orgs/acme?tab=settings');
  await page.getByRole('button', { name: 'Delete organization' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete acme' });
  const confirm = dialog.getByRole('button', { name: 'Delete for good' });
  await dialog.getByLabel('Type acme to confirm').fill('acm');
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel('Type acme to confirm').fill('acme');
  await confirm.click();
  await expect(dialog.getByRole('alert')).toContainText('organization acme still has the teams');
  await page.request.post('/api/v1/organizations', { data: { name: 'bare' } });
  await page.goto('/orgs/bare?tab=settings');
  await page.getByRole('button', { name: 'Delete organization' }).click();
  await page.getByLabel('Type bare to confirm').fill('bare');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/orgs');
  await expect(page.getByRole('link', { name: 'acme' }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'bare' })).toHaveCount(0);
});

test('deletes a team, with its projects if that is asked for', async ({ signedIn: page }) => {
  await page.goto('/teams/perception');
  await page.getByRole('button', { name: 'Delete team' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete perception' });
  await expect(dialog).toContainText('The team has 2 projects.');
  await dialog.getByLabel('Type perception to confirm').fill('perception');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(dialog.getByRole('alert')).toContainText('team perception still has 2 projects');
  await dialog.getByLabel(/^Delete its projects/).check();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page).toHaveURL('/orgs');
  await expect(page.getByRole('link', { name: 'perception' })).toHaveCount(0);
  await page.goto('/');
  await expect(page.getByRole('link', { name: /vision/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /lidar/ })).toHaveCount(0);
});

test('shows the projects of all entities, and those of one', async ({ signedIn: page }) => {
  await page.goto('/');
  await expect(page.getByRole('link', { name: 'perception / lidar' })).toBeVisible();
  await expect(page.getByRole('link', { name: /wandb-registry/ })).toHaveCount(0);
  await page.getByLabel('Projects of').selectOption('weather');
  await expect(page).toHaveURL('/weather');
  await expect(page.getByRole('link', { name: 'nowcasting' })).toBeVisible();
  await expect(page.getByRole('link', { name: /vision/ })).toHaveCount(0);
  // Ada is a viewer there.
  await page.getByRole('button', { name: 'Menu of nowcasting' }).click();
  await expect(page.getByRole('menuitem', { name: 'Copy path' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Describe' })).toHaveCount(0);
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.getByLabel('Projects of').selectOption('');
  await expect(page).toHaveURL('/');
  await page.goto('/weekend');
  await expect(page.getByText('weekend has no projects yet')).toBeVisible();
  await page.goto('/acme');
  await page.getByRole('link', { name: 'Organization' }).click();
  await expect(page).toHaveURL('/orgs/acme');
  await page.goto('/nobody-here');
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
});

test('a viewer of a team edits no project and no run of it', async ({ signedIn: page }) => {
  await page.goto('/weather/nowcasting');
  const response = await page.request.get('/api/v1/projects/weather/nowcasting/runs');
  const [run] = ((await response.json()) as { items: { id: string; display_name: string }[] })
    .items;
  await page.getByRole('link', { name: run.display_name }).click({ button: 'right' });
  await expect(page.getByRole('menuitem', { name: 'Copy name' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: /Rename|Edit tags|Colour|Delete/ })).toHaveCount(
    0,
  );
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^Description/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Menu of this project' }).click();
  await expect(page.getByRole('menuitem', { name: 'Copy path' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Delete project' })).toHaveCount(0);
  await page.goto(`/weather/nowcasting/runs/${run.id}`);
  await expect(page.getByRole('region', { name: 'Run', exact: true }).first()).toBeVisible();
  await expect(
    page.getByRole('button', { name: /^Edit tags|^Notes|^Name of the run/ }),
  ).toHaveCount(0);
});
