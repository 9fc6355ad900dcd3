import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConsolePage, Project, Run, SeriesRequest } from '../src/api/schema';
import { answerConsole } from './console.ts';
import { ExpressionError, parse } from './expression.ts';
import {
  answerArtifacts,
  answerCollections,
  artifactTypes,
  listCollections,
  runArtifacts,
} from './artifacts.ts';
import { answerDiff } from './diff.ts';
import { answerLineage } from './lineage.ts';
import type { RegistryRole } from '../src/api/org-schema';
import { canWrite, registryOf } from '../src/util/roles.ts';
import { Refusal, bodyOf, type Call } from './call.ts';
import { projectRole } from './groups.ts';
import { answerOrganizations, answerTeams, listEntities } from './orgs.ts';
import { SYSTEM_KEYS, historyKeys, listKeys } from './keys.ts';
import { streamLive } from './live.ts';
import { fileBytes, listFiles, mediaExtent, mediaRows } from './media.ts';
import { answerSeries, damageOf } from './series.ts';
import { answerSweeps, projectSweeps } from './sweeps.ts';
import { World, curve, type MockProject, type MockRun } from './world.ts';

/** Answers one request of the native API. */
export async function handle(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://mock');
  const session = /ballast_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  const call: Call = {
    world,
    request,
    response,
    method: request.method ?? 'GET',
    path: url.pathname.split('/').slice(3).map(decodeURIComponent),
    query: url.searchParams,
    username: (session && world.sessions.get(session)) || null,
  };
  try {
    const answer = await route(call);
    if (answer === undefined) return;
    response.statusCode =
      answer === null ? 204 : call.method === 'POST' && isMaking(call.path) ? 201 : 200;
    response.setHeader('Content-Type', 'application/json');
    response.end(answer === null ? undefined : JSON.stringify(answer));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    response.statusCode = error.status;
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({
        code: error.code,
        message: error.message,
        hint: error.hint,
        request_id: 'mock-1',
      }),
    );
  }
}

/** Whether a POST to the path makes something. */
const isMaking = ([kind, , , list, operation]: string[]): boolean =>
  ['users', 'api-keys', 'organizations', 'teams'].includes(kind) ||
  (list === 'sweeps' && operation === undefined);

/** Returns the JSON to answer, null for 204, undefined when the response is already written. */
async function route(call: Call): Promise<unknown> {
  const { world, path, method } = call;
  if (path[0] === 'mock-reset') {
    const { sessions } = world;
    Object.assign(world, new World(), { sessions });
    return null;
  }
  if (path[0] === 'server') return { version: '0.1.0-mock', has_users_with_password: true };
  if (path[0] === 'session') return session(call);
  if (!call.username) throw new Refusal(401, 'unauthenticated', 'sign in to see this');
  if (path[0] === 'me') return me(call);
  if (path[0] === 'users') return users(call);
  if (path[0] === 'api-keys') return apiKeys(call);
  if (path[0] === 'live')
    return streamLive(world, call.request, call.response, call.query.getAll('project'));
  if (path[0] === 'chart-definitions') return chartDefinition(path);
  if (path[0] === 'organizations') return answerOrganizations(call);
  if (path[0] === 'teams') return answerTeams(call);
  if (path[0] === 'entities') return { items: listEntities(world, call.username) };
  world.advance(Date.now());
  if (path[0] === 'projects' && path.length === 1) {
    return {
      items: world.projects
        .filter(({ entity, name }) => projectRole(world, entity, name, call.username))
        .filter(({ name }) => registryOf(name) === null)
        .map(project => projectBody(world, project)),
    };
  }
  if (path[0] === 'projects') return projectRoute(call);
  if (path[0] === 'runs') return runRoute(call, method);
  if (path[0] === 'collections') return answerCollections(call);
  if (path[0] === 'artifacts') return answerArtifacts(call);
  if (path[0] === 'lineage') return answerLineage(call);
  if (path[0] === 'diff') return answerDiff(call);
  if (path[0] === 'sweeps') return answerSweeps(call);
  throw new Refusal(404, 'route_not_found', 'no such route');
}

