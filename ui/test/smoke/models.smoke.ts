import { expect, test, type Page } from '@playwright/test';
import { addAccount, removeAccount, send, WireRun, type Account } from './wire';

/**
 * Two trainings of a team, one on each version of a dataset; the model of each is linked into a registry of the
 * organization, the older one is in production. Every page about that is visited.
 */

const PROJECT = 'lanes';

let owner: Account;
let guest: Account;
let organization: string;
let team: string;
let page: Page;
const complaints: string[] = [];

const asOwner = (method: string, path: string, body?: unknown): Promise<unknown> =>
  send(method, `/api/v1/${path}`, owner.apiKey, body);

async function openPage(
  browser: { newPage: (options: object) => Promise<Page> },
  baseURL: string | undefined,
  { username, password }: Account,
): Promise<Page> {
  const made = await browser.newPage({ baseURL });
  made.on('pageerror', error => complaints.push(error.message));
  made.on('console', message => message.type() === 'error' && complaints.push(message.text()));
  const signedIn = await made.request.post('/api/v1/session', { data: { username, password } });
  expect(signedIn.ok()).toBe(true);
  return made;
}

async function train(name: string, data: string, lr: number, weights: string): Promise<void> {
  const run = new WireRun(owner, PROJECT, name, team);
  await run.start(name, { lr });
  await run.useArtifact(data, 'train');
  await run.log([{ loss: lr }]);
  await run.logArtifact('model', 'lane-net', { 'weights.txt': weights }, { lr: 1, seed: 7 });
  await run.finish();
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, baseURL }) => {
  [owner, guest] = [await addAccount(), await addAccount()];
  [organization, team] = [`${owner.username}-org`, `${owner.username}-team`];
  const members = [
    { username: owner.username, role: 'admin' },
    { username: guest.username, role: 'viewer' },
  ];
  await asOwner('POST', 'organizations', { name: organization, members });
  await asOwner('POST', 'teams', { name: team, organization, members: members.slice(0, 1) });
  const registries = `organizations/${organization}/registries`;
  await asOwner('POST', registries, {
    name: 'models',
    description: 'What drives',
    access: 'private',
    allow_all_artifact_types: true,
  });

  const prepare = new WireRun(owner, PROJECT, 'prepare', team);
  await prepare.start('prepare');
  const first = await prepare.logArtifact('dataset', 'roads', {
    'labels.csv': 'road,lane\na,1\n',
    'README.md': '# Roads\n',
  });
  const second = await prepare.logArtifact('dataset', 'roads', {
    'labels.csv': 'road,lane\na,2\nb,1\n',
    'README.md': '# Roads\n',
  });
  await prepare.finish();
  await train('old', first, 0.1, 'one');
  await train('new', second, 0.1, 'two');
  const links = `${registries}/models/collections/lane-keeping/versions`;
  const artifact = `${team}/${PROJECT}/lane-net`;
  await asOwner('POST', links, { artifact: `${artifact}:v0`, aliases: ['production'] });
  await asOwner('POST', links, { artifact: `${artifact}:v1`, aliases: ['staging'] });
  page = await openPage(browser, baseURL, owner);
});

test.afterAll(async () => {
  await page.close();
  await asOwner('DELETE', `organizations/${organization}/registries/models`);
  await asOwner('DELETE', `teams/${team}?projects=delete`);
  await asOwner('DELETE', `organizations/${organization}`);
  await removeAccount(guest);
  await removeAccount(owner);
});

test('tells who may do what in an organization and in a team', async () => {
  await page.goto('/orgs');
  await expect(page.getByRole('row', { name: new RegExp(`^${organization}`) })).toContainText(
    'admin',
  );
  await page
    .getByRole('table', { name: 'Organizations' })
    .getByRole('link', { name: organization, exact: true })
    .click();
  await expect(page.getByRole('list', { name: 'Registries' })).toContainText(
    '1 collection · 2 versions',
  );
  await page.getByRole('tab', { name: /Members/ }).click();
  const role = page.getByLabel(`Role of ${guest.username}`);
  await expect(role).toHaveValue('viewer');
  const changed = page.waitForResponse(response => response.request().method() === 'PUT');
  await role.selectOption('member');
  expect((await changed).ok()).toBe(true);
  const undone = page.waitForResponse(response => response.request().method() === 'PUT');
  await page.keyboard.press('Control+z');
  expect((await undone).ok()).toBe(true);
  await page.reload();
  await expect(role).toHaveValue('viewer');
  await page.goto(`/teams/${team}`);
  await expect(page.getByLabel(`Role of ${owner.username}`)).toHaveValue('admin');
  await page.getByRole('link', { name: 'Projects' }).last().click();
  await expect(page).toHaveURL(`/${team}`);
  await expect(page.getByRole('link', { name: PROJECT })).toBeVisible();
});

