import type { Page } from '@playwright/test';
import { expect, listRuns, test } from './utils';

test('shows the newest fifty runs and says so', async ({ workspace }) => {
  await workspace.open();
  await expect(workspace.count()).toContainText('50 of 312 shown');
  await expect(workspace.chart('lr')).toHaveAccessibleName('lr over Step, 50 runs');
});

test('asks for the curves of a screenful in one request for each axis', async ({ workspace }) => {
  await workspace.open('/ada/vision?panels=train');
  await expect(workspace.chart('train/loss')).toBeVisible();
  expect(workspace.series.filter(request => request.runs.length === 50)).toHaveLength(1);
  expect(workspace.series[0].keys).toEqual([
    'train/acc',
    'train/grad_norm',
    'train/loss',
    'train/unstable',
  ]);
});

test('searches runs by expression and filters by state and tag', async ({ workspace, page }) => {
  await workspace.open();
  await expect(workspace.count()).toContainText('50 of 312 shown');
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Search runs' })).toBeFocused();
  await page.keyboard.type('/-3\\d\\d$/');
  await expect(workspace.count()).toContainText('12 of 12 shown · 312 in all');
  await page.getByRole('searchbox', { name: 'Search runs' }).fill('');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: /^running/ }).click();
  await page.keyboard.press('Escape');
  await expect(workspace.count()).toContainText('3 of 3 shown');
  await expect(page).toHaveURL(/states=/);
  await page.getByRole('button', { name: 'Remove filter: running' }).click();
  await expect(workspace.count()).toContainText('50 of 312 shown');
});

test('says where the list of runs stops', async ({ workspace }) => {
  await workspace.open('/ada/crowded');
  await expect(workspace.count()).toContainText('50 of 5,000 shown');
  await expect(
    workspace.side.getByText('only the newest 5,000 of 12,345 are listed'),
  ).toBeVisible();
});

test('says what is wrong with an expression and hides nothing', async ({ workspace, page }) => {
  await workspace.open();
  await page.getByRole('searchbox', { name: 'Search runs' }).fill('/(/');
  await expect(page.getByRole('searchbox', { name: 'Search runs' })).toHaveAttribute(
    'aria-invalid',
    'true',
  );
  await expect(workspace.count()).toContainText('50 of 312 shown');
});

test('switches runs off and on, alone too, and keeps it in the address', async ({
  workspace,
  page,
}) => {
  await workspace.open();
  const [first, second] = await listRuns(page);
  await page.getByRole('button', { name: `Hide ${first.display_name}` }).click();
  await expect(workspace.count()).toContainText('49 of 312 shown');
  await page.reload();
  await expect(workspace.count()).toContainText('49 of 312 shown');
  await page
    .getByRole('button', { name: `Hide ${second.display_name}` })
    .click({ modifiers: ['Alt'] });
  await expect(workspace.count()).toContainText('1 of 312 shown');
});

test('renames in place and takes a refused name back', async ({ workspace, page }) => {
  await workspace.open();
  const [, , third] = await listRuns(page);
  await workspace.choose(third.display_name, 'Rename');
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('a better name');
  await page.keyboard.press('Enter');
  await expect(workspace.run('a better name')).toBeVisible();
  await workspace.choose('a better name', 'Rename');
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('refuse me');
  await page.keyboard.press('Enter');
  await expect(page.getByText('this name is refused')).toBeVisible();
  await expect(workspace.run('a better name')).toBeVisible();
});

