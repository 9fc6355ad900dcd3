use ballast_model::RunState;
use ballast_model::json::Map;
use ballast_tracking::runs::{ParentRun, Run};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Time;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RunState)]
pub(crate) enum RunStateName {
    /// Made ahead of its process.
    Pending,
    /// Its process reports.
    Running,
    /// Its process was told that it will be preempted.
    Preempting,
    /// It was preempted before it ended.
    Preempted,
    /// It ended with exit code 0.
    Finished,
    /// It ended with another exit code.
    Failed,
    /// It was interrupted.
    Killed,
    /// Its process fell silent.
    Crashed,
}

impl From<RunState> for RunStateName {
    fn from(state: RunState) -> Self {
        match state {
            RunState::Pending => Self::Pending,
            RunState::Running => Self::Running,
            RunState::Preempting => Self::Preempting,
            RunState::Preempted => Self::Preempted,
            RunState::Finished => Self::Finished,
            RunState::Failed => Self::Failed,
            RunState::Killed => Self::Killed,
            RunState::Crashed => Self::Crashed,
        }
    }
}

impl From<RunStateName> for RunState {
    fn from(name: RunStateName) -> Self {
        match name {
            RunStateName::Pending => Self::Pending,
            RunStateName::Running => Self::Running,
            RunStateName::Preempting => Self::Preempting,
            RunStateName::Preempted => Self::Preempted,
            RunStateName::Finished => Self::Finished,
            RunStateName::Failed => Self::Failed,
            RunStateName::Killed => Self::Killed,
            RunStateName::Crashed => Self::Crashed,
        }
    }
}

/// Where a forked run left its parent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParentRun)]
pub(crate) struct ParentRunBody {
    /// The parent's id; null if it was purged.
    run: Option<String>,
    /// The last step that was inherited.
    step: i64,
}

impl From<ParentRun> for ParentRunBody {
    fn from(parent: ParentRun) -> Self {
        Self {
            run: parent.run.map(|run| run.to_string()),
            step: parent.step,
        }
    }
}

/// A run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Run)]
pub(crate) struct RunBody {
    /// The short id in addresses.
    #[schema(example = "3k2j9x")]
    id: String,
    /// The title for people.
    #[schema(example = "brisk-otter-41")]
    display_name: String,
    /// The run's place in its project, from 1; never given twice.
    #[schema(example = 41)]
    number: u64,
    /// Where it stands.
    state: RunStateName,
    /// Exit code, once its process ended.
    exit_code: Option<i32>,
    /// When it was made.
    created_at: Time,
    /// When its process last reported.
    heartbeat_at: Time,
    /// When it ended.
    ended_at: Option<Time>,
    /// Seconds from its start to its end, or to its last report while it lives.
    duration_s: f64,
    /// Who started it; null if that user is gone.
    user: Option<String>,
    /// The group its script put it in.
    group: Option<String>,
    /// What it did, such as `train` or `eval`.
    job_type: Option<String>,
    /// Tags, in the order they were set.
    tags: Vec<String>,
    /// Notes of its people.
    notes: Option<String>,
    /// The colour that someone chose for it; null leaves it to the palette.
    #[schema(example = "#1f77b4")]
    color: Option<String>,
    /// Whether someone asked its process to stop.
    stop_requested: bool,
    /// When it was put into the bin.
    deleted_at: Option<Time>,
    /// Lines of its history, unreadable ones included.
    n_history_rows: u64,
    /// Lines of its system metrics.
    n_system_rows: u64,
    /// Console lines.
    n_console_lines: u64,
    /// Lines that could not be read.
    n_problems: u64,
    /// The run that it was forked from.
    parent: Option<ParentRunBody>,
    /// The id of the sweep that it belongs to.
    sweep: Option<String>,
    /// Last or aggregated values, nested as logged.
    #[schema(value_type = Object)]
    summary: Map,
    /// Inputs, by key.
    #[schema(value_type = Object)]
    config: Map,
}

impl From<Run> for RunBody {
    fn from(run: Run) -> Self {
        Self {
            duration_s: run.duration_s(),
            id: run.id.to_string(),
            display_name: run.display_name,
            number: run.number,
            state: run.state.into(),
            exit_code: run.exit_code,
            created_at: run.created_at.into(),
            heartbeat_at: run.heartbeat_at.into(),
            ended_at: run.ended_at.map(Time),
            user: Some(run.user).filter(|user| !user.is_empty()),
            group: run.group,
            job_type: run.job_type,
            tags: run.tags,
            notes: run.notes,
            color: run.color,
            stop_requested: run.stop_requested,
            deleted_at: run.deleted_at.map(Time),
            n_history_rows: run.n_history_rows,
            n_system_rows: run.n_system_rows,
            n_console_lines: run.n_console_lines,
            n_problems: run.n_problems,
            parent: run.parent.map(ParentRunBody::from),
            sweep: run.sweep,
            summary: run.summary,
            config: run.config,
        }
    }
}