test('tells which model is in production', async () => {
  await page.goto(`/${organization}/wandb-registry-models`);
  await page.getByRole('link', { name: 'Go to the registry' }).click();
  await expect(page).toHaveURL(`/orgs/${organization}/registry/models`);
  const card = page.getByRole('list', { name: 'Collections' }).getByRole('listitem').first();
  await expect(card).toContainText('v1lateststaging');
  await expect(card).toContainText(`from ${team}/${PROJECT}/lane-net:v1`);
  await expect(card).toContainText(`by ${owner.username}`);
  const named = card.getByRole('list', { name: 'Older versions with an alias' });
  await expect(named.getByRole('listitem')).toHaveText('v0production');
  await named.getByRole('link', { name: 'v0' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('production');
  await page.getByRole('link', { name: `${PROJECT}/lane-net:v0` }).click();
  await expect(page).toHaveURL(`/${team}/${PROJECT}/artifacts/model/lane-net/v0`);
});

test('edits metadata of a version, whose history tells of it', async () => {
  const metadata = page.getByRole('region', { name: 'Metadata' });
  await metadata.getByRole('button', { name: 'Edit metadata' }).click();
  await metadata
    .getByRole('textbox', { name: 'Metadata as JSON' })
    .fill('{"lr": 1.0, "seed": 9007199254740993, "reviewed_by": "grace"}');
  await metadata.getByRole('button', { name: 'Save metadata' }).click();
  await expect(metadata.getByRole('tree')).toContainText('reviewed_by');
  const path = `artifacts/${team}/${PROJECT}/lane-net/v0`;
  const stored = await page.request.get(`/api/v1/${path}`);
  expect(await stored.text()).toContain(
    '"metadata":{"lr":1.0,"seed":9007199254740993,"reviewed_by":"grace"}',
  );
  await metadata.getByRole('button', { name: 'Edit metadata' }).click();
  await expect(metadata.getByRole('textbox')).toHaveValue(
    /"lr": 1\.0,\s+"seed": 9007199254740993,/,
  );
  await metadata.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('tab', { name: 'History' }).click();
  await expect(page.getByRole('row', { name: /Metadata changed/ })).toContainText(owner.username);
  await page.getByRole('tab', { name: 'Files' }).click();
  await page
    .getByRole('list', { name: 'Files' })
    .getByRole('button', { name: /weights\.txt/ })
    .click();
  await expect(page.getByText('one', { exact: true })).toBeVisible();
});

test('draws where a model came from', async () => {
  await page.goto(
    `/${team}/${PROJECT}/lineage?of=${encodeURIComponent(`artifact:${team}/${PROJECT}/lane-net:v1`)}`,
  );
  const graph = page.getByRole('group', { name: 'Lineage graph' });
  for (const name of [/^roads:v1/, /^new/, /^prepare/, /^lane-net:v1/])
    await expect(graph.getByRole('button', { name })).toBeVisible();
  await graph.getByRole('button', { name: /^roads:v1/ }).click();
  const card = page.getByRole('complementary', { name: 'About roads:v1' });
  await card.getByRole('link', { name: 'What changed?' }).click();
  await expect(page).toHaveURL(/\/compare\?left=artifact.*lane-net.*&right=artifact.*roads/);
});

test('tells what changed between two models: first of all, the labels', async () => {
  const spec = (version: string): string =>
    encodeURIComponent(`artifact:${team}/${PROJECT}/lane-net:${version}`);
  await page.goto(`/${team}/${PROJECT}/compare?left=${spec('v0')}&right=${spec('v1')}`);
  const first = page
    .getByRole('region', { name: 'First differences upstream' })
    .getByRole('listitem')
    .first();
  await expect(first).toContainText('roads');
  await first.getByText('Files').click();
  await expect(first).toContainText('labels.csv');
  await expect(first).not.toContainText('README.md');
  await expect(page.getByRole('region', { name: 'Lineages' })).toContainText('roads');
});

test('shows a viewer the registry and nothing of the team', async ({ browser, baseURL }) => {
  const other = await openPage(browser, baseURL, guest);
  await other.goto(`/orgs/${organization}/registry/models`);
  await expect(other.getByRole('list', { name: 'Collections' })).toContainText(
    'from a project that you do not see',
  );
  await other.getByRole('link', { name: 'v0' }).click();
  await expect(other.getByRole('tree', { name: 'Metadata' })).toContainText('grace');
  await expect(other.getByRole('button', { name: /^Edit/ })).toHaveCount(0);
  expect(complaints).toEqual([]);
  await other.goto(`/${team}/${PROJECT}/artifacts/model/lane-net/v0`);
  await expect(other.getByRole('alert').first()).toContainText('does not exist');
  await other.close();
  // The browser tells of every answer that is a refusal, and the page asked for what the guest may not see.
  complaints.length = 0;
});

test('finds the models by the palette', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox', { name: /^Project, run/ }).fill('lane-');
  const found = page.getByRole('list', { name: 'Found' });
  await expect(found.getByRole('button', { name: /^artifact lane-net/ })).toBeVisible();
  await found.getByRole('button', { name: /^collection lane-keeping/ }).click();
  await expect(page).toHaveURL(/\/wandb-registry-models\/artifacts\/model\/lane-keeping\/v1$/);
  expect(complaints).toEqual([]);
});