test('takes edits back, by the message or with Ctrl Z', async ({ workspace, page }) => {
  await workspace.open();
  const [, , , , , , seventh] = await listRuns(page);
  const name = seventh.display_name;
  await workspace.choose(name, 'Rename');
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('a passing fancy');
  // Keys in a text field are the field's own.
  await page.keyboard.press('Control+z');
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('a passing fancy');
  await page.keyboard.press('Enter');
  await expect(workspace.run('a passing fancy')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(workspace.run(name)).toBeVisible();
  await expect(page.getByText('taken back: renamed to a passing fancy')).toBeVisible();

  await page.getByRole('button', { name: `Colour of ${name}` }).click();
  await page.getByRole('button', { name: 'Colour 3' }).click();
  await expect(page.getByText(`colour of ${name} changed`)).toBeVisible();
  await page.getByRole('button', { name: `Hide ${name}` }).click();
  await expect(workspace.count()).toContainText('49 of 312 shown');
  await page.keyboard.press('Control+z');
  await expect(workspace.count()).toContainText('50 of 312 shown');
  await page.keyboard.press('Control+z');
  await expect(page.getByText(`taken back: colour of ${name} changed`)).toBeVisible();
  await page.reload();
  const stored = (await listRuns(page)).find(run => run.id === seventh.id);
  expect(stored).toMatchObject({ display_name: name, color: null });
});

test('shows all runs again after hiding them', async ({ workspace, page }) => {
  await workspace.open();
  await workspace.side.getByRole('button', { name: 'none' }).click();
  await expect(workspace.count()).toContainText('0 of 312 shown');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(workspace.count()).toContainText('50 of 312 shown');
});

test('edits tags', async ({ workspace, page }) => {
  await workspace.open();
  const [, , , , , sixth] = await listRuns(page);
  await workspace.choose(sixth.display_name, 'Edit tags');
  await page.getByRole('textbox', { name: 'New tag' }).fill('winner');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(workspace.run(sixth.display_name)).toContainText('winner');
});

test('asks a running run to stop', async ({ workspace, page }) => {
  await workspace.open('/ada/language');
  const [live] = await listRuns(page, 'language');
  await workspace.choose(live.display_name, 'Stop');
  await expect(workspace.run(live.display_name).getByRole('img', { name: 'killed' })).toBeVisible({
    timeout: 10_000,
  });
});

test('deletes with undo', async ({ workspace, page }) => {
  await workspace.open();
  const run = (await listRuns(page))[8];
  await workspace.choose(run.display_name, 'Delete');
  await expect(workspace.run(run.display_name)).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(workspace.run(run.display_name)).toBeVisible();
});

test('restores from the bin and deletes for good', async ({ workspace, page }) => {
  await workspace.open();
  const [kept, gone] = (await listRuns(page)).slice(9, 11);
  await workspace.choose(kept.display_name, 'Delete');
  await workspace.choose(gone.display_name, 'Delete');
  await page.getByRole('button', { name: 'Bin' }).click();
  await page.getByRole('button', { name: `Restore ${kept.display_name}` }).click();
  await page.getByRole('button', { name: `Delete for good ${gone.display_name}` }).click();
  await page.getByRole('button', { name: `Really delete for good ${gone.display_name}` }).click();
  await expect(page.getByText('The bin is empty')).toBeVisible();
  await page.getByRole('button', { name: 'Bin' }).click();
  await expect(workspace.run(kept.display_name)).toBeVisible();
  await expect(workspace.run(gone.display_name)).toHaveCount(0);
});

test('puts panels into sections by prefix, the system last and closed', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/vision');
  const sections = page.getByRole('region', { name: /^Section / });
  await expect(page.getByRole('region', { name: 'Section system' })).toBeAttached();
  const names = await sections.evaluateAll(elements =>
    elements.map(element => element.getAttribute('aria-label')),
  );
  expect(names).toEqual([
    'Section Charts',
    'Section examples',
    'Section fails',
    'Section layer',
    'Section train',
    'Section val',
    'Section system',
  ]);
  const system = page.getByRole('button', { name: /^system/ });
  await expect(system).toHaveAttribute('aria-expanded', 'false');
  await system.click();
  await page.reload();
  await expect(page.getByRole('button', { name: /^system/ })).toHaveAttribute(
    'aria-expanded',
    'true',
  );
});

