import { expect, test as base, type Page } from '@playwright/test';
import { WorkspacePage } from './workspace-page';

export { expect };

export interface Fixtures {
  workspace: WorkspacePage;
  /** Signed in as `ada`, on a world as it was made. */
  signedIn: Page;
}

export const test = base.extend<Fixtures>({
  signedIn: async ({ page }, use) => {
    await signInAs(page, 'ada');
    await use(page);
  },
  workspace: async ({ signedIn }, use) => {
    await use(new WorkspacePage(signedIn));
  },
});

export async function signInAs(page: Page, username: string): Promise<void> {
  await page.request.post('/api/v1/mock-reset');
  const response = await page.request.post('/api/v1/session', {
    data: { username, password: 'ballast' },
  });
  expect(response.ok()).toBe(true);
}

export interface ListedRun {
  id: string;
  display_name: string;
  state: string;
  color: string | null;
}

export async function listRuns(page: Page, project = 'vision'): Promise<ListedRun[]> {
  const response = await page.request.get(`/api/v1/projects/ada/${project}/runs?limit=1000`);
  return ((await response.json()) as { items: ListedRun[] }).items;
}
