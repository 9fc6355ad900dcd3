import type { Json, JsonObject, RunState } from '../src/api/schema';
import type {
  ConfigCheck,
  Importance,
  SuggestedParameter,
  Sweep,
  SweepAgent,
  SweepDetail,
  SweepObjective,
  SweepParameter,
  Trial,
  TrialCounts,
  TrialOutcome,
} from '../src/api/sweep-schema';
import { canWrite } from '../src/util/roles.ts';
import { toYaml } from '../src/util/yaml.ts';
import { Refusal, bodyOf, type Call } from './call.ts';
import { projectRole } from './groups.ts';
import { hash, noise, pick } from './random.ts';
import type { MockRun, World } from './world.ts';
import { readYaml } from './yaml.ts';

export interface MockSweep {
  entity: string;
  project: string;
  body: Omit<Sweep, 'counts' | 'best' | 'n_live_agents'>;
  config: string;
  parameters: SweepParameter[];
  agents: SweepAgent[];
  trials: Trial[];
}

const START = Date.now();
const iso = (time: number): string => new Date(time).toISOString();
const MINUTE = 60_000;

const LOSS: SweepObjective = { metric: 'val/loss', goal: 'minimize', target: null };
const SPACE: JsonObject = {
  lr: { distribution: 'log_uniform_values', min: 1e-5, max: 0.1 },
  batch_size: { values: [32, 64, 128, 256] },
  optimizer: { values: ['adamw', 'sgd', 'lion'] },
  model: {
    parameters: {
      depth: { distribution: 'int_uniform', min: 2, max: 24 },
      dropout: { distribution: 'uniform', min: 0, max: 0.6 },
    },
  },
  weight_decay: { distribution: 'log_uniform_values', min: 1e-6, max: 0.01 },
  epochs: { value: 40 },
};
const PARAMETERS: SweepParameter[] = [
  { name: 'lr', distribution: 'log_uniform_values', is_log: true },
  { name: 'batch_size', distribution: 'categorical', is_log: false },
  { name: 'optimizer', distribution: 'categorical', is_log: false },
  { name: 'model.depth', distribution: 'int_uniform', is_log: false },
  { name: 'model.dropout', distribution: 'uniform', is_log: false },
  { name: 'weight_decay', distribution: 'log_uniform_values', is_log: true },
  { name: 'epochs', distribution: 'constant', is_log: false },
];

interface SweepPlan {
  id: string;
  display_name: string | null;
  state: Sweep['state'];
  state_reason?: string;
  method?: string;
  objectives?: SweepObjective[];
  run_cap: number | null;
  nTrials: number;
  /** Of the last trials. */
  nRunning?: number;
  agents?: SweepAgent[];
  config?: string;
  hoursAgo: number;
}

/** Sweeps of a few and of many runs, in every state, and one that searches for two things. */
export function addSweeps(world: World): void {
  const agent = (
    name: string,
    state: SweepAgent['state'],
    secondsAgo: number,
    n_trials: number,
  ): SweepAgent => ({
    name,
    host: `gpu-node-${name.slice(-1)}`,
    state,
    user: 'ada',
    n_trials,
    run: null,
    created_at: iso(START - 90 * MINUTE),
    heartbeat_at: iso(START - secondsAgo * 1000),
  });
  const plans: SweepPlan[] = [
    {
      id: 'b500m4zt',
      display_name: 'everything, overnight',
      state: 'finished',
      state_reason: 'the cap of 500 runs is reached',
      run_cap: 500,
      nTrials: 500,
      agents: [agent('agent-1', 'finished', 7200, 260), agent('agent-2', 'finished', 7300, 240)],
      hoursAgo: 40,
    },
    {
      id: 't2goals0',
      display_name: 'small and good: accuracy against size, with a name that somebody was proud of',
      state: 'canceled',
      state_reason: '5 runs failed one after the other',
      method: 'random',
      objectives: [
        { metric: 'val/acc', goal: 'maximize', target: 0.95 },
        { metric: 'size_mb', goal: 'minimize', target: null },
      ],
      run_cap: null,
      nTrials: 40,
      hoursAgo: 30,
    },
    {
      id: 'g1one0aa',
      display_name: null,
      state: 'paused',
      method: 'grid',
      run_cap: null,
      nTrials: 1,
      hoursAgo: 20,
    },
    {
      id: 'p0none00',
      display_name: '🦦 not started',
      state: 'pending',
      run_cap: 25,
      nTrials: 0,
      hoursAgo: 3,
    },
    {
      id: 'k3x9p2qa',
      display_name: 'fine tuning',
      state: 'running',
      run_cap: 30,
      nTrials: 10,
      nRunning: 2,
      agents: [
        agent('agent-1', 'running', 4, 5),
        agent('agent-2', 'running', 9, 4),
        agent('agent-3', 'lost', 1900, 1),
      ],
      hoursAgo: 1.5,
    },
  ];
  world.addProject('ada', 'tuning', 'Sweeps of all sizes', 50);
  for (const plan of plans) world.sweeps.push(makeSweep(world, plan));
}

