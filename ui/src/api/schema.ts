/**
 * Shapes of the native API (`/api/v1`), from the types generated from its OpenAPI document. What is any JSON there gets
 * its type here, and what may be null is always present in answers.
 */
import type { components, operations } from './generated';

type Schemas = components['schemas'];
/** What an operation takes behind the `?` of its address. */
type Query<Operation extends keyof operations> = NonNullable<
  operations[Operation]['parameters']['query']
>;

/** JSON as logged; non-finite numbers are the strings `NaN`, `Infinity` and `-Infinity`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Answers hold every member; one without a value is null. */
export type Answer<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };
type With<T, Members> = Omit<T, keyof Members> & Members;

export interface List<T> {
  items: T[];
}

export interface Page<T> extends List<T> {
  next_cursor: string | null;
  total: number | null;
}

export type ServerInfo = Answer<Schemas['Server']>;
export type Me = Answer<Schemas['Me']>;
export type User = Answer<Schemas['User']>;
export type NewUser = Schemas['NewUser'];
export type PasswordChange = Schemas['PasswordChange'];
export type ApiKey = Answer<Schemas['ApiKey']>;
/** The only answer that ever holds a key's text. */
export type NewApiKey = Answer<Schemas['NewApiKey']>;
export type Project = Answer<Schemas['Project']>;
export type ProjectPatch = Schemas['ProjectPatch'];
export type RunState = Schemas['RunState'];
export type Run = With<
  Answer<Schemas['Run']>,
  {
    summary: JsonObject;
    config: JsonObject;
    parent: { run: string | null; step: number } | null;
  }
>;
export type RunPatch = Partial<Schemas['RunPatch']>;
export type ProjectKey = Answer<Schemas['ProjectKey']>;
/** A run that is left out of an answer about several, because its stored rows are damaged. */
export type RunError = Schemas['RunError'];
export type ProjectKeyPage = Page<ProjectKey> & { errors: RunError[] };
export type KeysQuery = Query<'list_project_keys'>;
export type DownloadQuery = Query<'download_rows'>;
export type RunKey = With<Answer<Schemas['RunKey']>, { last: Json }>;
export type CustomChart = Answer<Schemas['CustomChart']>;
export type Stream = 'history' | 'system';
export type Axis = Schemas['Axis'];
export type Smoothing = Schemas['Smoothing'];
export type SmoothingKind = Schemas['SmoothingKind'];
export type SeriesRequest = With<Schemas['SeriesRequest'], { stream: Stream }>;
export type HistoryRow = With<Answer<Schemas['Row']>, { values: Record<string, Json> }>;
export type RowsQuery = Query<'list_rows'>;
export type ConsoleLine = Answer<Schemas['ConsoleLine']>;
export type ConsolePage = With<
  Answer<Schemas['ConsolePage']>,
  { items: ConsoleLine[]; n_matches?: number; next_from?: number }
>;
export type ConsoleQuery = Query<'list_console_lines'>;
export type RunFile = Answer<Schemas['File']>;
export type Problem = Answer<Schemas['Problem']>;
export type Alert = Answer<Schemas['Alert']>;
export type ChartDefinition = With<Answer<Schemas['ChartDefinition']>, { spec: Json }>;
export type LiveRun = Answer<Schemas['LiveRun']>;
export type LiveProject = Schemas['LiveProject'];
export type ErrorBody = With<Answer<Schemas['Error']>, { request_id: string | null }>;

/** What a run ran on. Machine facts have the names their client gave them; these are the usual ones. */
export interface Environment {
  os?: string | null;
  python?: string | null;
  host?: string | null;
  program?: string | null;
  /** Interpreter, program and arguments as a line to paste into a shell. */
  command?: string | null;
  client?: string | null;
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

export type RunDetail = Run & {
  environment: Environment;
  metric_definitions: Schemas['MetricDefinition'][];
  custom_charts: Record<string, CustomChart>;
};

export type ArtifactType = Answer<Schemas['ArtifactType']>;
/** A version where it is only mentioned. */
export type ShortVersion = Answer<Schemas['ShortVersion']>;
export type Collection = With<
  Answer<Schemas['Collection']>,
  {
    latest: ShortVersion | null;
    /** Its members are versions of its own, or links to versions of others. */
    kind: 'versions' | 'links';
  }
>;
export type CollectionPatch = Partial<Schemas['CollectionPatch']>;
export type RunReference = Answer<Schemas['RunReference']>;
export type Version = With<
  Answer<Schemas['Version']>,
  {
    metadata: JsonObject;
    logged_by: RunReference | null;
    source: Answer<Schemas['LinkedVersion']> | null;
  }
>;
export type VersionPatch = With<Partial<Schemas['VersionPatch']>, { metadata?: JsonObject }>;
export type VersionEvent = Answer<Schemas['VersionEvent']>;
export type ArtifactFile = Answer<Schemas['ArtifactFile']>;
export type RunArtifacts = { used: Version[]; logged: Version[] };
/** Rows `from` on of a table file; fewer than were asked for if they are wide. */
export type TableRows = With<Answer<Schemas['TableRows']>, { items: Json[][] }>;
/** A run or a version in an answer about lineage. */
export type LineageNode = With<
  Answer<Schemas['LineageNode']>,
  { run: RunReference | null; artifact: ShortVersion | null }
>;
/** In the direction of data: from a version to a run that used it, from a run to a version it logged. */
export type LineageEdge = Answer<Schemas['LineageEdge']>;
export type Lineage = With<
  Answer<Schemas['Lineage']>,
  { nodes: LineageNode[]; edges: LineageEdge[] }
>;
export type DiffSectionName = Schemas['DiffSectionName'];
export type DiffChange = Schemas['DiffChange'];
export type DiffEntry = With<Answer<Schemas['DiffEntry']>, { left: Json; right: Json }>;
export type DiffSection = With<Answer<Schemas['DiffSection']>, { entries: DiffEntry[] }>;
/** A difference that may explain those downstream of it, or that is explained by one. */
export type DiffFinding = With<
  Answer<Schemas['DiffFinding']>,
  {
    left: Json;
    right: Json;
    left_node: LineageNode | null;
    right_node: LineageNode | null;
    files: DiffEntry[];
  }
>;
export type DiffAlignment = With<
  Answer<Schemas['DiffAlignment']>,
  { left: LineageNode | null; right: LineageNode | null }
>;
export type Diff = With<
  Answer<Schemas['Diff']>,
  {
    left: LineageNode;
    right: LineageNode;
    first_differences: DiffFinding[];
    sections: DiffSection[];
    lineage: DiffAlignment[];
  }
>;