async function session({ world, request, response, method, path }: Call): Promise<unknown> {
  if (method === 'DELETE') {
    response.setHeader('Set-Cookie', 'ballast_session=; Path=/; Max-Age=0');
    return null;
  }
  const body = await bodyOf(request);
  const byLink = path[1] === 'link';
  if (byLink && body.token !== 'good') {
    throw new Refusal(
      401,
      'sign_in_link_invalid',
      'this sign-in link was used before or has expired',
      'start the server again for a new link, or sign in with a password',
    );
  }
  const user = world.users.find(entry => entry.username === (byLink ? 'ada' : body.username));
  if (!user || (!byLink && body.password !== user.password)) {
    throw new Refusal(401, 'invalid_credentials', 'no user has this name and password');
  }
  const id = Math.random().toString(36).slice(2);
  world.sessions.set(id, user.username);
  response.setHeader('Set-Cookie', `ballast_session=${id}; Path=/; HttpOnly; SameSite=Lax`);
  return meBody(world, user.username);
}

function meBody(world: World, username: string): unknown {
  const user = world.users.find(entry => entry.username === username);
  return {
    username,
    entity: username,
    default_entity: username,
    email: user?.email ?? null,
    admin: user?.admin ?? false,
    has_password: true,
  };
}

async function me({ world, username, path, request }: Call): Promise<unknown> {
  if (path[1] !== 'password') return meBody(world, username ?? '');
  const body = await bodyOf(request);
  const user = world.users.find(entry => entry.username === username);
  if (!user || body.current_password !== user.password)
    throw new Refusal(403, 'wrong_password', 'the current password is another one');
  user.password = String(body.new_password);
  return null;
}

async function users({ world, method, path, request }: Call): Promise<unknown> {
  if (method === 'GET')
    return { items: world.users.map(({ password: _password, ...user }) => user) };
  if (method === 'DELETE') {
    world.users = world.users.filter(user => user.username !== path[1]);
    return null;
  }
  const body = await bodyOf(request);
  const username = String(body.username);
  if (world.users.some(user => user.username === username))
    throw new Refusal(409, 'username_taken', `user \`${username}\` exists already`);
  const user = {
    username,
    email: String(body.email),
    admin: body.admin === true,
    created_at: new Date().toISOString(),
  };
  world.users.push({ ...user, password: String(body.password ?? '') });
  return user;
}

async function apiKeys({ world, method, path, request, username }: Call): Promise<unknown> {
  if (method === 'GET') return { items: world.apiKeys.filter(key => key.username === username) };
  if (method === 'DELETE') {
    world.apiKeys = world.apiKeys.filter(key => key.id !== path[1]);
    return null;
  }
  const body = await bodyOf(request);
  const id = `k${world.apiKeys.length + 1}`;
  const key = `local-${'0123456789abcdef'.repeat(3).slice(0, 36)}${id.padStart(4, '0')}`;
  const made = {
    id,
    name: String(body.name),
    hint: key.slice(-4),
    created_at: new Date().toISOString(),
  };
  world.apiKeys.push({ ...made, username: username ?? '', last_used_at: null });
  if (username === 'newcomer') setTimeout(() => firstRun(world), 2500);
  return { ...made, key };
}

/** A newcomer who has made a key logs a first run a moment later. */
function firstRun(world: World): void {
  world.addProject('newcomer', 'first-steps', null, 0);
  world.addRun('newcomer', 'first-steps', 0, 1);
}

function chartDefinition(path: string[]): unknown {
  if (path[2] === 'malformed')
    return { name: 'malformed', display_name: 'Malformed', kind: 'vega2', spec: '{"title": "7"}' };
  if (path[2] !== 'score_bars')
    throw new Refusal(
      404,
      'chart_definition_not_found',
      `chart definition \`${path.slice(1).join('/')}\` does not exist`,
    );
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title: '${string:title}',
    data: { name: 'wandb' },
    mark: 'bar',
    encoding: {
      x: { field: '${field:label}', type: 'nominal', title: null },
      y: { field: '${field:value}', type: 'quantitative', aggregate: 'mean' },
    },
  };
  return {
    name: 'score_bars',
    display_name: 'Score bars',
    kind: 'vega2',
    spec: JSON.stringify(spec),
  };
}

function projectBody(world: World, project: MockProject): Project {
  const runs = world.runsOf(project.entity, project.name).filter(run => !run.deleted_at);
  const activity = Array.from({ length: 30 }, () => 0);
  for (const run of runs) {
    const day = 29 - Math.floor((Date.now() - Date.parse(run.created_at)) / 86_400_000);
    if (day >= 0 && day < 30) activity[day] += 1;
  }
  return {
    ...project,
    description: project.description ?? '',
    role: 'admin',
    n_runs: runs.length,
    n_live_runs: runs.filter(run => run.state === 'running').length,
    last_activity_at:
      runs
        .map(run => run.heartbeat_at)
        .toSorted()
        .at(-1) ?? null,
    activity,
  };
}