function makeSweep(world: World, plan: SweepPlan): MockSweep {
  const { nRunning = 0, nTrials, agents = [], objectives = [LOSS] } = plan;
  const method = plan.method ?? 'bayes';
  const created = START - plan.hoursAgo * 60 * MINUTE;
  const spacing = (plan.hoursAgo * 50 * MINUTE) / Math.max(1, nTrials);
  const trials = Array.from({ length: nTrials }, (_, index) =>
    makeTrial(
      world,
      plan,
      objectives,
      index,
      created + index * spacing,
      index >= nTrials - nRunning,
    ),
  );
  trials
    .filter(({ outcome }) => outcome === 'running')
    .forEach(({ run }, index) => {
      if (agents[index]) agents[index].run = run?.id ?? null;
    });
  const config = {
    ...(plan.display_name ? { name: plan.display_name } : {}),
    method,
    metric: { name: objectives[0].metric, goal: objectives[0].goal },
    ...(plan.run_cap === null ? {} : { run_cap: plan.run_cap }),
    early_terminate: { type: 'hyperband', min_iter: 3 },
    parameters: SPACE,
  };
  return {
    entity: 'ada',
    project: 'tuning',
    config: toYaml(config as JsonObject),
    parameters: PARAMETERS,
    agents,
    trials,
    body: {
      id: plan.id,
      display_name: plan.display_name,
      description:
        plan.id === 'k3x9p2qa' ? 'Around the best of the night, with less dropout' : null,
      state: plan.state,
      state_reason: plan.state_reason ?? null,
      method,
      objectives,
      run_cap: plan.run_cap,
      n_expected: method === 'grid' ? 12 : plan.run_cap,
      is_controlled: false,
      user: 'ada',
      created_at: iso(created),
      updated_at: iso(created),
      heartbeat_at: agents[0]?.heartbeat_at ?? null,
    },
  };
}

const logBetween = (low: number, high: number, at: number): number =>
  Number((low * (high / low) ** at).toPrecision(4));

function makeTrial(
  world: World,
  { id, display_name: _name }: SweepPlan,
  objectives: SweepObjective[],
  index: number,
  at: number,
  isRunning: boolean,
): Trial {
  const seed = index + id.charCodeAt(0) * 1000;
  // A search that learns: draws come together round a good place.
  const spread = Math.max(0.15, 1 - index / 60);
  const draw = (place: number, best: number): number => {
    const wide = hash(seed, 70, place);
    const near = Math.min(1, Math.max(0, best + (wide - 0.5) * spread));
    return hash(seed, 71, place) < 0.25 ? wide : near;
  };
  const lr = logBetween(1e-5, 0.1, draw(1, 0.55));
  const dropout = Number((0.6 * draw(2, 0.3)).toFixed(3));
  const depth = 2 + Math.round(22 * draw(3, 0.6));
  const config: JsonObject = {
    lr,
    batch_size: pick([32, 64, 128, 256], seed, 72),
    optimizer: hash(seed, 73) < 0.15 + spread / 2 ? pick(['sgd', 'lion'], seed, 74) : 'adamw',
    model: { depth, dropout },
    weight_decay: logBetween(1e-6, 0.01, draw(4, 0.4)),
    epochs: 40,
  };
  const penalty = config.optimizer === 'adamw' ? 0 : config.optimizer === 'lion' ? 0.05 : 0.16;
  const loss =
    0.18 +
    0.09 * (Math.log10(lr) + 2.9) ** 2 +
    0.5 * (dropout - 0.2) ** 2 +
    0.0006 * (depth - 15) ** 2 +
    penalty +
    0.02 * Math.abs(noise(seed, 75));
  const chance = index === 0 ? 0.5 : hash(seed, 76);
  const outcome: TrialOutcome = isRunning
    ? 'running'
    : chance > 0.985
      ? 'lost'
      : chance > 0.95
        ? 'failed'
        : chance > 0.72 && loss > 0.3
          ? 'stopped'
          : 'finished';
  const value = Number(loss.toPrecision(5));
  const run = world.addRun('ada', 'tuning', world.runsOf('ada', 'tuning').length, 0);
  const states: Partial<Record<TrialOutcome, RunState>> = {
    running: 'running',
    lost: 'crashed',
    failed: 'failed',
    stopped: 'killed',
  };
  const duration = outcome === 'stopped' ? 70 : outcome === 'failed' ? 12 : 240 + 100 * chance;
  const ended = isRunning ? null : iso(at + duration * 1000);
  Object.assign(run, {
    display_name: `${run.display_name.split('-')[0]}-sweep.${index + 1}`,
    state: states[outcome] ?? 'finished',
    sweep: id,
    config,
    created_at: iso(isRunning ? START - 3 * MINUTE : at),
    heartbeat_at: ended ?? iso(START),
    ended_at: ended,
    duration_s: duration,
    group: null,
    tags: [],
  } satisfies Partial<MockRun> & { sweep: string });
  const reached = (metric: string): number | string | null => {
    if (outcome === 'failed') return null;
    if (metric === 'size_mb') return Number((depth * 3.1 + 4).toPrecision(4));
    if (index % 97 === 96) return 'NaN';
    return metric === 'val/acc' ? Number((1 - value / 2.2).toPrecision(5)) : value;
  };
  return {
    number: index + 1,
    config,
    is_prior: false,
    attempt: outcome === 'finished' && chance < 0.02 ? 2 : 1,
    agent: `agent-${1 + (index % 2)}`,
    outcome,
    reason: reasonOf(outcome, value),
    values: objectives.map(({ metric }) => reached(metric)),
    issued_at: run.created_at,
    ended_at: ended,
    ...runOf(run),
  };
}

