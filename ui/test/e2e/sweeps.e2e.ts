import type { Page } from '@playwright/test';
import { expect, signInAs, test } from './utils';

const LIST = '/ada/tuning/sweeps';
const RUNNING = `${LIST}/k3x9p2qa`;
const MANY = `${LIST}/b500m4zt`;

const state = (page: Page) => page.getByRole('status', { name: 'State of the sweep' });
const parallel = (page: Page) => page.getByRole('region', { name: 'Parallel coordinates' });
const axis = (page: Page, name: string) =>
  parallel(page).getByRole('button', { name: new RegExp(`^Axis ${name}(,|$)`) });
const runs = (page: Page) => page.getByRole('table', { name: 'Runs' });
const rows = (page: Page) => runs(page).getByRole('row');

/** Where an axis stands, and its upper and lower end. */
async function axisLine(page: Page, name: string) {
  const head = (await axis(page, name).boundingBox())!;
  const plot = (await parallel(page).getByRole('img').boundingBox())!;
  return { x: head.x + 6, top: plot.y + 38, foot: plot.y + 262 };
}

async function brush(page: Page, name: string, from: number, to: number): Promise<void> {
  const { x, top, foot } = await axisLine(page, name);
  const y = (place: number): number => foot + (top - foot) * place;
  await page.mouse.move(x, y(from));
  await page.mouse.down();
  await page.mouse.move(x, y((from + to) / 2), { steps: 3 });
  await page.mouse.move(x, y(to), { steps: 3 });
  await page.mouse.up();
}

test('lists the sweeps of a project with how far they are', async ({ signedIn: page }) => {
  await page.goto('/ada/tuning');
  await page.getByRole('link', { name: 'Sweeps', exact: true }).click();
  await expect(page).toHaveURL(LIST);
  const row = page.getByRole('row').filter({ hasText: 'fine tuning' });
  await expect(row).toContainText('running');
  await expect(row).toContainText('10 of 30 runs');
  await expect(row).toContainText('2 alive');
  await expect(row.getByRole('img')).toHaveAccessibleName(/10 of 30 runs, .* finished/);
  await row.getByRole('link', { name: 'fine tuning' }).click();
  await expect(page).toHaveURL(RUNNING);
  await expect(state(page)).toContainText('running');
  await expect(state(page)).toContainText('2 agents alive');
  await expect(page.getByLabel('agent command', { exact: true })).toContainText(
    'wandb agent ada/tuning/k3x9p2qa',
  );
});

test('says what fills an empty page', async ({ signedIn: page }) => {
  await page.goto('/ada/empty/sweeps');
  await expect(page.getByText('wandb sweep --entity ada --project empty')).toBeVisible();
  await page.goto('/ada/broken/sweeps');
  await expect(page.getByRole('alert')).toContainText('database does not answer');
  await page.goto('/ada/tuning/sweeps/nothere0');
  await expect(page.getByRole('alert')).toContainText('does not exist');
});

