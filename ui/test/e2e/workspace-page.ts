import { expect, type Locator, type Page, type Request } from '@playwright/test';

export interface SeriesBody {
  runs: string[];
  keys: string[];
  expressions?: string[];
  groups?: number[][];
  axis: { kind: string; name?: string };
  min?: number;
  max?: number;
  columns: number;
  smoothing?: { kind: string; parameter: number };
}

/** The workspace as a reader meets it: run list at the left, panels at the right. */
export class WorkspacePage {
  readonly page: Page;
  readonly side: Locator;
  readonly runs: Locator;
  readonly series: SeriesBody[] = [];

  constructor(page: Page) {
    this.page = page;
    this.side = page.getByRole('complementary', { name: 'Runs' });
    this.runs = this.side.getByRole('list', { name: 'Runs' }).getByRole('listitem');
    page.on('request', request => this.note(request));
  }

  async open(path = '/ada/vision'): Promise<void> {
    await this.page.goto(path);
    await expect(this.side.getByRole('status')).toBeVisible();
  }

  count(): Locator {
    return this.side.getByRole('status');
  }

  run(name: string): Locator {
    return this.runs.filter({ has: this.page.getByRole('link', { name, exact: true }) });
  }

  panel(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  chart(name: string): Locator {
    return this.panel(name).getByRole('img', { name: new RegExp(`^${name} over `) });
  }

  async choose(run: string, entry: string): Promise<void> {
    await this.run(run).hover();
    await this.page.getByRole('button', { name: `Menu of ${run}` }).click();
    await this.page.getByRole('menuitem', { name: entry, exact: true }).click();
  }

  /** Drags over the middle half of a chart. */
  async zoom(name: string): Promise<void> {
    const box = (await this.chart(name).boundingBox())!;
    await this.page.mouse.move(box.x + box.width * 0.35, box.y + box.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2, { steps: 5 });
    await this.page.mouse.up();
  }

  private note(request: Request): void {
    if (request.url().endsWith('/series')) this.series.push(request.postDataJSON() as SeriesBody);
  }
}
