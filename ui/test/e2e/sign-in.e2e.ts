import { expect, signInAs, test } from './utils';

test('sends strangers to the sign-in page and back to where they wanted', async ({ page }) => {
  await page.goto('/ada/vision?smooth=0.5');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill('ballast');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/ada\/vision\?smooth=0.5/);
});

test('says when name and password do not fit', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('no user has this name and password');
});

test('never sends anybody to another site', async ({ page }) => {
  await page.goto('/sign-in?next=//evil.example');
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill('ballast');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible();
});

test('signs in by a link once, on a click', async ({ page }) => {
  await page.goto('/sign-in?token=used');
  await page.getByRole('button', { name: 'Sign in with this link' }).click();
  await expect(page.getByRole('alert')).toContainText('hint: start the server again');
  await page.goto('/sign-in?token=good');
  await page.getByRole('button', { name: 'Sign in with this link' }).click();
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible();
});

test('signs out', async ({ page }) => {
  await signInAs(page, 'ada');
  await page.goto('/');
  await page.getByRole('button', { name: 'Account of ada' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Password')).toBeVisible();
  await page.goto('/settings');
  await expect(page).toHaveURL(/sign-in/);
});
