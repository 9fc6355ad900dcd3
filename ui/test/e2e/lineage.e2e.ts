import type { Page } from '@playwright/test';
import { expect, listRuns, test } from './utils';

const LARGE = '/ada/vision/lineage?of=artifact:ada/vision/firehose:v3';

const graph = (page: Page) => page.getByRole('group', { name: 'Lineage graph' });
const shown = (page: Page) => page.getByRole('status', { name: 'What is shown' });
const node = (page: Page, name: string | RegExp) => graph(page).getByRole('button', { name });

async function middleOf(page: Page, name: string | RegExp): Promise<{ x: number; y: number }> {
  const box = (await node(page, name).boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test('draws from left to right, fits the window and says what is beyond', async ({
  signedIn: page,
}) => {
  await page.goto('/ada/language/lineage?of=artifact:ada/language/tiny-stories:v0');
  await expect(shown(page)).toHaveText('2 runs, 3 versions');
  const names = [/tiny-stories/, /calm-pine-2/, /story-model/, /bold-wren-3/, /report:v0/];
  const places = await Promise.all(names.map(name => middleOf(page, name)));
  expect(places.map(({ x }) => x)).toEqual(places.map(({ x }) => x).toSorted((a, b) => a - b));
  const frame = (await graph(page).boundingBox())!;
  expect(places[0].x).toBeGreaterThan(frame.x);
  expect(places[4].x).toBeLessThan(frame.x + frame.width);
  await page.getByRole('button', { name: 'Fewer steps: down' }).click();
  await expect(page).toHaveURL(/down=3/);
  await expect(node(page, /report:v0/)).toHaveCount(0);
  await expect(shown(page)).toContainText('+n counts neighbours that are not shown');
});

test('folds groups of a kind, and unfolds one where it stood', async ({ signedIn: page }) => {
  await page.goto(LARGE);
  await expect(shown(page)).toContainText('239 runs, 257 versions, 11 groups folded');
  await expect(shown(page)).toContainText('2 in projects that you may not see');
  expect(await graph(page).getByRole('button').count()).toBeLessThan(40);
  const cluster = /^16 versions report, folded/;
  const before = await middleOf(page, cluster);
  await node(page, cluster).click();
  await expect(shown(page)).toContainText('10 groups folded');
  const after = await middleOf(page, /^evaluation:v0 report/);
  expect(Math.abs(after.x - before.x) + Math.abs(after.y - before.y)).toBeLessThan(3);
  await page.getByRole('button', { name: 'Fold all' }).click();
  await expect(shown(page)).toContainText('11 groups folded');
});

test('lights the paths of what is chosen, and tells about it', async ({ signedIn: page }) => {
  await page.goto(LARGE);
  await node(page, /^classifier:v4 model/).click();
  const card = page.getByRole('complementary', { name: 'About classifier:v4' });
  await expect(card).toContainText('production');
  const lit = graph(page).locator('[data-lit]');
  await expect(lit.filter({ has: page.getByRole('button', { name: /release-2026/ }) })).toHaveCount(
    1,
  );
  await expect(lit.filter({ has: page.getByRole('button', { name: /evaluate/ }) })).toHaveCount(0);
  await expect(card.getByRole('link', { name: 'Open' })).toHaveAttribute(
    'href',
    '/ada/vision/artifacts/model/classifier/v4',
  );
  await expect(card.getByRole('link', { name: 'What changed?' })).toHaveAttribute(
    'href',
    /\/compare\?left=artifact.*firehose.*right=artifact.*classifier/,
  );
  await card.getByRole('button', { name: 'Hide' }).click();
  await expect(node(page, /classifier/)).toHaveCount(0);
  await page.getByRole('button', { name: 'Show 1 hidden node' }).click();
  await node(page, /^classifier:v4 model/).click();
  await card.getByRole('link', { name: 'Lineage of it' }).click();
  await expect(page).toHaveURL(/classifier%3Av4/);
});

test('searches, and takes what is found out of its group', async ({ signedIn: page }) => {
  await page.goto(LARGE);
  const search = page.getByRole('searchbox', { name: 'Search lineage' });
  await search.fill('resnet50:v1805');
  await expect(page.getByRole('status', { name: 'Found' })).toHaveText('1 found');
  await expect(node(page, /resnet50:v1805/)).toHaveCount(0);
  await search.press('Enter');
  await expect(node(page, /resnet50:v1805/)).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'About resnet50:v1805' })).toBeVisible();
});

test('pans by dragging, zooms by wheel, and walks by keys', async ({ signedIn: page }) => {
  const [run] = await listRuns(page);
  await page.goto(`/ada/vision/lineage?of=run:ada/vision/${run.id}`);
  const focus = /what this lineage is of/;
  await expect(node(page, focus)).toBeVisible();
  const start = await middleOf(page, focus);
  const frame = (await graph(page).boundingBox())!;
  await page.mouse.move(frame.x + 300, frame.y + 60);
  await page.mouse.down();
  await page.mouse.move(frame.x + 340, frame.y + 90, { steps: 4 });
  await page.mouse.up();
  const moved = await middleOf(page, focus);
  expect([Math.round(moved.x - start.x), Math.round(moved.y - start.y)]).toEqual([40, 30]);
  const width = async () => (await node(page, /resnet50/).boundingBox())!.width;
  const before = await width();
  await page.mouse.wheel(0, 200);
  await expect.poll(width).toBeLessThan(before * 0.7);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(width).toBeCloseTo(before, 0);

  await node(page, focus).focus();
  await page.keyboard.press('ArrowRight');
  await expect(node(page, /resnet50/)).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect(node(page, /^evaluate-0/)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'About evaluate-0' })).toBeVisible();
});

test('is a list, too, and says when an address names nothing', async ({ signedIn: page }) => {
  await page.goto(LARGE);
  await page.getByRole('button', { name: 'Show as a list' }).click();
  await expect(page).toHaveURL(/list=true/);
  const table = page.getByRole('table', { name: 'Lineage' });
  await expect(table).toHaveAttribute('aria-rowcount', '497');
  await page.getByRole('searchbox', { name: 'Search lineage' }).fill('classifier');
  await expect(table.getByRole('row')).toHaveCount(2);
  await expect(table.getByRole('link')).toHaveAttribute(
    'href',
    '/ada/vision/artifacts/model/classifier/v4',
  );
  await page.goto('/ada/vision/lineage?of=nonsense');
  await expect(page.getByText('This address names no run and no version')).toBeVisible();
  await page.goto('/ada/vision/lineage?of=run:ada/vision/no-such-run');
  await expect(page.getByRole('alert')).toContainText('is no run and no version of yours');
});

test('says that a lineage is cut, and shows more of it', async ({ signedIn: page }) => {
  await page.goto('/ada/vision/lineage?of=artifact:ada/vision/labels:v3');
  await expect(shown(page)).toContainText('only the nearest 500 of');
  await shown(page).getByRole('button', { name: 'show more' }).click();
  await expect(shown(page)).not.toContainText('only the nearest');
});
