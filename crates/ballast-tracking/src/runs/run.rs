//! A run as the operations give it out.

use ballast_model::json::{Map, Value};
use ballast_model::{
    CustomChart, EntityName, Environment, MetricDefinition, ProjectKey, ProjectName, RunId, RunKey,
    RunPath, RunState, Timestamp,
};
use indexmap::IndexMap;

/// A run with everything that is stored about it except its rows and files.
#[derive(Debug, Clone)]
pub struct Run {
    /// Storage key.
    pub key: RunKey,
    /// Storage key of the project.
    pub project_key: ProjectKey,
    /// The owner of the project.
    pub entity: EntityName,
    /// The project.
    pub project: ProjectName,
    /// The short id in URLs.
    pub id: RunId,
    /// The run's place in its project, from 1; never given twice.
    pub number: u64,
    /// The title for people.
    pub display_name: String,
    /// Where the run stands.
    pub state: RunState,
    /// Exit code, once the process ended.
    pub exit_code: Option<i32>,
    /// Inputs, by top-level key.
    pub config: Map,
    /// Last or aggregated values.
    pub summary: Map,
    /// What the client library keeps with the run for itself, opaque to everyone else.
    pub sdk_state: Value,
    /// What the script declared about its metrics.
    pub metric_definitions: Vec<MetricDefinition>,
    /// Charts that the script described, by name.
    pub custom_charts: IndexMap<String, CustomChart>,
    /// Machine, code and packages.
    pub environment: Environment,
    /// Notes of its people.
    pub notes: Option<String>,
    /// Tags, in the order they were set.
    pub tags: Vec<String>,
    /// The group the script put it in.
    pub group: Option<String>,
    /// What it did, such as `train` or `eval`.
    pub job_type: Option<String>,
    /// Host name.
    pub host: Option<String>,
    /// Git remote.
    pub git_remote: Option<String>,
    /// Git commit.
    pub git_commit: Option<String>,
    /// The script.
    pub program: Option<String>,
    /// The sweep that it belongs to.
    pub sweep: Option<String>,
    /// The username of whoever started it; empty if that user is gone.
    pub user: String,
    /// The colour that someone chose for it, as `#rrggbb`.
    pub color: Option<String>,
    /// The run and step that it was forked from.
    pub parent: Option<ParentRun>,
    /// Whether someone asked its process to stop.
    pub stop_requested: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its process last reported.
    pub heartbeat_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it was put into the bin.
    pub deleted_at: Option<Timestamp>,
    /// Lines of its history, unreadable ones included.
    pub n_history_rows: u64,
    /// Lines of its system metrics.
    pub n_system_rows: u64,
    /// Console lines.
    pub n_console_lines: u64,
    /// Lines that could not be read.
    pub n_problems: u64,
}

/// Where a forked run left its parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParentRun {
    /// The parent, if it still exists.
    pub run: Option<RunId>,
    /// The last step that was inherited.
    pub step: i64,
}

impl Run {
    /// The full name.
    pub fn path(&self) -> RunPath {
        RunPath {
            entity: self.entity.clone(),
            project: self.project.clone(),
            run: self.id.clone(),
        }
    }

    /// Seconds from the start to the end, or to the last report while it lives.
    pub fn duration_s(&self) -> f64 {
        let end = self.ended_at.unwrap_or(self.heartbeat_at);
        end.duration_since(self.created_at).as_secs_f64().max(0.0)
    }
}
