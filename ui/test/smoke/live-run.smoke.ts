import { expect, test, type Page } from '@playwright/test';
import { addAccount, removeAccount, WireRun, type Account } from './wire';

const PROJECT = 'smoke';
/** One pixel. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

let account: Account;
let page: Page;
let first: WireRun;
let second: WireRun;
const complaints: string[] = [];

const loss = (from: number, count: number): { loss: number }[] =>
  Array.from({ length: count }, (_, index) => ({ loss: 1 / (1 + from + index) }));
const listed = (name: string) =>
  page
    .getByRole('list', { name: 'Runs' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name, exact: true }) });

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, baseURL }) => {
  account = await addAccount();
  page = await browser.newPage({ baseURL });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
});

test.afterAll(async () => {
  await page.close();
  await removeAccount(account);
});

test('signs in with a password and waits for a first run', async () => {
  await page.goto('/');
  await page.getByLabel('User name').fill(account.username);
  await page.getByLabel('Password').fill(account.password);
  // A browser without a session is refused once; that is how the app learns it.
  complaints.length = 0;
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Watching for your first run')).toBeVisible();
  first = new WireRun(account, PROJECT, 'first');
  await first.start('a first run', { lr: 0.01, model: { name: 'resnet50', depth: 50 } });
  await page.getByRole('link', { name: new RegExp(`/ ${PROJECT}$`) }).click();
  await expect(page).toHaveURL(`/${account.username}/${PROJECT}`);
  await expect(listed('a first run')).toBeVisible();
});

test('shows a new run without a reload', async () => {
  second = new WireRun(account, PROJECT, 'second');
  await second.start('a second run', { lr: 0.1 });
  await expect(listed('a second run')).toBeVisible();
  await expect(listed('a second run').getByRole('img', { name: 'running' })).toBeVisible();
});

test('draws a curve and lets it grow as rows come', async () => {
  await first.log(loss(0, 20));
  await expect(page.getByRole('img', { name: 'loss over Step, 1 runs' })).toBeVisible();
  await second.log(loss(0, 20));
  await expect(page.getByRole('img', { name: 'loss over Step, 2 runs' })).toBeVisible();
  await page.getByRole('region', { name: 'loss', exact: true }).hover();
  await page.getByRole('button', { name: 'Full screen: loss' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('40 points, every one drawn');
  await first.log(loss(20, 30));
  await expect(dialog).toContainText('70 points, every one drawn');
  await page.keyboard.press('Escape');
});

test('shows a logged picture', async () => {
  const path = 'media/images/sample.png';
  await first.upload(path, PICTURE);
  await first.log([
    { sample: { _type: 'image-file', path, width: 1, height: 1, format: 'png', size: 70 } },
  ]);
  const picture = page.getByRole('region', { name: 'sample' }).getByRole('img');
  await expect(picture.first()).toBeVisible();
  const width = () => picture.first().evaluate(img => (img as HTMLImageElement).naturalWidth);
  await expect.poll(width).toBe(1);
});

test('tells that a run has finished', async () => {
  await first.print(['Training resnet50', '\u001b[32mdone\u001b[0m']);
  await first.finish();
  await expect(listed('a first run').getByRole('img', { name: 'finished' })).toBeVisible();
  await expect(listed('a second run').getByRole('img', { name: 'running' })).toBeVisible();
});

test('shows config and console of the run', async () => {
  await listed('a first run').getByRole('link').click();
  const config = page.getByRole('tree', { name: 'Config' });
  await expect(config).toContainText('0.01');
  await expect(config).toContainText('resnet50');
  await page.getByRole('tab', { name: 'Console' }).click();
  const log = page.getByRole('log', { name: 'Console' });
  await expect(log.getByText('Training resnet50')).toBeVisible();
  await expect(log.getByText('done', { exact: true })).toBeVisible();
});

test('keeps a new name over a reload', async () => {
  await page.getByRole('button', { name: /^Name of the run:/ }).click();
  const saved = page.waitForResponse(response => response.request().method() === 'PATCH');
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('renamed 🦦');
  await page.keyboard.press('Enter');
  expect((await saved).ok()).toBe(true);
  await page.reload();
  await expect(
    page.getByRole('button', { name: 'Name of the run: renamed 🦦. Edit' }),
  ).toBeVisible();
});

test('turns dark and stays so', async () => {
  const theme = page.getByRole('button', { name: /^Theme:/ });
  const background = () =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g)!.map(Number));
  await expect
    .poll(async () => {
      await theme.click();
      return theme.getAttribute('aria-label');
    })
    .toContain('Theme: dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(Math.max(...(await background()))).toBeLessThan(64);
});

test('complained of nothing', () => {
  expect(complaints).toEqual([]);
});