async function projectRoute(call: Call): Promise<unknown> {
  const { world, method, path, query, request, response, username } = call;
  const [, entity, name, rest] = path;
  const project = world.projects.find(entry => entry.entity === entity && entry.name === name);
  const role = projectRole(world, entity, name, username);
  if (!project || !role)
    throw new Refusal(404, 'project_not_found', `project \`${entity}/${name}\` does not exist`);
  if (['DELETE', 'PATCH'].includes(method)) needWrite(role);
  if (!rest && method === 'DELETE') {
    world.projects = world.projects.filter(other => other !== project);
    world.runs = world.runs.filter(run => run.entity !== entity || run.project !== name);
    return null;
  }
  if (!rest && method === 'PATCH') {
    const body = await bodyOf(request);
    if (body.description === 'refuse me')
      throw new Refusal(422, 'invalid_description', 'this description is refused');
    project.description = String(body.description ?? '');
  }
  if (!rest) return projectBody(world, project);
  if (name === 'broken')
    throw new Refusal(
      503,
      'database_unavailable',
      'the database does not answer',
      'try again in a moment',
    );
  if (rest === 'sweeps') {
    if (method !== 'GET') needWrite(role);
    return projectSweeps(call);
  }
  if (rest === 'artifact-types') return { items: artifactTypes(world, entity, name) };
  if (rest === 'collections') return listCollections(world, entity, name, query);
  const runs = world.runsOf(entity, name);
  if (rest === 'runs' && name === 'crowded' && !query.get('deleted'))
    return crowd(query, CROWD, index => ({
      ...runBody(runs[0]),
      ...(index > 0 ? { id: `c${index}`, display_name: `one-of-many-${CROWD - index}` } : {}),
    }));
  if (rest === 'runs') {
    const deleted = query.get('deleted') === 'true';
    const listed = runs.filter(run => Boolean(run.deleted_at) === deleted).toReversed();
    const start = Number(query.get('cursor') ?? 0);
    const end = start + Number(query.get('limit') ?? 200);
    return {
      items: listed.slice(start, end).map(runBody),
      total: listed.length,
      next_cursor: end < listed.length ? String(end) : null,
    };
  }
  if (rest === 'keys') {
    const keys = runs.length > 0 ? historyKeys(name) : [];
    return { ...listKeys(keys, query), errors: damageOf(runs) };
  }
  if (rest === 'download') {
    response.setHeader('Content-Type', 'text/csv; charset=utf-8');
    response.setHeader(
      'Content-Disposition',
      `attachment; filename="${name}.${query.get('format') ?? 'csv'}"`,
    );
    response.end(`run,_step,${query.getAll('key').join(',')}\n`);
    return undefined;
  }
  const body = (await bodyOf(request)) as unknown as SeriesRequest;
  if (body.keys.includes('fails/on_purpose'))
    throw new Refusal(
      503,
      'history_unavailable',
      'the history of these runs cannot be read',
      'try again in a moment',
    );
  checkExpressions(body);
  const asked = body.runs.map(id => runs.find(run => run.id === id));
  response.setHeader('Content-Type', 'application/vnd.apache.arrow.stream');
  response.end(answerSeries(body, asked));
  return undefined;
}

function needWrite(role: RegistryRole): void {
  if (!canWrite(role))
    throw new Refusal(403, 'forbidden', `you have the role ${role}, this needs the role member`);
}

const CROWD = 12_345;

/** A page of a list that nobody made. */
function crowd<T>(query: URLSearchParams, total: number, make: (index: number) => T) {
  const start = Number(query.get('cursor') ?? 0);
  const end = Math.min(total, start + Number(query.get('limit') ?? 200));
  return {
    items: Array.from({ length: end - start }, (_, index) => make(start + index)),
    total,
    next_cursor: end < total ? String(end) : null,
  };
}

function crowdedFiles(run: MockRun, query: URLSearchParams) {
  const [file] = listFiles(run);
  const make = (index: number): typeof file => ({
    ...file,
    path: `media/frame_${String(index).padStart(6, '0')}.png`,
  });
  return { ...crowd(query, 30_000, make), total: null };
}