/** A trial keeps its run by id; the rest is looked up when it is asked for. */
const runOf = (run: MockRun): Pick<Trial, 'run'> => ({
  run: {
    id: run.id,
    display_name: run.display_name,
    number: run.number,
    state: run.state,
    color: run.color,
    created_at: run.created_at,
    duration_s: run.duration_s,
  },
});

function reasonOf(outcome: TrialOutcome, value: number): string | null {
  switch (outcome) {
    case 'stopped':
      return `hyperband: \`val/loss\` was ${value.toPrecision(3)} after 3 values, above 0.284 of the best third`;
    case 'failed':
      return 'its script ended with exit code 1';
    case 'lost':
      return 'its agent fell silent';
    default:
      return null;
  }
}

function countsOf(trials: Trial[]): TrialCounts {
  const count = (outcome: TrialOutcome): number =>
    trials.filter(trial => trial.outcome === outcome).length;
  return {
    total: trials.length,
    pending: count('pending'),
    running: count('running'),
    finished: count('finished'),
    stopped: count('stopped'),
    failed: count('failed'),
    lost: count('lost'),
    killed: count('killed'),
    prior: 0,
  };
}

function sweepBody(sweep: MockSweep): Sweep {
  const [objective] = sweep.body.objectives;
  const sign = objective?.goal === 'maximize' ? -1 : 1;
  const [best] = sweep.trials
    .filter(({ outcome, values }) => outcome === 'finished' && typeof values[0] === 'number')
    .toSorted((a, b) => sign * (Number(a.values[0]) - Number(b.values[0])));
  return {
    ...sweep.body,
    counts: countsOf(sweep.trials),
    best: best?.run ? { run: best.run.id, value: Number(best.values[0]) } : null,
    n_live_agents: sweep.agents.filter(({ state }) => state === 'running').length,
  };
}

const detailBody = (sweep: MockSweep): SweepDetail => ({
  ...sweepBody(sweep),
  config: sweep.config,
  parameters: sweep.parameters,
  agents: sweep.agents,
});

/** Lets the agents of running sweeps report, and their running trials end once in a while. */
function advance(world: World, sweep: MockSweep): void {
  const now = iso(Date.now());
  for (const agent of sweep.agents) if (agent.state === 'running') agent.heartbeat_at = now;
  const runs = new Map(world.runsOf(sweep.entity, sweep.project).map(run => [run.id, run]));
  sweep.trials = sweep.trials.map(trial => {
    const run = runs.get(trial.run?.id ?? '');
    return run ? { ...trial, ...runOf(run) } : { ...trial, run: null };
  });
}

