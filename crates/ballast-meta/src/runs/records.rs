//! What a run is made of.

use ballast_model::{ProjectKey, RunId, RunKey, RunState, Tag, Timestamp, UserKey};

/// A position in the feed of changes of runs. Grows; gaps mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub i64);

/// The documents of a run: lenient JSON texts, kept exactly as given. Empty if never set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunDocuments {
    /// The inputs of the run.
    pub config: String,
    /// The last or aggregated values of metrics.
    pub summary: String,
    /// What the client keeps about itself.
    pub sdk_state: String,
    /// How metrics are drawn and summarised.
    pub metric_definitions: String,
    /// The custom charts of the run.
    pub custom_charts: String,
    /// Machine, program, packages.
    pub environment: String,
}

/// A run without its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHead {
    /// The storage key.
    pub key: RunKey,
    /// The project.
    pub project: ProjectKey,
    /// The short id in URLs, unique in the project.
    pub run_id: RunId,
    /// The ordinal in the project, from 1; never used twice.
    pub number: u64,
    /// The title.
    pub display_name: String,
    /// Where the run stands.
    pub state: RunState,
    /// The exit code of the process, once it ended.
    pub exit_code: Option<i32>,
    /// The notes.
    pub notes: Option<String>,
    /// The tags, in the order they were given, without repetition.
    pub tags: Vec<Tag>,
    /// The group.
    pub group: Option<String>,
    /// The job type.
    pub job_type: Option<String>,
    /// The name of the machine.
    pub host: Option<String>,
    /// The remote of the code.
    pub git_remote: Option<String>,
    /// The commit of the code.
    pub git_commit: Option<String>,
    /// The program.
    pub program: Option<String>,
    /// The sweep's name.
    pub sweep: Option<String>,
    /// Who made the run; `None` once that user is deleted.
    pub user: Option<UserKey>,
    /// The colour that a user gave it.
    pub color: Option<String>,
    /// The run it was forked from; `None` if that run is purged.
    pub parent: Option<RunKey>,
    /// The step it was forked at.
    pub parent_step: Option<i64>,
    /// Whether a user asked it to stop.
    pub stop_requested: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its process last reported.
    pub heartbeat_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it was put into the bin.
    pub deleted_at: Option<Timestamp>,
    /// When anything of it was last written.
    pub updated_at: Timestamp,
    /// The position of its last write in the feed of changes.
    pub revision: Revision,
    /// How many lines its history has.
    pub history_lines: u64,
    /// How many lines its system metrics have.
    pub system_lines: u64,
    /// How many lines its console has.
    pub console_lines: u64,
    /// How many of its lines could not be read.
    pub n_problems: u64,
}

/// A run with its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Everything but the documents.
    pub head: RunHead,
    /// The documents.
    pub documents: RunDocuments,
}

/// What says which keys a run logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRun {
    /// The storage key.
    pub key: RunKey,
    /// The short id in URLs, unique in the project.
    pub run_id: RunId,
    /// The position of its last write in the feed of changes.
    pub revision: Revision,
    /// How metrics are drawn and summarised; empty if never set.
    pub metric_definitions: String,
}

/// A run to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// The project.
    pub project: ProjectKey,
    /// The short id.
    pub run_id: RunId,
    /// The title.
    pub display_name: String,
    /// Where the run stands.
    pub state: RunState,
    /// The documents.
    pub documents: RunDocuments,
    /// The notes.
    pub notes: Option<String>,
    /// The tags. Repetitions are dropped.
    pub tags: Vec<Tag>,
    /// The group.
    pub group: Option<String>,
    /// The job type.
    pub job_type: Option<String>,
    /// The name of the machine.
    pub host: Option<String>,
    /// The remote of the code.
    pub git_remote: Option<String>,
    /// The commit of the code.
    pub git_commit: Option<String>,
    /// The program.
    pub program: Option<String>,
    /// The sweep's name.
    pub sweep: Option<String>,
    /// Who makes the run.
    pub user: Option<UserKey>,
    /// The run it is forked from.
    pub parent: Option<RunKey>,
    /// The step it is forked at.
    pub parent_step: Option<i64>,
    /// Now: the time of creation and the first heartbeat.
    pub created_at: Timestamp,
}