function checkExpressions({ expressions = [], axis }: SeriesRequest): void {
  const texts = expressions.map((text, place) => [`expressions[${place}]`, text]);
  if (axis.kind === 'expression') texts.push(['axis.name', axis.name ?? '']);
  for (const [field, text] of texts) {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new Refusal(422, 'invalid_request', `\`${field}\`: ${error.message}`);
    }
  }
}

function runBody(run: MockRun): Run {
  const {
    environment: _e,
    metric_definitions: _m,
    custom_charts: _c,
    entity: _n,
    project: _p,
    seed: _s,
    rate: _r,
    damage: _d,
    n_restarts: _t,
    ...body
  } = run;
  return body;
}

async function runRoute(call: Call, method: string): Promise<unknown> {
  const { world, path, query, request, username } = call;
  const [, entity, project, id, rest] = path;
  const run = world.runs.find(
    entry =>
      entry.entity === entity &&
      entry.project === project &&
      (entry.id === id || (project === 'crowded' && /^c\d+$/.test(id))),
  );
  const role = projectRole(world, entity, project, username);
  if (!run || !role)
    throw new Refusal(
      404,
      'run_not_found',
      `run \`${id}\` does not exist in \`${entity}/${project}\``,
    );
  if (method !== 'GET') needWrite(role);
  if (!rest && method === 'GET') return run;
  if (!rest && method === 'PATCH') {
    const body = await bodyOf(request);
    if (body.display_name === 'refuse me')
      throw new Refusal(422, 'invalid_display_name', 'this name is refused');
    return runBody(Object.assign(run, body));
  }
  if (!rest && method === 'DELETE') {
    if (query.get('purge')) world.runs.splice(world.runs.indexOf(run), 1);
    else run.deleted_at = new Date().toISOString();
    return null;
  }
  switch (rest) {
    case 'restore':
      run.deleted_at = null;
      return runBody(run);
    case 'stop':
      run.stop_requested = true;
      return runBody(run);
    case 'keys':
      return listKeys(runKeys(run, query.get('stream') ?? 'history'), query);
    case 'rows':
      return mediaRows(run, query);
    case 'console':
      return consoleOf(run, query);
    case 'mock-restart':
      run.n_restarts += 1;
      run.n_console_lines = 900;
      return null;
    case 'files':
      return path.length > 5
        ? sendFile(call, run, path.slice(5).join('/'))
        : project === 'crowded'
          ? crowdedFiles(run, query)
          : { items: listFiles(run), total: null, next_cursor: null };
    case 'artifacts':
      return runArtifacts(world, run);
    case 'problems':
      return { items: run.n_problems ? problems(run) : [] };
    case 'alerts':
      return {
        items: run.n_problems
          ? [
              {
                title: 'Loss spike',
                text: 'train/loss rose above 2 at step 640',
                severity: 'WARN',
                created_at: run.heartbeat_at,
              },
            ]
          : [],
      };
    default:
      throw new Refusal(404, 'route_not_found', 'no such route');
  }
}

function consoleOf(run: MockRun, query: URLSearchParams): ConsolePage {
  try {
    return answerConsole(run, query);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const message = `the regular expression to search for cannot be used: ${error.message}`;
    throw new Refusal(422, 'invalid_value', message);
  }
}

function problems(run: MockRun): unknown[] {
  return [7, 9].map(line => ({
    stream: 'history',
    line,
    reason: 'invalid JSON: expected `,` or `}` at column 31',
    excerpt: '{"_step":7,"train/loss":0.1 "acc"',
    at: run.created_at,
  }));
}

function runKeys(run: MockRun, stream: string) {
  const names =
    stream === 'system'
      ? SYSTEM_KEYS.map(name => ({ name, kinds: ['number'] }))
      : historyKeys(run.project);
  return names.map(({ name, kinds }) => ({
    name,
    label: name,
    kinds,
    count: run.n_history_rows,
    first_step: 0,
    last_step: run.n_history_rows - 1,
    min: 0,
    max: 1,
    ...(kinds[0] === 'number' ? {} : mediaExtent(run, name)),
    last: kinds[0] === 'number' ? curve(run, name, run.n_history_rows - 1) : null,
  }));
}

function sendFile({ response }: Call, run: MockRun, path: string): undefined {
  const file = fileBytes(run, path);
  if (!file) throw new Refusal(404, 'file_not_found', `run \`${run.id}\` has no file \`${path}\``);
  response.setHeader('Content-Type', file.type);
  response.setHeader('Content-Security-Policy', 'sandbox allow-scripts');
  response.end(file.bytes);
  return undefined;
}
