import { createHash, randomBytes } from 'node:crypto';

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
const CREATE_ARTIFACT = `
mutation CreateArtifact($input: CreateArtifactInput!) {
  createArtifact(input: $input) { artifact { id } }
}`;
const CREATE_ARTIFACT_FILES = `
mutation CreateArtifactFiles($input: CreateArtifactFilesInput!) {
  createArtifactFiles(input: $input) {
    files { edges { node { uploadUrl uploadHeaders } } }
  }
}`;
const CREATE_MANIFEST = `
mutation CreateArtifactManifest($id: ID!, $digest: String!, $entity: String!, $project: String!, $run: String!) {
  createArtifactManifest(input: {
    artifactID: $id, name: "wandb_manifest.json", digest: $digest,
    entityName: $entity, projectName: $project, runName: $run, type: FULL
  }) {
    artifactManifest { file { uploadUrl uploadHeaders } }
  }
}`;
const COMMIT_ARTIFACT = `
mutation CommitArtifact($id: ID!) {
  commitArtifact(input: {artifactID: $id}) { artifact { id } }
}`;
const USE_ARTIFACT = `
mutation UseArtifact($input: UseArtifactInput!) {
  useArtifact(input: $input) { artifact { id } }
}`;

/** Where to send a file; without an address, the server has it. */
interface Upload {
  uploadUrl: string | null;
  uploadHeaders: string[] | null;
}

type Row = Record<string, unknown>;

export interface Account {
  username: string;
  password: string;
  apiKey: string;
}

const url = (path: string): string => new URL(path, process.env.BALLAST_URL).href;

/** Calls the server as the owner of a key; fails as the server refuses. */
export async function send(
  method: string,
  path: string,
  key: string,
  body?: unknown,
): Promise<unknown> {
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

const md5 = (text: string): Buffer => createHash('md5').update(text).digest();

async function put(upload: Upload, bytes: Uint8Array): Promise<void> {
  if (upload.uploadUrl === null) return;
  const headers = (upload.uploadHeaders ?? []).map(text => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon), text.slice(colon + 1).trim()];
  });
  const response = await fetch(url(upload.uploadUrl), {
    method: 'PUT',
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: bytes as Uint8Array<ArrayBuffer>,
  });
  if (!response.ok)
    throw new Error(`PUT ${upload.uploadUrl}: ${response.status} ${await response.text()}`);
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

/** Sends a document as its client does; fails as the server refuses. */
export async function graphql(
  { apiKey }: Account,
  query: string,
  variables: unknown,
): Promise<unknown> {
  const answer = (await send('POST', '/graphql', apiKey, { query, variables })) as {
    data: unknown;
    errors?: unknown[];
  };
  if (answer.errors?.length) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

/** A run that is written by hand. */
export class WireRun {
  readonly account: Account;
  readonly project: string;
  readonly id: string;
  /** The owner of the project: the account's user, or a team. */
  readonly entity: string;
  private nRows = 0;
  private nLines = 0;

  constructor(account: Account, project: string, id: string, entity = account.username) {
    this.account = account;
    this.entity = entity;
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
      entity: this.entity,
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

  /** Says what the run comes to, as its client does beside the rows. */
  async summarize(summary: Row): Promise<void> {
    const content = [JSON.stringify(summary)];
    await this.stream({ files: { 'wandb-summary.json': { offset: 0, content } } });
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
      entity: this.entity,
      project: this.project,
      run: this.id,
      files: [path],
    })) as {
      createRunFiles: { uploadHeaders: string[] | null; files: { uploadUrl: string }[] };
    };
    const { uploadHeaders, files } = answer.createRunFiles;
    await put({ uploadUrl: files[0].uploadUrl, uploadHeaders }, bytes);
  }

  /** Logs files, by path, as a version of a collection. Gives its id. */
  async logArtifact(
    type: string,
    collection: string,
    files: Record<string, string>,
    metadata: Record<string, unknown> = {},
  ): Promise<string> {
    const entries = Object.entries(files).map(([path, text]) => ({
      path,
      text,
      digest: md5(text).toString('base64'),
    }));
    const listing = entries.map(({ path, digest }) => `${path}:${digest}\n`).toSorted();
    const input = {
      entityName: this.entity,
      projectName: this.project,
      runName: this.id,
      artifactTypeName: type,
      artifactCollectionName: collection,
      digest: md5(`wandb-artifact-manifest-v1\n${listing.join('')}`).toString('hex'),
      digestAlgorithm: 'MANIFEST_MD5',
      metadata: JSON.stringify(metadata),
    };
    const created = (await this.graphql(CREATE_ARTIFACT, { input })) as {
      createArtifact: { artifact: { id: string } };
    };
    const { id } = created.createArtifact.artifact;
    const answer = (await this.graphql(CREATE_ARTIFACT_FILES, {
      input: {
        artifactFiles: entries.map(({ path, digest }) => ({
          artifactID: id,
          name: path,
          md5: digest,
        })),
        storageLayout: 'V2',
      },
    })) as { createArtifactFiles: { files: { edges: { node: Upload }[] } } };
    const uploads = answer.createArtifactFiles.files.edges;
    await Promise.all(
      uploads.map(({ node }, index) => put(node, new TextEncoder().encode(entries[index].text))),
    );
    const contents = entries.map(({ path, text, digest }) => [
      path,
      { digest, size: Buffer.byteLength(text) },
    ]);
    const manifest = JSON.stringify({
      version: 1,
      storagePolicy: 'wandb-storage-policy-v1',
      storagePolicyConfig: { storageLayout: 'V2' },
      contents: Object.fromEntries(contents) as Record<string, unknown>,
    });
    const asked = (await this.graphql(CREATE_MANIFEST, {
      id,
      digest: md5(manifest).toString('base64'),
      entity: this.entity,
      project: this.project,
      run: this.id,
    })) as { createArtifactManifest: { artifactManifest: { file: Upload } } };
    await put(
      asked.createArtifactManifest.artifactManifest.file,
      new TextEncoder().encode(manifest),
    );
    await this.graphql(COMMIT_ARTIFACT, { id });
    return id;
  }

  /** Says that the run reads a version, by its id. */
  async useArtifact(artifactID: string, usedAs: string): Promise<void> {
    const { entity: entityName, project: projectName, id: runName } = this;
    await this.graphql(USE_ARTIFACT, {
      input: { entityName, projectName, runName, artifactID, usedAs },
    });
  }

  async finish(): Promise<void> {
    await this.stream({ complete: true, exitcode: 0 });
  }

  private async stream(body: unknown): Promise<void> {
    const path = `/files/${this.entity}/${this.project}/${this.id}/file_stream`;
    await send('POST', path, this.account.apiKey, body);
  }

  private graphql(query: string, variables: unknown): Promise<unknown> {
    return graphql(this.account, query, variables);
  }
}
