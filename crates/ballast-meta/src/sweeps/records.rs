//! What sweeps, agents and trials are made of.

use std::fmt;
use std::str::FromStr;

use ballast_model::{
    AgentKey, ProjectKey, RunId, RunKey, RunState, SweepId, SweepKey, SweepState, Timestamp,
    UserKey,
};

use crate::Revision;

/// A sweep to make. It has no trials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSweep {
    /// The project.
    pub project: ProjectKey,
    /// The short id, unique in the project.
    pub sweep_id: SweepId,
    /// Who makes it.
    pub user: UserKey,
    /// The title.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The config as it was given.
    pub config: String,
    /// What a controller outside the server wants.
    pub controller: Option<String>,
    /// Where its chance comes from.
    pub seed: i64,
    /// Now.
    pub created_at: Timestamp,
}

/// A stored sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepRecord {
    /// The storage key.
    pub key: SweepKey,
    /// The project.
    pub project: ProjectKey,
    /// The short id, unique in the project.
    pub sweep_id: SweepId,
    /// Who made it; `None` once that user is deleted.
    pub user: Option<UserKey>,
    /// Where it stands.
    pub state: SweepState,
    /// Why it came into that state, if it did so by itself.
    pub state_reason: Option<String>,
    /// The title.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The config as it was given.
    pub config: String,
    /// Grows with each edit of the config.
    pub config_version: i64,
    /// What a controller outside the server wants.
    pub controller: Option<String>,
    /// Where its chance comes from.
    pub seed: i64,
    /// Grows with each change of the ledger that a proposal must not overlook.
    pub ledger_version: i64,
    /// The number of the next trial.
    pub next_number: u64,
    /// How many trials count for the cap.
    pub n_issued: u64,
    /// How many trials failed since the last one that did not.
    pub n_failures_in_row: u64,
    /// No point of the grid before this one is free.
    pub grid_cursor: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or its ledger was last changed.
    pub updated_at: Timestamp,
}

/// What to change on a sweep: `None` leaves a field, `Some(None)` empties one that may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SweepPatch {
    /// Where it stands, and why.
    pub state: Option<(SweepState, Option<String>)>,
    /// The title.
    pub display_name: Option<Option<String>>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// The config and its version.
    pub config: Option<(String, i64)>,
    /// What a controller outside the server wants.
    pub controller: Option<Option<String>>,
    /// The version of the ledger.
    pub ledger_version: Option<i64>,
    /// The number of the next trial.
    pub next_number: Option<u64>,
    /// How many trials count for the cap.
    pub n_issued: Option<u64>,
    /// How many trials failed since the last one that did not.
    pub n_failures_in_row: Option<u64>,
    /// No point of the grid before this one is free.
    pub grid_cursor: Option<u64>,
}

/// An agent to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAgent {
    /// The sweep that it works for.
    pub sweep: SweepKey,
    /// Who started it.
    pub user: UserKey,
    /// The short name, unique in the sweep.
    pub name: String,
    /// The machine.
    pub host: String,
    /// Now.
    pub created_at: Timestamp,
}

/// A stored agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRecord {
    /// The storage key.
    pub key: AgentKey,
    /// The sweep that it works for.
    pub sweep: SweepKey,
    /// Who started it; `None` once that user is deleted.
    pub user: Option<UserKey>,
    /// The short name, unique in the sweep.
    pub name: String,
    /// The machine.
    pub host: String,
    /// Whether it was sent home.
    pub exited: bool,
    /// When it came.
    pub created_at: Timestamp,
    /// When it last reported.
    pub heartbeat_at: Timestamp,
}

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrialEnd {
    /// Its run finished.
    Finished,
    /// Its run was stopped early.
    Stopped,
    /// Its run failed, or was never started by its script.
    Failed,
    /// Its run or its agent fell silent.
    Lost,
    /// Someone killed or stopped its run.
    Killed,
    /// Its run was deleted, and its config may be tried again.
    Deleted,
}

