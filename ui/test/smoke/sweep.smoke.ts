import { expect, test, type Page } from '@playwright/test';
import { addAccount, graphql, removeAccount, WireRun, type Account } from './wire';

/** A sweep made by the page from two earlier runs, and worked off by an agent while the page of the sweep is open. */

const PROJECT = 'tuning';

const CREATE_AGENT = `
mutation CreateAgent($host: String!, $projectName: String, $entityName: String, $sweep: String!) {
  createAgent(input: {host: $host, projectName: $projectName, entityName: $entityName, sweep: $sweep}) {
    agent { id }
  }
}`;
const HEARTBEAT = `
mutation Heartbeat($id: ID!, $metrics: JSONString, $runState: JSONString) {
  agentHeartbeat(input: {id: $id, metrics: $metrics, runState: $runState}) {
    agent { id }
    commands
  }
}`;

let account: Account;
let page: Page;
let sweep: string;
let agent: string;
const complaints: string[] = [];

const state = () => page.getByRole('status', { name: 'State of the sweep' });

async function train(run: WireRun, lr: number): Promise<void> {
  await run.start(run.id, { lr, epochs: 3 });
  await run.log([{ loss: 4 * lr }, { loss: 2 * lr }]);
  await run.summarize({ loss: 2 * lr });
  await run.finish();
}

interface Command {
  type: string;
  run_id: string;
  args: { lr: { value: number } };
}

async function nextCommand(): Promise<Command> {
  const variables = { id: agent, metrics: '{}', runState: '{}' };
  const answer = (await graphql(account, HEARTBEAT, variables)) as {
    agentHeartbeat: { commands: string };
  };
  return (JSON.parse(answer.agentHeartbeat.commands) as Command[])[0];
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, baseURL }) => {
  account = await addAccount();
  for (const [id, lr] of [
    ['first', 0.1],
    ['second', 0.01],
  ] as const)
    // One run after the other.
    // oxlint-disable-next-line no-await-in-loop
    await train(new WireRun(account, PROJECT, id), lr);
  page = await browser.newPage({ baseURL });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
  const { username, password } = account;
  const signedIn = await page.request.post('/api/v1/session', { data: { username, password } });
  expect(signedIn.ok()).toBe(true);
});

test.afterAll(async () => {
  await page.close();
  await removeAccount(account);
});

test('makes a sweep from earlier runs', async () => {
  await page.goto(`/${account.username}/${PROJECT}/sweeps`);
  await page.getByRole('link', { name: 'New sweep' }).click();
  await expect(page.getByRole('checkbox', { name: 'Search over lr' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Search over epochs' })).not.toBeChecked();
  await expect(page.getByLabel('Metric')).toHaveValue('loss');
  await expect(page.getByRole('textbox', { name: 'lr: values, between commas' })).toHaveValue(
    '0.01, 0.1',
  );
  await page.getByLabel('Method').selectOption('grid');
  await page.getByRole('checkbox', { name: /^Count them as tried/ }).uncheck();
  const check = page.getByRole('status', { name: 'Check of the config' });
  await expect(check).toHaveText('This will do: 2 runs.');
  await page.getByRole('textbox', { name: 'lr: values, between commas' }).fill('');
  await expect(check).toContainText('to mend');
  await page.getByRole('textbox', { name: 'lr: values, between commas' }).fill('0.5, 0.25');
  await expect(check).toHaveText('This will do: 2 runs.');
  await page.getByRole('button', { name: 'Create sweep' }).click();
  await expect(state()).toContainText('pending');
  sweep = page.url().split('/').at(-1)!;
  await expect(page.getByLabel('agent command', { exact: true })).toContainText(
    `wandb agent ${account.username}/${PROJECT}/${sweep}`,
  );
});

test('follows an agent to the end', async () => {
  const made = (await graphql(account, CREATE_AGENT, {
    host: 'smoke-node',
    projectName: PROJECT,
    entityName: account.username,
    sweep,
  })) as { createAgent: { agent: { id: string } } };
  agent = made.createAgent.agent.id;
  for (const lr of [0.5, 0.25]) {
    // oxlint-disable-next-line no-await-in-loop
    const command = await nextCommand();
    expect(command).toMatchObject({ type: 'run', args: { lr: { value: lr } } });
    // oxlint-disable-next-line no-await-in-loop
    await train(new WireRun(account, PROJECT, command.run_id), lr);
  }
  expect((await nextCommand()).type).toBe('exit');
  await expect(state()).toContainText('finished');
  await expect(state()).toContainText('2 of 2 runs');
  await expect(state()).toContainText('best loss 0.5');
  await expect(page.getByRole('table', { name: 'Agents' })).toContainText('smoke-node');
  const table = page.getByRole('table', { name: 'Runs' });
  await expect(table).toHaveAttribute('aria-rowcount', '3');
  await expect(table.getByRole('row').nth(1)).toContainText('0.25');
});

test('leads from a run to its sweep', async () => {
  await page.getByRole('table', { name: 'Runs' }).getByRole('link').first().click();
  await page
    .getByRole('region', { name: 'Run', exact: true })
    .getByRole('link', { name: sweep })
    .click();
  await expect(page).toHaveURL(`/${account.username}/${PROJECT}/sweeps/${sweep}`);
});

test('resumes with another config, and is deleted', async () => {
  const config = page.getByRole('region', { name: 'Config' });
  await config.getByRole('button', { name: 'Edit config' }).click();
  const text = config.getByRole('textbox');
  await text.fill((await text.inputValue()).replace('0.25', '0.125'));
  await config.getByRole('button', { name: 'Save config' }).click();
  await expect(config.getByLabel('config', { exact: true })).toContainText('0.125');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(state()).toContainText('running');
  await page.getByRole('button', { name: 'Menu of this sweep' }).click();
  await page.getByRole('menuitem', { name: 'Delete sweep' }).click();
  await page.getByLabel(/^Type .* to confirm/).fill(sweep);
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByText('No sweep in this project yet')).toBeVisible();
  expect(complaints).toEqual([]);
});