impl NewRun {
    /// A run with nothing but what it must have, titled by its id.
    pub fn new(project: ProjectKey, run_id: RunId, state: RunState, created_at: Timestamp) -> Self {
        Self {
            project,
            display_name: run_id.as_str().to_owned(),
            run_id,
            state,
            documents: RunDocuments::default(),
            notes: None,
            tags: Vec::new(),
            group: None,
            job_type: None,
            host: None,
            git_remote: None,
            git_commit: None,
            program: None,
            sweep: None,
            user: None,
            parent: None,
            parent_step: None,
            created_at,
        }
    }
}

/// What to change on a run: `None` leaves a field, `Some(None)` empties one that may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunPatch {
    /// The title.
    pub display_name: Option<String>,
    /// Where the run stands.
    pub state: Option<RunState>,
    /// The exit code.
    pub exit_code: Option<Option<i32>>,
    /// The config.
    pub config: Option<String>,
    /// The summary.
    pub summary: Option<String>,
    /// What the client keeps about itself.
    pub sdk_state: Option<String>,
    /// How metrics are drawn and summarised.
    pub metric_definitions: Option<String>,
    /// The custom charts.
    pub custom_charts: Option<String>,
    /// Machine, program, packages.
    pub environment: Option<String>,
    /// The notes.
    pub notes: Option<Option<String>>,
    /// The tags. Repetitions are dropped.
    pub tags: Option<Vec<Tag>>,
    /// The group.
    pub group: Option<Option<String>>,
    /// The job type.
    pub job_type: Option<Option<String>>,
    /// The name of the machine.
    pub host: Option<Option<String>>,
    /// The remote of the code.
    pub git_remote: Option<Option<String>>,
    /// The commit of the code.
    pub git_commit: Option<Option<String>>,
    /// The program.
    pub program: Option<Option<String>>,
    /// The sweep's name.
    pub sweep: Option<Option<String>>,
    /// The colour.
    pub color: Option<Option<String>>,
    /// The run it was forked from.
    pub parent: Option<Option<RunKey>>,
    /// The step it was forked at.
    pub parent_step: Option<Option<i64>>,
    /// Whether a user asked it to stop.
    pub stop_requested: Option<bool>,
    /// When its process last reported.
    pub heartbeat_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Option<Timestamp>>,
    /// When it was put into the bin.
    pub deleted_at: Option<Option<Timestamp>>,
    /// How many lines its history has.
    pub history_lines: Option<u64>,
    /// How many lines its system metrics have.
    pub system_lines: Option<u64>,
    /// How many lines its console has.
    pub console_lines: Option<u64>,
    /// How many of its lines could not be read.
    pub n_problems: Option<u64>,
}

/// Which runs of a project. Conditions are joined by *and*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFilter {
    /// The project.
    pub project: ProjectKey,
    /// The runs in the bin, or the others.
    pub deleted: bool,
    /// A text that the display name or the run id contains, in any case.
    pub search: Option<String>,
    /// Any of these states; empty: any state.
    pub states: Vec<RunState>,
    /// All of these tags.
    pub tags: Vec<Tag>,
}

impl RunFilter {
    /// All runs of `project` that are not in the bin.
    pub fn all(project: ProjectKey) -> Self {
        Self {
            project,
            deleted: false,
            search: None,
            states: Vec::new(),
            tags: Vec::new(),
        }
    }
}

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunQuery {
    /// Which runs.
    pub filter: RunFilter,
    /// Only runs that come after the one with this number, in the order asked for.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: u64,
    /// By number, descending instead of ascending.
    pub newest_first: bool,
}

/// A run that was deleted for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgedRun {
    /// The key that the run had.
    pub run: RunKey,
    /// The project that it was in.
    pub project: ProjectKey,
}

/// What changed since a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunChanges {
    /// The runs written since, each once as it is now, also those in the bin, by revision.
    pub heads: Vec<RunHead>,
    /// The runs deleted for good since.
    pub purged: Vec<PurgedRun>,
    /// Where to go on from.
    pub next: Revision,
    /// Whether there is more to read right away, because the limit cut it off.
    pub more: bool,
}