impl TrialEnd {
    const ALL: [Self; 6] = [
        Self::Finished,
        Self::Stopped,
        Self::Failed,
        Self::Lost,
        Self::Killed,
        Self::Deleted,
    ];

    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Killed => "killed",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for TrialEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TrialEnd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|end| end.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no end of a trial"))
    }
}

/// An entry of the ledger to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrial {
    /// The sweep.
    pub sweep: SweepKey,
    /// The place in the ledger, from 1.
    pub number: u64,
    /// Its run.
    pub run: RunKey,
    /// The parameters, as JSON.
    pub config: String,
    /// The point of the grid.
    pub grid_index: Option<u64>,
    /// 1 for the first try of a config.
    pub attempt: u64,
    /// Whether its run was there before the sweep.
    pub prior: bool,
    /// The agent that it is given to; `None` if it waits for one.
    pub agent: Option<AgentKey>,
    /// How it ended, if it has.
    pub outcome: Option<TrialEnd>,
    /// What the controller outside the server calls it.
    pub schedule_id: Option<String>,
    /// Now.
    pub issued_at: Timestamp,
}

/// A stored entry of the ledger, with what it needs to know of its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRecord {
    /// The sweep.
    pub sweep: SweepKey,
    /// The place in the ledger, from 1.
    pub number: u64,
    /// Its run; `None` once that is purged.
    pub run: Option<TrialRun>,
    /// The parameters, as JSON.
    pub config: String,
    /// The point of the grid.
    pub grid_index: Option<u64>,
    /// 1 for the first try of a config.
    pub attempt: u64,
    /// Whether its run was there before the sweep.
    pub prior: bool,
    /// The agent that it was last given to.
    pub agent: Option<AgentKey>,
    /// How often it was sent to that agent.
    pub n_sent: u64,
    /// Whether that agent has said that it works on it.
    pub seen: bool,
    /// Whether it is being stopped early.
    pub stopping: bool,
    /// How it ended; `None` while it is open.
    pub outcome: Option<TrialEnd>,
    /// Why it is stopped early, or what went wrong.
    pub reason: Option<String>,
    /// What the controller outside the server calls it.
    pub schedule_id: Option<String>,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When its end was noticed.
    pub ended_at: Option<Timestamp>,
}

/// What a trial needs to know of its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRun {
    /// The storage key.
    pub key: RunKey,
    /// The short id.
    pub run_id: RunId,
    /// Where it stands.
    pub state: RunState,
    /// Whether someone asked it to stop.
    pub stop_requested: bool,
    /// Whether it is in the bin.
    pub is_deleted: bool,
    /// How many lines its history has.
    pub history_lines: u64,
    /// The position of its last write in the feed of changes.
    pub revision: Revision,
}

/// What to change on a trial: `None` leaves a field, `Some(None)` empties one that may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrialPatch {
    /// The point of the grid.
    pub grid_index: Option<Option<u64>>,
    /// The agent that it is given to.
    pub agent: Option<Option<AgentKey>>,
    /// How often it was sent to that agent.
    pub n_sent: Option<u64>,
    /// Whether that agent has said that it works on it.
    pub seen: Option<bool>,
    /// Whether it is being stopped early.
    pub stopping: Option<bool>,
    /// How and when it ended.
    pub outcome: Option<Option<(TrialEnd, Timestamp)>>,
    /// Why it is stopped early, or what went wrong.
    pub reason: Option<Option<String>>,
}

/// How many trials of a sweep are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialCount {
    /// The sweep.
    pub sweep: SweepKey,
    /// Whether their runs were there before the sweep.
    pub prior: bool,
    /// How they ended; `None` while they are open.
    pub outcome: Option<TrialEnd>,
    /// Where their runs stand; `None` once those are purged.
    pub state: Option<RunState>,
    /// How many.
    pub n: u64,
}
