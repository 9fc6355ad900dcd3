/** Shapes of the native API (`/api/v1`). Times are RFC 3339 in UTC. */

export interface ServerInfo {
  version: string;
  has_users_with_password: boolean;
}

export interface Me {
  username: string;
  entity: string;
  email: string | null;
  admin: boolean;
  has_password: boolean;
}

export interface User {
  username: string;
  email: string | null;
  admin: boolean;
  created_at: string;
}

export interface ApiKey {
  id: string;
  name: string;
  hint: string;
  created_at: string;
  last_used_at: string | null;
}

/** The only answer that ever holds a key's text. */
export interface NewApiKey {
  id: string;
  name: string;
  hint: string;
  created_at: string;
  key: string;
}

export interface Project {
  entity: string;
  name: string;
  description: string | null;
  n_runs: number;
  n_live_runs: number;
  created_at: string;
  last_activity_at: string | null;
  /** Runs started on each of the last 30 days, oldest first. */
  activity: number[];
}

export type RunState =
  'pending' | 'running' | 'finished' | 'failed' | 'crashed' | 'killed' | 'preempting' | 'preempted';

/** JSON as logged; non-finite numbers are the strings `NaN`, `Infinity` and `-Infinity`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Run {
  id: string;
  display_name: string;
  number: number;
  state: RunState;
  exit_code: number | null;
  created_at: string;
  heartbeat_at: string;
  ended_at: string | null;
  duration_s: number;
  user: string | null;
  group: string | null;
  job_type: string | null;
  tags: string[];
  notes: string | null;
  /** Hex colour chosen by a person; null means the palette decides by `number`. */
  color: string | null;
  stop_requested: boolean;
  deleted_at: string | null;
  n_history_rows: number;
  n_system_rows: number;
  n_console_lines: number;
  n_problems: number;
  parent: { run: string; step: number } | null;
  summary: JsonObject;
  config: JsonObject;
}

export interface Environment {
  os?: string | null;
  python?: string | null;
  host?: string | null;
  program?: string | null;
  command?: string | null;
  args?: string[] | null;
  git_remote?: string | null;
  git_commit?: string | null;
  cpu_count?: number | null;
  gpu?: string | null;
  gpu_count?: number | null;
  memory_bytes?: number | null;
  cuda?: string | null;
  executable?: string | null;
  packages?: string[] | null;
}

export interface CustomChart {
  /** `wandb/line/v0` and the like, or `entity/name` of a stored definition. */
  definition: string;
  fields: Record<string, string | null>;
  strings: Record<string, string | null>;
  table_key: string;
}

export interface RunDetail extends Run {
  environment: Environment;
  metric_definitions: JsonObject[];
  custom_charts: Record<string, CustomChart>;
}

export interface RunPatch {
  display_name?: string;
  notes?: string;
  tags?: string[];
  group?: string;
  color?: string | null;
}

/** A history key over all runs of a project. `kinds` holds value kinds and media `_type`s. */
export interface ProjectKey {
  name: string;
  label: string;
  kinds: string[];
  n_runs: number;
  count: number;
  step_metric: string | null;
  hidden: boolean;
  goal: 'minimize' | 'maximize' | null;
}

export interface RunKey {
  name: string;
  label: string;
  kinds: string[];
  count: number;
  first_step: number | null;
  last_step: number | null;
  min: number | null;
  max: number | null;
  last: Json;
}

export type Stream = 'history' | 'system';

export interface Axis {
  kind: 'step' | 'runtime' | 'time' | 'metric';
  name?: string;
}

export interface SeriesRequest {
  runs: string[];
  keys: string[];
  stream: Stream;
  axis: Axis;
  min?: number;
  max?: number;
  columns: number;
}

export interface HistoryRow {
  step: number;
  runtime: number | null;
  time: number | null;
  values: Record<string, Json>;
}

export interface ConsoleLine {
  number: number;
  time: string | null;
  level: string | null;
  label: string | null;
  text: string;
}

export interface ConsolePage {
  items: ConsoleLine[];
  total: number;
  n_matches?: number;
}

export interface RunFile {
  path: string;
  size_bytes: number;
  mime_type: string | null;
  md5: string | null;
  updated_at: string;
}

export interface Problem {
  stream: string;
  line: number;
  reason: string;
  excerpt: string;
  at: string;
}

export interface Alert {
  title: string;
  text: string;
  severity: 'INFO' | 'WARN' | 'ERROR' | string;
  created_at: string;
}

export interface ChartDefinition {
  name: string;
  display_name: string | null;
  kind: string | null;
  spec: string | JsonObject;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total?: number;
}

export interface List<T> {
  items: T[];
}

export interface LiveRun {
  entity: string;
  project: string;
  id: string;
  state: RunState;
  display_name: string;
  n_history_rows: number;
  n_system_rows: number;
  n_console_lines: number;
  summary_revision: number;
  heartbeat_at: string;
  deleted: boolean;
}

export interface LiveProject {
  entity: string;
  project: string;
}

export interface ErrorBody {
  code: string;
  message: string;
  hint: string | null;
  request_id: string | null;
}