/** `projects/{entity}/{project}/sweeps…` */
export async function projectSweeps(call: Call): Promise<unknown> {
  const { world, method, path, query, request } = call;
  const [, entity, project, , rest] = path;
  const mine = world.sweeps.filter(item => item.entity === entity && item.project === project);
  if (method === 'GET') {
    const items = mine.toReversed().map(sweepBody);
    const start = Number(query.get('cursor') ?? 0);
    const end = start + Number(query.get('limit') ?? 100);
    return {
      items: items.slice(start, end),
      total: items.length,
      next_cursor: end < items.length ? String(end) : null,
    };
  }
  const body = await bodyOf(request);
  if (rest === 'check') return checkConfig(String(body.config));
  if (rest === 'suggest') {
    const runs = world.runsOf(entity, project);
    return suggest(runs.filter(({ id }) => (body.runs as string[]).includes(id)));
  }
  const config = String(body.config);
  refuseProblems(checkConfig(config));
  const made = madeSweep(entity, project, config, world.sweeps.length);
  world.sweeps.push(made);
  return { sweep: sweepBody(made), warnings: [] };
}

function madeSweep(entity: string, project: string, config: string, nth: number): MockSweep {
  const read = readYaml(config) as JsonObject;
  const metric = read.metric as { name: string; goal?: 'minimize' | 'maximize' } | undefined;
  const now = iso(Date.now());
  return {
    entity,
    project,
    config,
    parameters: flatten(read.parameters as JsonObject),
    agents: [],
    trials: [],
    body: {
      id: `made${String(nth).padStart(4, '0')}`,
      display_name: typeof read.name === 'string' ? read.name : null,
      description: null,
      state: 'pending',
      state_reason: null,
      method: String(read.method),
      objectives: metric
        ? [{ metric: metric.name, goal: metric.goal ?? 'minimize', target: null }]
        : [],
      run_cap: typeof read.run_cap === 'number' ? read.run_cap : null,
      n_expected: typeof read.run_cap === 'number' ? read.run_cap : null,
      is_controlled: false,
      user: entity,
      created_at: now,
      updated_at: now,
      heartbeat_at: null,
    },
  };
}

function flatten(parameters: JsonObject, prefix = ''): SweepParameter[] {
  return Object.entries(parameters).flatMap(([name, spec]) => {
    const { distribution, parameters: inner, value } = spec as JsonObject;
    if (inner) return flatten(inner as JsonObject, `${prefix}${name}.`);
    const kind = value === undefined ? String(distribution ?? 'categorical') : 'constant';
    return [{ name: prefix + name, distribution: kind, is_log: kind.startsWith('log') }];
  });
}

function checkConfig(text: string): ConfigCheck {
  const problems: ConfigCheck['problems'] = [];
  let read: Json;
  try {
    read = readYaml(text);
  } catch (error) {
    return {
      problems: [{ path: '', message: String(error) }],
      n_more_problems: 0,
      warnings: [],
      n_expected: null,
    };
  }
  const config = read as JsonObject;
  const look = (parameters: JsonObject, prefix: string): void => {
    for (const [name, spec] of Object.entries(parameters)) {
      const { min, max, values, parameters: inner } = spec as JsonObject;
      const path = `${prefix}.${name}`;
      if (inner) look(inner as JsonObject, `${path}.parameters`);
      if (Array.isArray(values) && values.length === 0)
        problems.push({
          path: `${path}.values`,
          message: 'expected at least one value, found none',
        });
      if (typeof min === 'number' && typeof max === 'number' && min > max)
        problems.push({ path, message: `\`min\` is ${min}, which is above \`max\`, ${max}` });
    }
  };
  const parameters = config.parameters as JsonObject | undefined;
  if (!parameters || Object.keys(parameters).length === 0)
    problems.push({ path: 'parameters', message: 'expected at least one parameter' });
  else look(parameters, 'parameters');
  if (config.method === 'bayes' && !config.metric)
    problems.push({ path: 'metric', message: 'the method `bayes` needs a metric' });
  return {
    problems,
    n_more_problems: 0,
    warnings: 'programm' in config ? ['`programm` is no key of a sweep; is `program` meant?'] : [],
    n_expected: typeof config.run_cap === 'number' ? config.run_cap : null,
  };
}

function refuseProblems({ problems }: ConfigCheck): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ path, message }) => (path ? `\`${path}\`: ${message}` : message));
  throw new Refusal(422, 'invalid_value', lines.join('\n'));
}

function suggest(runs: MockRun[]): { n_runs: number; items: SuggestedParameter[] } {
  const found = new Map<string, Json[]>();
  const look = (config: JsonObject, prefix: string): void => {
    for (const [name, value] of Object.entries(config)) {
      if (value !== null && typeof value === 'object' && !Array.isArray(value))
        look(value, `${prefix}${name}.`);
      else found.set(prefix + name, [...(found.get(prefix + name) ?? []), value]);
    }
  };
  for (const { config } of runs) look(config, '');
  const items = [...found].map(([name, values]) => {
    const distinct = [...new Set(values.map(value => JSON.stringify(value)))];
    return {
      name,
      n_runs: values.length,
      n_distinct: distinct.length,
      parameter: suggestOne(distinct.map(text => JSON.parse(text) as Json)),
    };
  });
  return { n_runs: runs.length, items };
}