test('pauses, takes it back, resumes and cancels', async ({ signedIn: page }) => {
  await page.goto(RUNNING);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(state(page)).toContainText('paused');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(state(page)).toContainText('running');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(state(page)).toContainText('running');
  await page.getByRole('button', { name: 'Cancel' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel fine tuning' });
  await expect(dialog).toContainText('2 runs that are running will be stopped');
  await dialog.getByRole('button', { name: 'Let it run' }).click();
  await expect(state(page)).toContainText('running');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByRole('button', { name: 'Cancel sweep' }).click();
  await expect(state(page)).toContainText('canceled');
  await expect(state(page)).toContainText('no agent alive');
  await expect(page.getByRole('button', { name: 'Pause' })).toHaveCount(0);
});

test('renames and deletes', async ({ signedIn: page }) => {
  await page.goto(RUNNING);
  await page.getByRole('button', { name: /^Name of the sweep/ }).click();
  await page.getByRole('textbox', { name: 'Name of the sweep' }).fill('refuse me');
  await page.keyboard.press('Enter');
  await expect(page.getByText('was not renamed: this name is refused')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('fine tuning');
  await page.getByRole('button', { name: /^Name of the sweep/ }).click();
  await page.getByRole('textbox', { name: 'Name of the sweep' }).fill('fine');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('fine');
  await page.getByRole('button', { name: 'Menu of this sweep' }).click();
  await page.getByRole('menuitem', { name: 'Delete sweep' }).click();
  await page.getByLabel('Type fine to confirm').fill('fine');
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page).toHaveURL(LIST);
  await expect(page.getByRole('row').filter({ hasText: 'k3x9p2qa' })).toHaveCount(0);
});

test('brushes axes, keeps that in the address, and narrows the table', async ({
  signedIn: page,
}) => {
  await page.goto(MANY);
  await expect(runs(page)).toHaveAttribute('aria-rowcount', '501');
  await brush(page, 'val/loss', 0.4, -0.02);
  await expect(parallel(page).getByRole('status')).toHaveText(
    /^\d+ of 500 runs within the ranges$/,
  );
  await expect(page).toHaveURL(/axes=.*val%2Floss.*brush/);
  const within = Number(await runs(page).getAttribute('aria-rowcount'));
  expect(within).toBeGreaterThan(50);
  expect(within).toBeLessThan(500);
  await brush(page, 'optimizer', 1.02, 0.8);
  await expect(page).toHaveURL(/optimizer.*adamw/);
  await expect
    .poll(async () => Number(await runs(page).getAttribute('aria-rowcount')))
    .toBeLessThan(within);
  await page.reload();
  await expect(parallel(page).getByRole('status')).toContainText('within the ranges');
  await parallel(page).getByRole('button', { name: 'Clear ranges' }).click();
  await expect(runs(page)).toHaveAttribute('aria-rowcount', '501');
  expect(page.url()).not.toContain('brush');
});

test('moves and takes away a brush with the pointer', async ({ signedIn: page }) => {
  await page.goto(MANY);
  await brush(page, 'model.dropout', 0.2, 0.4);
  const range = () =>
    (
      JSON.parse(new URL(page.url()).searchParams.get('axes')!) as {
        'config:model.dropout': { brush: [number, number] };
      }
    )['config:model.dropout'].brush;
  await expect(page).toHaveURL(/brush/);
  const before = range();
  await brush(page, 'model.dropout', 0.3, 0.6);
  await expect.poll(() => range()[0]).toBeGreaterThan(before[0] + 0.1);
  expect(range()[1] - range()[0]).toBeCloseTo(before[1] - before[0], 1);
  const { x, top } = await axisLine(page, 'model.dropout');
  await page.mouse.click(x, top + 4);
  await expect(page).not.toHaveURL(/brush/);
  await expect(page).toHaveURL(new RegExp(`${MANY}$`));
});

test('limits an axis by the keyboard', async ({ signedIn: page }) => {
  await page.goto(MANY);
  await axis(page, 'lr').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Limit to a range' }).click();
  const dialog = page.getByRole('dialog', { name: 'Range of lr' });
  await dialog.getByLabel('From').fill('0.001');
  await dialog.getByLabel('To').fill('0.01');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/brush.*0\.001.*0\.01/);
  await axis(page, 'optimizer').click();
  await page.getByRole('menuitem', { name: 'Limit to a range' }).click();
  await page.getByRole('checkbox', { name: 'sgd' }).uncheck();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/optimizer.*lion.*adamw/);
});

test('flips, takes logarithms, moves and hides axes', async ({ signedIn: page }) => {
  await page.goto(RUNNING);
  await expect(axis(page, 'lr')).toHaveAccessibleName('Axis lr, log');
  const choose = async (name: string, entry: string) => {
    await axis(page, name).click();
    await page.getByRole('menu').getByText(entry, { exact: true }).click();
    await page.keyboard.press('Escape');
  };
  await choose('lr', 'Log scale');
  await expect(axis(page, 'lr')).toHaveAccessibleName('Axis lr');
  await choose('lr', 'Flip');
  await expect(axis(page, 'lr')).toHaveAccessibleName('Axis lr, flipped');
  const names = () =>
    parallel(page)
      .getByRole('button', { name: /^Axis / })
      .allInnerTexts();
  await choose('lr', 'Move right');
  await expect.poll(names).toEqual(expect.arrayContaining([expect.stringContaining('batch_size')]));
  expect((await names())[0]).toContain('batch_size');
  await choose('batch_size', 'Hide');
  await expect(axis(page, 'batch_size')).toHaveCount(0);
  await page.reload();
  await expect(axis(page, 'lr')).toHaveAccessibleName('Axis lr, flipped');
  await expect(axis(page, 'batch_size')).toHaveCount(0);
});

