/** Shapes of the operations on sweeps. */
import type { JsonObject, RunState } from './schema';

export type SweepState = 'pending' | 'running' | 'paused' | 'finished' | 'canceled';
export type SweepGoal = 'minimize' | 'maximize';
export type TrialOutcome =
  'pending' | 'running' | 'finished' | 'stopped' | 'failed' | 'lost' | 'killed' | 'deleted';

export interface SweepObjective {
  metric: string;
  goal: SweepGoal;
  target: number | null;
}

export interface TrialCounts {
  total: number;
  pending: number;
  running: number;
  finished: number;
  stopped: number;
  failed: number;
  lost: number;
  killed: number;
  prior: number;
}

export interface Sweep {
  id: string;
  display_name: string | null;
  description: string | null;
  state: SweepState;
  state_reason: string | null;
  method: string;
  objectives: SweepObjective[];
  run_cap: number | null;
  n_expected: number | null;
  counts: TrialCounts;
  best: { run: string; value: number } | null;
  is_controlled: boolean;
  n_live_agents: number;
  user: string | null;
  created_at: string;
  updated_at: string;
  heartbeat_at: string | null;
}

/** A parameter by its path; nested ones have dots. */
export interface SweepParameter {
  name: string;
  distribution: string;
  is_log: boolean;
}

export interface SweepAgent {
  name: string;
  host: string;
  state: 'running' | 'finished' | 'lost';
  user: string | null;
  n_trials: number;
  run: string | null;
  created_at: string;
  heartbeat_at: string;
}

export interface SweepDetail extends Sweep {
  /** YAML or JSON, as it was given. */
  config: string;
  parameters: SweepParameter[];
  agents: SweepAgent[];
}

/** A sweep that was made or changed, and what is odd about its config. */
export interface ChangedSweep {
  sweep: Sweep;
  warnings: string[];
}

export interface TrialRun {
  id: string;
  display_name: string;
  number: number;
  state: RunState;
  color: string | null;
  created_at: string;
  duration_s: number;
}

export interface Trial {
  number: number;
  run: TrialRun | null;
  /** Nested parameters under their first key. */
  config: JsonObject;
  attempt: number;
  agent: string | null;
  outcome: TrialOutcome;
  reason: string | null;
  /** Of the objectives, in their order. */
  values: (number | string | null)[];
  issued_at: string;
  ended_at: string | null;
}

export interface ParameterImportance {
  parameter: string;
  /** All of them add up to 1. */
  importance: number;
  /** Of ranks with the metric; null for what has no order. */
  correlation: number | null;
}

export interface Importance {
  metric: string;
  n_runs: number;
  items: ParameterImportance[];
}

export interface NewSweep {
  /** YAML or JSON. */
  config: string;
  display_name?: string;
  description?: string;
  /** Runs that count as tried. */
  prior_runs?: string[];
}

export interface SweepPatch {
  state?: Exclude<SweepState, 'pending'>;
  display_name?: string;
  description?: string;
  config?: string;
}

/** What is wrong with a config; the path leads into it and is empty for the whole. */
export interface ConfigProblem {
  path: string;
  message: string;
}

export interface ConfigCheck {
  problems: ConfigProblem[];
  /** Besides those that are listed. */
  n_more_problems: number;
  warnings: string[];
  /** How many runs there would be; null if it goes on until it is stopped. */
  n_expected: number | null;
}

/** What earlier runs say about a key of their configs, and the parameter that it could be. */
export interface SuggestedParameter {
  name: string;
  n_runs: number;
  n_distinct: number;
  parameter: JsonObject;
}

export interface Suggestion {
  n_runs: number;
  items: SuggestedParameter[];
}
