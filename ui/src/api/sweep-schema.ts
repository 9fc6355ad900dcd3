/** Shapes of the operations on sweeps. */
import type { components } from './generated';
import type { Answer, JsonObject } from './schema';

type Schemas = components['schemas'];
type With<T, Members> = Omit<T, keyof Members> & Members;

export type SweepState = Schemas['SweepState'];
export type TrialOutcome =
  | 'pending'
  | 'running'
  | 'finished'
  | 'stopped'
  | 'failed'
  | 'lost'
  | 'killed'
  /** Its run was deleted, and its config may be tried again. */
  | 'deleted';

export type SweepObjective = Answer<Schemas['SweepObjective']>;
export type TrialCounts = Answer<Schemas['TrialCounts']>;
export type Sweep = With<
  Answer<Schemas['Sweep']>,
  { objectives: SweepObjective[]; counts: TrialCounts; best: { run: string; value: number } | null }
>;
/** A parameter by its path; nested ones have dots. */
export type SweepParameter = Answer<Schemas['SweepParameter']>;
export type SweepAgent = Answer<Schemas['Agent']>;
export type SweepDetail = Sweep & {
  /** YAML or JSON, as it was given. */
  config: string;
  parameters: SweepParameter[];
  agents: SweepAgent[];
};
/** A sweep that was made or changed, and what is odd about its config. */
export type ChangedSweep = With<Schemas['ChangedSweep'], { sweep: Sweep }>;

export type TrialRun = Answer<Schemas['TrialRun']>;
export type Trial = With<
  Answer<Schemas['Trial']>,
  {
    run: TrialRun | null;
    config: JsonObject;
    outcome: TrialOutcome;
    /** Of the objectives, in their order; non-finite ones as text. */
    values: (number | string | null)[];
  }
>;

export type NewSweep = Partial<Schemas['NewSweep']> & Pick<Schemas['NewSweep'], 'config'>;
export type SweepPatch = {
  [K in keyof Schemas['SweepPatch']]?: NonNullable<Schemas['SweepPatch'][K]>;
};
/** What is wrong with a config; the path leads into it and is empty for the whole. */
export type ConfigProblem = Schemas['ConfigProblem'];
export type ConfigCheck = Answer<Schemas['ConfigCheck']>;
/** What earlier runs say about a key of their configs, and the parameter that it could be. */
export type SuggestedParameter = With<
  Answer<Schemas['SuggestedParameter']>,
  { parameter: JsonObject }
>;
export type Suggestion = With<Schemas['SweepSuggestion'], { items: SuggestedParameter[] }>;

/** How much a parameter matters: a share of the whole, and the correlation of ranks with the metric. */
export type ParameterImportance = Answer<Schemas['ParameterImportance']>;
export type Importance = With<Schemas['SweepImportance'], { items: ParameterImportance[] }>;