test('says of which runs custom charts and system metrics are', async ({ workspace, page }) => {
  await workspace.open('/ada/vision');
  const section = (name: string) => page.getByRole('region', { name: `Section ${name}` });
  await expect(section('system')).toContainText('system metrics of the first 6 of 50 runs');
  await expect(section('Charts')).toContainText('custom charts of the first 6 of 50 runs');
  await expect(section('train')).not.toContainText('of the first');
  // Where every run was asked there is nothing to say.
  await page.goto('/ada/language');
  await expect(section('system')).toBeVisible();
  await expect(section('system')).not.toContainText('of the first');
});

test('pages long sections', async ({ workspace, page }) => {
  await workspace.open('/ada/vision?panels=layer');
  await expect(page.getByText('1–12 of 24')).toBeVisible();
  await page.getByRole('button', { name: 'Next panels of layer' }).click();
  await expect(workspace.panel('layer/23/norm')).toBeVisible();
});

test('makes panels of the first 2,000 of 100,000 metrics and finds the others by search', async ({
  workspace,
  page,
}) => {
  test.slow();
  const asked: URLSearchParams[] = [];
  page.on('request', request => {
    const url = new URL(request.url());
    if (url.pathname.endsWith('/wide/keys')) asked.push(url.searchParams);
  });
  await workspace.open('/ada/wide');
  const status = page.getByRole('status', { name: 'Metrics' });
  await expect(status).toHaveText('showing 2,000 of 100,000 metrics; search to find others');
  await expect(workspace.chart('layer_000/weight_000')).toBeVisible();
  expect(await page.getByRole('region', { name: /^layer_/ }).count()).toBeLessThan(300);
  const search = page.getByRole('searchbox', { name: 'Search panels' });
  await search.fill('layer_777');
  await expect(status).toHaveText('100 of 100,000 metrics match');
  await expect(workspace.chart('layer_777/weight_000')).toBeVisible();
  await search.fill('weight_0[0-4]\\d$');
  await expect(status).toHaveText(
    'showing 2,000 of 50,000 metrics that match; search more narrowly to find others',
  );
  await search.fill('nothing of this name');
  await expect(status).toHaveText('0 of 100,000 metrics match');
  await expect(page.getByText('No panel matches this search')).toBeVisible();
  expect(asked.every(query => query.get('limit') === '2000')).toBe(true);
  // The field for expressions finds them, too.
  await search.fill('');
  await page.getByRole('button', { name: 'Panel', exact: true }).click();
  await page.getByRole('combobox', { name: 'Curve 1' }).pressSequentially('layer_999/w');
  await page.getByRole('option', { name: 'layer_999/weight_000' }).waitFor();
  // Written out it means the metric, though it is not among those on the page.
  await page.getByRole('combobox', { name: 'Curve 1' }).fill('layer_999/weight_099');
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
  await expect(workspace.panel('${layer_999/weight_099}').getByRole('img')).toBeVisible();
});

