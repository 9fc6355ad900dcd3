/** Shapes of the native API about artifacts, their lineage and what differs between two. */
import type { Json, JsonObject, Page, RunState } from './schema';

export interface ArtifactType {
  name: string;
  description: string | null;
  n_collections: number;
}

/** One version where it is only mentioned. */
export interface VersionShort {
  entity: string;
  project: string;
  collection: string;
  type: string;
  /** `v` and a number. */
  version: string;
  aliases: string[];
  digest: string;
  n_files: number;
  size_bytes: number;
  created_at: string;
  state: string;
}

export interface Collection {
  entity: string;
  project: string;
  name: string;
  type: string;
  /** Its members are versions of its own, or links to versions of others. */
  kind: 'versions' | 'links';
  description: string;
  tags: string[];
  n_versions: number;
  latest: VersionShort | null;
  size_bytes: number;
  created_at: string;
  updated_at: string;
}

export interface LoggedRun {
  entity: string;
  project: string;
  run: string;
  name: string;
  state: RunState;
  created_at: string;
}

export interface VersionRef {
  entity: string;
  project: string;
  collection: string;
  /** A version or an alias. */
  version: string;
}

export interface Version extends VersionShort {
  tags: string[];
  description: string;
  metadata: JsonObject;
  /** Seconds after which it is deleted; null keeps it. */
  ttl_s: number | null;
  updated_at: string;
  logged_by: LoggedRun | null;
  used_by_count: number;
  /** What a linked version links to. */
  source: VersionRef | null;
}

export interface VersionPatch {
  description?: string;
  metadata?: JsonObject;
  ttl_s?: number | null;
  add_aliases?: string[];
  remove_aliases?: string[];
  tags?: string[];
}

export interface CollectionPatch {
  name?: string;
  description?: string;
  tags?: string[];
}

export interface ArtifactFile {
  path: string;
  size_bytes: number;
  mime_type: string | null;
  md5: string | null;
  /** Where a file lies that is not stored here. */
  reference: string | null;
}

export interface TableRows {
  columns: { name: string; type: string }[];
  items: Json[][];
  from: number;
  total: number | null;
  has_more: boolean;
}

export interface VersionEvent {
  at: string;
  kind: string;
  by: string | null;
  detail: string | null;
}

export interface RunArtifacts {
  used: (Version & { used_as: string | null })[];
  logged: Version[];
}

/** A run or a version in an answer about lineage. */
export interface LineageNode {
  id: string;
  kind: 'run' | 'artifact';
  /** Steps from the focus, negative upstream. */
  depth: number;
  run: (LoggedRun & { job_type: string | null; group: string | null }) | null;
  artifact: VersionShort | null;
  /** Neighbours that are not in the answer. */
  hidden_up: number;
  hidden_down: number;
}

/** In the direction of data: from a version to a run that used it, from a run to a version it logged. */
export interface LineageEdge {
  from: string;
  to: string;
  used_as: string | null;
}

export interface Lineage {
  focus: string;
  nodes: LineageNode[];
  edges: LineageEdge[];
  truncated: boolean;
  n_nodes_total: number | null;
  /** Neighbours in projects that the reader may not see. */
  n_hidden: number;
}

export type DiffSectionName =
  | 'config'
  | 'summary'
  | 'command'
  | 'git'
  | 'code'
  | 'environment'
  | 'packages'
  | 'inputs'
  | 'metadata'
  | 'files';

export type Change = 'added' | 'removed' | 'changed';

export interface DiffEntry {
  key: string;
  change: Change;
  left: Json;
  right: Json;
  /** Where the texts of a code file or patch can be read. */
  left_text_url: string | null;
  right_text_url: string | null;
  left_size_bytes: number | null;
  right_size_bytes: number | null;
}

export interface DiffSection {
  name: DiffSectionName;
  n_same: number;
  n_different: number;
  entries: DiffEntry[];
  truncated: boolean;
}

/** A difference upstream that may explain those downstream. */
export interface Finding {
  /** Steps upstream of what is compared. */
  depth: number;
  section: DiffSectionName;
  key: string;
  change: Change;
  left: Json;
  right: Json;
  left_node: LineageNode | null;
  right_node: LineageNode | null;
  message: string;
}

export interface AlignedStep {
  depth: number;
  /** What aligns the two: a collection or the role of a run. */
  name: string;
  left: LineageNode | null;
  right: LineageNode | null;
  state: 'same' | 'changed' | 'only_left' | 'only_right';
  n_differences: number;
}

export interface Diff {
  left: LineageNode;
  right: LineageNode;
  first_differences: Finding[];
  sections: DiffSection[];
  lineage: AlignedStep[];
}

export type CollectionPage = Page<Collection>;
export type VersionPage = Page<Version>;
export type ArtifactFilePage = Page<ArtifactFile>;