function suggestOne(values: Json[]): JsonObject {
  if (values.length === 1) return { value: values[0] };
  const numbers = values.filter(value => typeof value === 'number');
  if (numbers.length < values.length) return { values };
  if (values.length <= 5) return { values: numbers.toSorted((a, b) => a - b) };
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  if (numbers.every(Number.isInteger)) return { distribution: 'int_uniform', min, max };
  return { distribution: min > 0 && max / min > 20 ? 'log_uniform_values' : 'uniform', min, max };
}

/** `sweeps/{entity}/{project}/{sweep}…` */
export async function answerSweeps(call: Call): Promise<unknown> {
  const { world, path, method, query, request, username } = call;
  const [, entity, project, id, rest] = path;
  const role = projectRole(world, entity, project, username);
  const sweep = world.sweeps.find(
    item => item.entity === entity && item.project === project && item.body.id === id,
  );
  if (!role || !sweep)
    throw new Refusal(
      404,
      'sweep_not_found',
      `sweep \`${id}\` does not exist in \`${entity}/${project}\``,
    );
  if (method !== 'GET' && !canWrite(role))
    throw new Refusal(403, 'forbidden', `you have the role ${role}, this needs the role member`);
  advance(world, sweep);
  if (rest === 'trials') {
    const start = Number(query.get('cursor') ?? 0);
    const end = start + Number(query.get('limit') ?? 100);
    return {
      items: sweep.trials.slice(start, end),
      total: sweep.trials.length,
      next_cursor: end < sweep.trials.length ? String(end) : null,
    };
  }
  if (rest === 'importance') return importance(sweep, query.get('metric') ?? '');
  if (method === 'GET') return detailBody(sweep);
  if (method === 'DELETE') {
    world.sweeps = world.sweeps.filter(other => other !== sweep);
    return null;
  }
  const { config, ...change } = await bodyOf(request);
  if (typeof config === 'string') {
    refuseProblems(checkConfig(config));
    sweep.config = config;
  }
  if (change.display_name === 'refuse me')
    throw new Refusal(422, 'invalid_value', 'this name is refused');
  Object.assign(sweep.body, change);
  if (change.state === 'canceled' || change.state === 'finished') {
    for (const agent of sweep.agents) if (agent.state === 'running') agent.state = 'finished';
  }
  return { sweep: sweepBody(sweep), warnings: [] };
}

/** Correlations of ranks, and shares of them. */
function importance(sweep: MockSweep, metric: string): Importance {
  const place = sweep.body.objectives.findIndex(objective => objective.metric === metric);
  const rows = sweep.trials.filter(({ values }) => typeof values[place] === 'number');
  const reached = ranks(rows.map(({ values }) => Number(values[place])));
  const items = sweep.parameters
    .filter(({ distribution }) => distribution !== 'constant')
    .map(({ name }) => {
      const values = rows.map(({ config }) =>
        name.split('.').reduce<Json>((at, key) => (at as JsonObject)[key], config),
      );
      const isOrdered = values.every(value => typeof value === 'number');
      const correlation = isOrdered ? pearson(ranks(values.map(Number)), reached) : null;
      return { parameter: name, weight: 0.04 + (correlation ?? 0.42) ** 2, correlation };
    });
  const whole = items.reduce((sum, { weight }) => sum + weight, 0);
  return {
    n_runs: rows.length,
    items: items.map(({ parameter, weight, correlation }) => ({
      parameter,
      importance: weight / whole,
      correlation,
    })),
  };
}

function ranks(values: number[]): number[] {
  const order = values.map((value, index) => [value, index]).toSorted((a, b) => a[0] - b[0]);
  const found: number[] = [];
  order.forEach(([, index], rank) => (found[index] = rank));
  return found;
}

function pearson(a: number[], b: number[]): number {
  const mean = (values: number[]): number => values.reduce((x, y) => x + y, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const sum = (f: (index: number) => number): number => a.reduce((x, _, index) => x + f(index), 0);
  const both = sum(index => (a[index] - meanA) * (b[index] - meanB));
  const whole = Math.sqrt(sum(i => (a[i] - meanA) ** 2) * sum(i => (b[i] - meanB) ** 2));
  return whole === 0 ? 0 : both / whole;
}