test('honours the step metric until another x is chosen', async ({ workspace, page }) => {
  await workspace.open('/ada/vision?panels=val/loss');
  await expect(workspace.chart('val/loss')).toHaveAccessibleName('val/loss over epoch, 50 runs');
  await expect(workspace.chart('val/loss').getByText('epoch', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'x: Step' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Relative time' }).click();
  await expect(workspace.chart('val/loss')).toHaveAccessibleName(
    'val/loss over Relative time, 50 runs',
  );
  await expect(page).toHaveURL(/x=runtime/);
});

test('smooths by the slider and keeps it in the address', async ({ workspace, page }) => {
  await workspace.open('/ada/vision?panels=train/loss');
  await page.getByRole('slider', { name: 'Smoothing: weight' }).fill('0.6');
  await expect(page).toHaveURL(/smooth=0.6/);
  await expect
    .poll(() => workspace.series.at(-1)?.smoothing)
    .toEqual({ kind: 'time_weighted_ema', parameter: 0.6 });
});

test('asks once when the slider rests, keeps the curve whole when zoomed, and shows both values', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/vision?panels=train/loss');
  await expect(workspace.chart('train/loss')).toBeVisible();
  // Runs that grow are asked for again alone.
  const asked = () =>
    workspace.series
      .filter(({ runs, smoothing }) => runs.length === 50 && smoothing)
      .map(({ smoothing, min }) => [smoothing?.parameter, min !== undefined]);
  const slider = page.getByRole('slider', { name: 'Smoothing: weight' });
  // Within the page: a slow machine would let the slider rest between two calls.
  await slider.evaluate((input: HTMLInputElement) => {
    const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!;
    for (const weight of ['0.2', '0.4', '0.6', '0.8']) {
      set!.call(input, weight);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
  });
  await expect.poll(asked).toEqual([[0.8, false]]);
  await workspace.zoom('train/loss');
  await expect.poll(asked).toEqual([
    [0.8, false],
    [0.8, true],
  ]);
  const box = (await workspace.chart('train/loss').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.6);
  const panel = workspace.panel('train/loss');
  await expect(panel.getByText('smoothed', { exact: true })).toBeVisible();
  await expect(panel.getByText('raw', { exact: true })).toBeVisible();
});

test('offers other kinds of smoothing, and none', async ({ workspace, page }) => {
  // A full screen hides the list of runs, so there is no waiting for that.
  await page.goto('/ada/vision?panels=train/loss&panel=train%2Floss');
  await page.getByRole('dialog').getByText('every one drawn').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'smooth: Time-weighted EMA' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Running average' }).click();
  await expect(page).toHaveURL(/smooth=10&smoother=running_mean|smoother=running_mean.*smooth=10/);
  await page.keyboard.press('Escape');
  await page.getByRole('spinbutton', { name: 'Smoothing: window in points, typed' }).fill('250');
  await expect
    .poll(() => workspace.series.at(-1)?.smoothing)
    .toEqual({ kind: 'running_mean', parameter: 250 });
  await page.reload();
  await expect(page.getByRole('button', { name: 'smooth: Running average' })).toBeVisible();
  await page.getByRole('button', { name: 'smooth: Running average' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'None' }).click();
  await expect(page).not.toHaveURL(/smooth=/);
});

test('adds a panel of an expression, completing names, and keeps it in the address', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/vision?panels=loss');
  await page.getByRole('button', { name: 'Panel', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Add panel' });
  const curve = dialog.getByRole('combobox', { name: 'Curve 1' });
  await expect(curve).toBeFocused();
  await page.keyboard.type('log(train/lo');
  await expect(dialog.getByRole('option', { name: 'train/loss' })).toHaveAttribute(
    'aria-selected',
    'true',
  );
  await page.keyboard.press('Enter');
  await page.keyboard.type(') - val/l');
  // Escape closes the list, not the window.
  await page.keyboard.press('Escape');
  await expect(dialog.getByRole('option')).toHaveCount(0);
  await page.keyboard.type('o');
  await page.keyboard.press('Tab');
  await expect(curve).toHaveValue('log(${train/loss}) - ${val/loss}');
  await page.keyboard.press('Enter');
  const name = 'log(${train/loss}) - ${val/loss}';
  await expect(workspace.panel(name).getByRole('img')).toHaveAccessibleName(
    `${name} over Step, 50 runs`,
  );
  expect(workspace.series.some(({ expressions }) => expressions?.includes(name))).toBe(true);
  await page.reload();
  await expect(workspace.panel(name).getByRole('img')).toBeVisible();
});

test('shows where an expression goes wrong, and saves none that the server refuses', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/vision?panels=loss');
  await page.getByRole('button', { name: 'Panel', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Add panel' });
  const curve = dialog.getByRole('combobox', { name: 'Curve 1' });
  await curve.fill('lr * * 2');
  await expect(dialog.getByText('at character 6, found *')).toBeVisible();
  await expect(dialog.locator('mark')).toHaveText('*');
  await expect(curve).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect(dialog).toBeVisible();
  await curve.fill('lr * nonsense');
  await expect(dialog.getByText('no run has logged nonsense')).toBeVisible();
  // What is a metric's whole name means the metric.
  await curve.fill('train/loss');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect(workspace.panel('${train/loss}').getByRole('img')).toBeVisible();
});

test('draws several curves of a run with dashes, edits the panel and takes that back', async ({
  workspace,
  page,
}) => {
  const plots = encodeURIComponent(JSON.stringify([['lr', 'lr * 2'], ['oops +']]));
  await workspace.open(`/ada/vision?panels=lr|oops&plots=${plots}`);
  const both = workspace.panel('lr, lr * 2');
  await expect(both.getByRole('img')).toHaveAccessibleName('lr, lr * 2 over Step, 50 runs');
  await expect(both.getByRole('list', { name: 'Curves' }).getByRole('listitem')).toHaveText([
    'lr',
    'lr * 2',
  ]);
  // One that cannot be read takes no other along.
  await expect(workspace.panel('oops +').getByRole('alert')).toContainText('found the end');
  await both.hover();
  await both.getByRole('button', { name: 'Menu of lr, lr * 2' }).click();
  await page.getByRole('menuitem', { name: 'Edit panel' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit panel' });
  await dialog.getByRole('button', { name: 'Remove curve 1' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(workspace.panel('lr * 2').getByRole('img')).toBeVisible();
  await workspace.panel('lr * 2').hover();
  await page.getByRole('button', { name: 'Menu of lr * 2' }).click();
  await page.getByRole('menuitem', { name: 'Remove panel' }).click();
  await expect(workspace.panel('lr * 2')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(workspace.panel('lr * 2')).toBeVisible();
});

test('takes an expression as the x axis', async ({ workspace, page }) => {
  await workspace.open('/ada/vision?panels=train/loss');
  await page.getByRole('button', { name: 'x: Step' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Expression…' }).click();
  await page.getByRole('dialog').getByRole('combobox', { name: 'x' }).fill('epoch * 10');
  await page.getByRole('dialog').getByRole('button', { name: 'Use' }).click();
  await expect(workspace.chart('train/loss')).toHaveAccessibleName(
    'train/loss over epoch * 10, 50 runs',
  );
  await expect(page.getByRole('button', { name: 'x: epoch * 10' })).toBeVisible();
});

test('groups runs by config, whole groups, and says how many there are', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/vision?panels=val/acc');
  await page.getByRole('button', { name: 'Group', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: /^optimizer/ }).click();
  await page.keyboard.press('Escape');
  await expect(workspace.count()).toContainText('312 of 312 shown');
  const groups = workspace.side.getByRole('list', { name: 'Groups' }).getByRole('listitem');
  await expect(groups).toHaveText([
    /^optimizer adamw\d+$/,
    /^optimizer lion\d+$/,
    /^optimizer sgd\d+$/,
  ]);
  await expect(workspace.chart('val/acc')).toHaveAccessibleName('val/acc over epoch, 3 groups', {
    timeout: 15_000,
  });
  const asked = workspace.series.find(request => request.groups)!;
  expect(asked.groups!.flat()).toHaveLength(312);
  const box = (await workspace.chart('val/acc').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.11);
  await expect(workspace.panel('val/acc').getByText(/^n = \d+, min–max /)).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: 'Group no more by optimizer' }).click();
  await expect(workspace.count()).toContainText('50 of 312 shown');
  await expect(workspace.chart('val/acc')).toHaveAccessibleName('val/acc over epoch, 50 runs');
});

test('leaves a hidden run out of its group, and draws the chosen band', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/language?panels=lr&logx=true&group=user');
  await expect(workspace.chart('lr')).toHaveAccessibleName('lr over Step, 1 groups');
  const list = workspace.side.getByRole('list', { name: 'Groups' });
  await expect(list).toContainText('5');
  const [first] = await listRuns(page, 'language');
  await page.getByRole('button', { name: `Hide ${first.display_name}` }).click();
  await expect(list).toContainText('4');
  await expect.poll(() => workspace.series.at(-1)?.groups?.[0].length).toBe(4);
  await page.getByRole('button', { name: 'Group', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Median' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Standard deviation' }).click();
  await expect(page).toHaveURL(/gline=median/);
  await expect(page).toHaveURL(/gband=sd/);
  // It is drawn from the same answer.
  await page.keyboard.press('Escape');
  const box = (await workspace.chart('lr').boundingBox())!;
  let texts = '';
  for (let part = 0.05; part < 0.9 && !texts.includes('SD'); part += 0.05) {
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * part);
    texts = await workspace.panel('lr').innerText();
  }
  expect(texts).toMatch(/n = [234], ±\s?SD/);
});

test('zooms by dragging, fetching finer data, and out by a double click', async ({ workspace }) => {
  await workspace.open('/ada/vision?panels=train/loss');
  await expect(workspace.chart('train/loss')).toBeVisible();
  await workspace.zoom('train/loss');
  await expect.poll(() => workspace.series.at(-1)?.min).toBeGreaterThan(100);
  expect(workspace.series.at(-1)?.max).toBeLessThan(2000);
  await workspace.chart('train/loss').dblclick();
});

test('shows one panel over the whole window and walks to its neighbours', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/vision?panels=train');
  await workspace.panel('train/loss').hover();
  await page.getByRole('button', { name: 'Full screen: train/loss' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('3 of 4');
  await page.keyboard.press('ArrowRight');
  await expect(dialog).toContainText('train/unstable');
  await expect(page).toHaveURL(/panel=train%2Funstable/);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('shows a list of values beside the cursor and a crosshair on every panel', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/vision?panels=train/(loss|acc)');
  const box = (await workspace.chart('train/loss').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.6);
  await expect(workspace.panel('train/loss').getByText(/^\+ \d+ more$/)).toBeVisible();
  await expect(workspace.panel('train/acc').locator('.bg-ink-3')).toBeVisible();
});

test('saves a panel as CSV', async ({ workspace, page }) => {
  await workspace.open('/ada/vision?panels=train/loss');
  await expect(workspace.chart('train/loss')).toBeVisible();
  await workspace.panel('train/loss').hover();
  await page.getByRole('button', { name: 'Menu of train/loss' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Save as CSV' }).click();
  expect((await download).suggestedFilename()).toBe('train_loss.csv');
});

/** What a menu's download asks of the server. */
async function downloaded(page: Page, menu: string, entry: string) {
  await page.getByRole('button', { name: menu }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: entry }).click();
  const { searchParams } = new URL((await download).url());
  await page.keyboard.press('Escape');
  return {
    file: (await download).suggestedFilename(),
    format: searchParams.get('format'),
    runs: searchParams.getAll('run'),
    keys: searchParams.getAll('key'),
  };
}

test('downloads rows of all runs, of the shown ones, of one, and all points of a panel', async ({
  workspace,
  page,
}) => {
  await workspace.open('/ada/language?panels=train/loss|cpu');
  const ids = (await listRuns(page, 'language')).map(run => run.id);
  expect(await downloaded(page, 'Menu of this project', 'Download as Parquet')).toEqual({
    file: 'language.parquet',
    format: 'parquet',
    runs: [],
    keys: [],
  });
  const name = (await listRuns(page, 'language'))[1].display_name;
  await page.getByRole('button', { name: `Hide ${name}` }).click();
  await expect(workspace.count()).toContainText('4 of 5');
  const shown = ids.filter((_, index) => index !== 1);
  expect(await downloaded(page, 'Menu of the shown runs', 'Download as Arrow')).toMatchObject({
    format: 'arrow',
    runs: shown,
    keys: [],
  });
  await workspace.panel('train/loss').hover();
  expect(await downloaded(page, 'Menu of train/loss', 'Download as CSV')).toMatchObject({
    format: 'csv',
    runs: shown,
    keys: ['train/loss'],
  });
  await workspace.side.getByRole('button', { name: 'none' }).click();
  await page.getByRole('button', { name: 'Menu of the shown runs' }).click();
  await expect(page.getByRole('menuitem', { name: 'Download as CSV' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await page.goto(`/ada/language/runs/${ids[0]}`);
  expect(await downloaded(page, 'Menu of this run', 'Download as CSV')).toMatchObject({
    format: 'csv',
    runs: [ids[0]],
  });
});

test('shows the reason where a panel cannot be drawn', async ({ workspace, page }) => {
  await workspace.open('/ada/vision?panels=fails');
  await expect(workspace.panel('fails/on_purpose').getByRole('alert')).toContainText(
    'the history of these runs cannot be read',
  );
  await page.goto('/ada/broken');
  await expect(page.getByRole('alert')).toContainText('the database does not answer');
});

test('says which runs cannot be read', async ({ workspace, page }) => {
  await workspace.open('/ada/damaged?panels=train/loss');
  const { display_name: name } = (await listRuns(page, 'damaged'))[1];
  const note = `1 run cannot be read: ${name}: stored history is damaged: chunk 17 cannot be read`;
  await expect(page.getByRole('status', { name: 'Damaged runs' })).toHaveText(
    `${note}; panels are made of what the others logged`,
  );
  await expect(workspace.chart('train/loss')).toHaveAccessibleName('train/loss over Step, 2 runs');
  await expect(workspace.panel('train/loss').getByRole('status')).toHaveText(note);
  await page.getByRole('button', { name: `Hide ${name}` }).click({ modifiers: ['Alt'] });
  await expect(workspace.panel('train/loss')).toContainText(
    'No shown run that can be read has logged this',
  );
  await expect(workspace.panel('train/loss').getByRole('status')).toHaveText(note);
});

test('grows live without moving anything or losing the zoom', async ({ workspace, page }) => {
  await workspace.open('/ada/language?panels=train/loss');
  await expect(workspace.chart('train/loss')).toBeVisible();
  await workspace.zoom('train/loss');
  await expect.poll(() => workspace.series.length).toBeGreaterThan(1);
  await page.evaluate(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver(list =>
      list
        .getEntries()
        .forEach(entry => shifts.push((entry as unknown as { value: number }).value)),
    ).observe({ type: 'layout-shift' });
  });
  const before = workspace.series.length;
  await expect.poll(() => workspace.series.length, { timeout: 10_000 }).toBeGreaterThan(before + 1);
  const zoomed = workspace.series.slice(before).filter(request => request.min !== undefined);
  expect(zoomed.length).toBeGreaterThan(0);
  expect(await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)).toEqual([]);
});

test('notices a run that changed elsewhere', async ({ workspace, page }) => {
  await workspace.open('/ada/language');
  const run = (await listRuns(page, 'language'))[2];
  await expect(workspace.run(run.display_name)).toBeVisible();
  await page.request.patch(`/api/v1/runs/ada/language/${run.id}`, {
    data: { display_name: 'renamed elsewhere' },
  });
  await expect(workspace.run('renamed elsewhere')).toBeVisible({ timeout: 10_000 });
});

test('opens one live stream for all tabs', async ({ workspace, page, context }) => {
  const streams: string[] = [];
  context.on('request', request => {
    if (request.url().includes('/live')) streams.push(request.url());
  });
  await workspace.open('/ada/language');
  await expect.poll(() => streams.length).toBe(1);
  const second = await context.newPage();
  await second.goto('/ada/vision');
  await expect.poll(() => streams.length).toBe(2);
  expect(decodeURIComponent(streams[1])).toContain('ada/language');
  expect(decodeURIComponent(streams[1])).toContain('ada/vision');
  await page.close();
  await expect.poll(() => streams.length, { timeout: 10_000 }).toBe(3);
});

test('tells what to do in an empty project', async ({ page, signedIn }) => {
  await signedIn.goto('/ada/empty');
  await expect(page.getByRole('heading', { name: 'No run in this project yet' })).toBeVisible();
});

test('lists runs in a sheet on a narrow screen', async ({ page, signedIn }) => {
  await signedIn.setViewportSize({ width: 390, height: 844 });
  await signedIn.goto('/ada/vision');
  await page.getByRole('button', { name: 'Runs', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Runs' }).getByRole('status')).toContainText(
    '50 of 312',
  );
});
