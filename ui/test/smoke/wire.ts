import { randomBytes } from 'node:crypto';

/** The client's protocol, spoken by hand: as much of it as a run needs. */

const UPSERT_BUCKET = `
mutation UpsertBucket($name: String, $project: String, $entity: String, $displayName: String, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: $project, entityName: $entity, displayName: $displayName, config: $config}) {
    bucket { name }
  }
}`;
const CREATE_RUN_FILES = `
mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
  createRunFiles(input: {entityName: $entity, projectName: $project, runName: $run, files: $files}) {
    uploadHeaders
    files { name uploadUrl }
  }
}`;

type Row = Record<string, unknown>;

export interface Account {
  username: string;
  password: string;
  apiKey: string;
}

const url = (path: string): string => new URL(path, process.env.BALLAST_URL).href;

async function send(method: string, path: string, key: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url(path), {
    method,
    headers: {
      Authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}`,
      'Content-Type': 'application/json',
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

const adminKey = (): string => process.env.BALLAST_ADMIN_API_KEY ?? '';

/** Makes a user that nobody else has, with a password and a key. */
export async function addAccount(): Promise<Account> {
  const account = {
    username: `smoke-${randomBytes(4).toString('hex')}`,
    password: randomBytes(12).toString('hex'),
    apiKey: randomBytes(20).toString('hex'),
  };
  const { username, password, apiKey: api_key } = account;
  const email = `${username}@example.org`;
  await send('POST', '/api/v1/users', adminKey(), { username, password, email, api_key });
  return account;
}

export async function removeAccount({ username }: Account): Promise<void> {
  await send('DELETE', `/api/v1/users/${username}`, adminKey());
}

/** A run that is written by hand. */
export class WireRun {
  readonly account: Account;
  readonly project: string;
  readonly id: string;
  private nRows = 0;
  private nLines = 0;

  constructor(account: Account, project: string, id: string) {
    this.account = account;
    this.project = project;
    this.id = id;
  }

  async start(displayName: string, config: Record<string, unknown> = {}): Promise<void> {
    const wrapped = Object.fromEntries(
      Object.entries(config).map(([name, value]) => [name, { value }]),
    );
    await this.graphql(UPSERT_BUCKET, {
      name: this.id,
      project: this.project,
      entity: this.account.username,
      displayName,
      config: JSON.stringify(wrapped),
    });
  }

  /** Logs rows as the next steps. */
  async log(rows: Row[]): Promise<void> {
    const offset = this.nRows;
    const content = rows.map((row, index) =>
      JSON.stringify({
        _step: offset + index,
        _runtime: offset + index,
        _timestamp: 1.7e9 + offset + index,
        ...row,
      }),
    );
    this.nRows += rows.length;
    await this.stream({ files: { 'wandb-history.jsonl': { offset, content } } });
  }

  async print(lines: string[]): Promise<void> {
    const ts = '2026-01-02T03:04:05.000000';
    const content = lines.map(line => JSON.stringify({ ts, content: line }));
    const offset = this.nLines;
    this.nLines += lines.length;
    await this.stream({ files: { 'output.log': { offset, content } } });
  }

  async upload(path: string, bytes: Uint8Array): Promise<void> {
    const answer = (await this.graphql(CREATE_RUN_FILES, {
      entity: this.account.username,
      project: this.project,
      run: this.id,
      files: [path],
    })) as {
      createRunFiles: { uploadHeaders: string[] | null; files: { uploadUrl: string }[] };
    };
    const { uploadHeaders, files } = answer.createRunFiles;
    const headers = (uploadHeaders ?? []).map(text => text.split(/: (.*)/s).slice(0, 2));
    const response = await fetch(url(files[0].uploadUrl), {
      method: 'PUT',
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: bytes as Uint8Array<ArrayBuffer>,
    });
    if (!response.ok) throw new Error(`PUT ${path}: ${response.status}`);
  }

  async finish(): Promise<void> {
    await this.stream({ complete: true, exitcode: 0 });
  }

  private async stream(body: unknown): Promise<void> {
    const path = `/files/${this.account.username}/${this.project}/${this.id}/file_stream`;
    await send('POST', path, this.account.apiKey, body);
  }

  private async graphql(query: string, variables: unknown): Promise<unknown> {
    const answer = (await send('POST', '/graphql', this.account.apiKey, { query, variables })) as {
      data: unknown;
      errors?: unknown[];
    };
    if (answer.errors?.length) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  }
}