test('opens a run from its line, by pointer and by keyboard', async ({ signedIn: page }) => {
  await page.goto(RUNNING);
  const lines = parallel(page).getByRole('listbox');
  await lines.focus();
  await page.keyboard.press('ArrowDown');
  const option = lines.getByRole('option');
  await expect(option).toHaveAttribute('aria-selected', 'true');
  const best = /^[^,]+/.exec((await option.textContent())!)![0];
  await expect(rows(page).nth(1)).toContainText(best);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(best);
  await page.goBack();
  const { x, top, foot } = await axisLine(page, 'val/loss');
  // The worst line ends alone at the top of the last axis.
  await page.mouse.move(x - 14, top + 1);
  await page.mouse.move(x - 15, top + 1);
  expect(foot).toBeGreaterThan(top);
  await page.mouse.click(x - 15, top + 1);
  await expect(page).toHaveURL(/\/ada\/tuning\/runs\//);
});

test('draws 500 lines and follows the pointer without delay', async ({ signedIn: page }) => {
  await page.goto(MANY);
  await expect(parallel(page).getByRole('img')).toHaveAccessibleName(/500 lines over 7 axes/);
  const { x, top, foot } = await axisLine(page, 'model.depth');
  await page.evaluate(() => {
    const long: number[] = [];
    new PerformanceObserver(list =>
      list.getEntries().forEach(entry => long.push(entry.duration)),
    ).observe({ entryTypes: ['longtask'] });
    (window as unknown as { long: number[] }).long = long;
  });
  for (let step = 0; step < 60; step += 1)
    // Moves come one after the other.
    // oxlint-disable-next-line no-await-in-loop
    await page.mouse.move(x + 40 + step, top + ((foot - top) * step) / 60);
  const longest = await page.evaluate(() =>
    Math.max(0, ...(window as unknown as { long: number[] }).long),
  );
  expect(longest).toBeLessThan(400);
});

test('shows what mattered, and the best so far', async ({ signedIn: page }) => {
  await page.goto(MANY);
  const importance = page.getByRole('table', { name: 'Importance for val/loss' });
  await expect(importance.getByRole('row')).toHaveCount(7);
  await expect(importance).toContainText(/[+−]0\.\d\d/);
  await expect(importance.getByRole('row', { name: /^optimizer/ })).toContainText('no order');
  const chart = page.getByRole('region', { name: 'val/loss over time' });
  await expect(chart.getByRole('img')).toHaveAccessibleName(/runs, the best is \S+ with 0\.\d+/);
  await chart.getByRole('combobox', { name: 'Order of the runs' }).selectOption('by number');
  await expect(page).toHaveURL(/bynumber=true/);
  await chart.getByRole('button', { name: 'linear' }).click();
  await expect(page).toHaveURL(/logy=true/);
});

test('sorts runs and says why they were stopped', async ({ signedIn: page }) => {
  await page.goto(MANY);
  await expect(rows(page).nth(1)).toContainText('best');
  await expect(runs(page)).toContainText('Why it ended');
  await runs(page).getByRole('button', { name: 'val/loss' }).click();
  await expect(runs(page).getByRole('columnheader', { name: 'val/loss' })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  await expect(runs(page)).toContainText('hyperband: val/loss was');
  const link = rows(page).nth(1).getByRole('link');
  const name = (await link.textContent())!;
  // The link covers its row.
  await rows(page).nth(1).getByRole('cell').nth(3).click({ force: true });
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
  await page
    .getByRole('region', { name: 'Run', exact: true })
    .getByRole('link', { name: 'b500m4zt' })
    .click();
  await expect(page).toHaveURL(MANY);
});

test('edits the config, and says what is wrong with it', async ({ signedIn: page }) => {
  await page.goto(RUNNING);
  const config = page.getByRole('region', { name: 'Config' });
  await config.getByRole('button', { name: 'Edit config' }).click();
  const text = config.getByRole('textbox');
  const before = await text.inputValue();
  await text.fill(before.replace('max: 0.1', 'max: 0'));
  await config.getByRole('button', { name: 'Save config' }).click();
  await expect(config.getByRole('alert')).toContainText('which is above max');
  await text.fill(before.replace('run_cap: 30', 'run_cap: 60'));
  await config.getByRole('button', { name: 'Save config' }).click();
  await expect(config.getByLabel('config', { exact: true })).toContainText('run_cap: 60');
});

test('makes a sweep from earlier runs', async ({ signedIn: page }) => {
  await page.goto('/ada/vision/sweeps');
  await page.getByRole('link', { name: 'New sweep' }).click();
  const parameters = page.getByRole('list', { name: 'Parameters' });
  await expect(page.getByRole('checkbox', { name: 'Search over lr' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Search over epochs' })).not.toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Search over seed' })).not.toBeChecked();
  await expect(page.getByLabel('Metric')).toHaveValue('val/loss');
  const config = page.getByLabel('config', { exact: true });
  await expect(config).toContainText('distribution: log_uniform_values');
  const check = page.getByRole('status', { name: 'Check of the config' });
  await expect(check).toHaveText('This will do: 50 runs.');
  await page.getByRole('textbox', { name: 'lr: to' }).fill('0.00000001');
  await expect(check).toHaveText('1 problem to mend');
  await expect(
    parameters.getByRole('listitem').filter({ hasText: 'lr' }).getByRole('alert'),
  ).toContainText('which is above max');
  await page.getByRole('textbox', { name: 'lr: to' }).fill('0.5');
  await page.getByRole('button', { name: 'Add parameter' }).click();
  await page.getByRole('textbox', { name: 'Name of the parameter' }).fill('model.width');
  await page.getByRole('combobox', { name: 'Kind of model.width' }).selectOption('one of');
  await page.getByRole('textbox', { name: 'model.width: values, between commas' }).fill('64, 128');
  await expect(config).toContainText('width:');
  await page.getByLabel('Name', { exact: true }).fill('from the past');
  await expect(check).toHaveText('This will do: 50 runs.');
  const sent = page.waitForRequest(
    request => request.method() === 'POST' && request.url().endsWith('/ada/vision/sweeps'),
  );
  await page.getByRole('button', { name: 'Create sweep' }).click();
  const body = (await sent).postDataJSON() as { config: string; prior_runs: string[] };
  expect(body.config).toContain('max: 0.5');
  expect(body.prior_runs.length).toBeGreaterThan(100);
  await expect(page).toHaveURL(/\/ada\/vision\/sweeps\/made/);
  await expect(state(page)).toContainText('pending');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('from the past');
  await expect(page.getByLabel('agent command', { exact: true })).toContainText(
    'wandb agent ada/vision/made',
  );
});

test('makes a sweep like another, as text', async ({ signedIn: page }) => {
  await page.goto(RUNNING);
  await page.getByRole('button', { name: 'Menu of this sweep' }).click();
  await page.getByRole('menuitem', { name: 'New sweep like this' }).click();
  const text = page.getByRole('textbox', { name: 'Config as YAML or JSON' });
  await expect(text).toHaveValue(/name: fine tuning/);
  await text.fill('method: bayes\nparameters:\n  lr:\n    values:\n      - 1\n');
  await expect(page.getByRole('list', { name: 'Problems' })).toContainText(
    'metric: the method bayes needs a metric',
  );
  await page.getByRole('button', { name: 'Create sweep' }).click();
  await expect(page.getByRole('alert')).toContainText('needs a metric');
});

test('finds sweeps by the palette', async ({ signedIn: page }) => {
  await page.goto('/ada/tuning');
  await expect(page.getByRole('link', { name: 'Sweeps', exact: true })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox', { name: /^Project, run/ }).fill('overnight');
  await page
    .getByRole('list', { name: 'Found' })
    .getByRole('button', { name: /^sweep everything, overnight/ })
    .click();
  await expect(page).toHaveURL(MANY);
});

test('shows a viewer no button that writes', async ({ page }) => {
  await signInAs(page, 'grace');
  await page.route('**/api/v1/entities', async route => {
    const response = await route.fetch();
    const { items } = (await response.json()) as { items: { name: string; role: string }[] };
    const role = { name: 'ada', kind: 'user', role: 'viewer' };
    await route.fulfill({ json: { items: [...items, role] } });
  });
  await page.goto('/ada/tuning/sweeps/new');
  await expect(page.getByText('Only members of this project make sweeps')).toBeVisible();
});

test('fits a phone', async ({ signedIn: page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of [LIST, RUNNING, MANY, '/ada/vision/sweeps/new']) {
    // One page after the other.
    // oxlint-disable-next-line no-await-in-loop
    await page.goto(path);
    // oxlint-disable-next-line no-await-in-loop
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    // oxlint-disable-next-line no-await-in-loop
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, path).toBeLessThanOrEqual(390);
  }
});
