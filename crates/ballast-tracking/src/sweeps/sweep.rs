//! A sweep, its agents and its trials as the operations give them out.

use ballast_model::json::Value;
use ballast_model::{
    AgentKey, EntityName, Goal, ProjectKey, ProjectName, RunId, SweepId, SweepKey, SweepPath,
    SweepState, Timestamp,
};

use crate::filter::FieldOf;
use crate::runs::filter::Predicate;

/// A sweep: a search over configs, whose trials agents run.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// Storage key.
    pub key: SweepKey,
    /// Storage key of the project.
    pub project_key: ProjectKey,
    /// The owner of the project.
    pub entity: EntityName,
    /// The project.
    pub project: ProjectName,
    /// The short id in URLs, which agents are started with.
    pub id: SweepId,
    /// The title; the config's `name` if nobody gave another.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Where it stands.
    pub state: SweepState,
    /// Why it came into that state, for people, if it did so by itself.
    pub state_reason: Option<String>,
    /// The config as it was given, YAML or JSON.
    pub config: String,
    /// How trials are chosen: `grid`, `random`, `bayes` or `custom`.
    pub method: String,
    /// What is optimized, most important first; empty if the config names no metric.
    pub objectives: Vec<Objective>,
    /// How many runs it starts at most, by its config.
    pub run_cap: Option<u64>,
    /// How many trials it has when it is done: the points of its grid, or its cap. `None` if it goes on until someone
    /// stops it.
    pub n_expected: Option<u64>,
    /// Its trials so far.
    pub counts: TrialCounts,
    /// The best trial by the first objective.
    pub best: Option<BestTrial>,
    /// What a controller outside this server keeps with the sweep, opaque.
    pub controller: Option<String>,
    /// Whether a controller outside this server proposes its trials.
    pub is_controlled: bool,
    /// The username of whoever made it; empty if that user is gone.
    pub user: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything of it or its ledger last changed.
    pub updated_at: Timestamp,
    /// When an agent last reported.
    pub heartbeat_at: Option<Timestamp>,
}

impl Sweep {
    /// The full name.
    pub fn path(&self) -> SweepPath {
        SweepPath {
            entity: self.entity.clone(),
            project: self.project.clone(),
            sweep: self.id.clone(),
        }
    }
}

/// A metric that a sweep optimizes.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// The name in the summary; may lead into nested values with dots.
    pub metric: String,
    /// Which way is better.
    pub goal: Goal,
    /// A value that is good enough.
    pub target: Option<f64>,
}

/// How many trials of a sweep there are, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrialCounts {
    /// All but those whose runs were deleted; prior runs and retries included.
    pub total: u64,
    /// Given to an agent or waiting for one, not started.
    pub pending: u64,
    /// Their runs report.
    pub running: u64,
    /// Their runs finished.
    pub finished: u64,
    /// Stopped early, because they would not have become good.
    pub stopped: u64,
    /// Their runs failed or were never started by their script.
    pub failed: u64,
    /// Their runs or agents fell silent.
    pub lost: u64,
    /// Someone killed or stopped their runs.
    pub killed: u64,
    /// Runs that were there before the sweep and count as tried.
    pub prior: u64,
}

/// The best trial of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct BestTrial {
    /// Its run.
    pub run: RunId,
    /// The value of the first objective.
    pub value: f64,
}

/// A sweep to make.
#[derive(Debug, Clone, Default)]
pub struct NewSweep {
    /// The config, YAML or JSON text.
    pub config: String,
    /// The title.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What a controller outside this server keeps with the sweep, opaque.
    pub controller: Option<String>,
    /// Runs of the project that count as tried from the beginning.
    pub prior_runs: Option<Predicate>,
}

/// What to change about a sweep; `None` leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub struct SweepChanges {
    /// A new config. Trials stay; those that fit the new space count there, too.
    pub config: Option<String>,
    /// The state.
    pub state: Option<SweepState>,
    /// The title; empty text removes it.
    pub display_name: Option<String>,
    /// What it is for; empty text removes it.
    pub description: Option<String>,
    /// What a controller outside this server keeps with the sweep, opaque.
    pub controller: Option<String>,
    /// Trials that a controller outside this server wants. Those that the ledger has already change nothing.
    pub schedule: Vec<ScheduledTrial>,
    /// Runs of the sweep that are to stop.
    pub stop_runs: Vec<RunId>,
    /// More runs of the project that count as tried.
    pub prior_runs: Option<Predicate>,
}

/// A trial that a controller outside this server wants.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledTrial {
    /// What the controller calls it.
    pub id: String,
    /// The values of the parameters.
    pub config: serde_json::Map<String, serde_json::Value>,
}

/// A sweep that was made or changed.
#[derive(Debug, Clone)]
pub struct ChangedSweep {
    /// The sweep as it is now.
    pub sweep: Sweep,
    /// What is odd about its config, for people.
    pub warnings: Vec<String>,
}

/// Something about a sweep that can be tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepField {
    /// The short id.
    Id,
    /// The title, or the id of a sweep without one.
    DisplayName,
    /// What it is for.
    Description,
    /// The state, by its name in lower or upper case.
    State,
    /// How trials are chosen.
    Method,
    /// The username of whoever made it.
    User,
    /// When it was made, as RFC 3339 text.
    CreatedAt,
    /// When it last changed, as RFC 3339 text.
    UpdatedAt,
    /// A field that no sweep has.
    Unknown,
}

/// A condition on a sweep.
pub type SweepPredicate = crate::filter::Predicate<SweepField>;

impl FieldOf<Sweep> for SweepField {
    fn value(&self, sweep: &Sweep) -> Value {
        let text = |text: &str| Value::from(text);
        match self {
            Self::Id => text(sweep.id.as_str()),
            Self::DisplayName => text(
                sweep
                    .display_name
                    .as_deref()
                    .unwrap_or_else(|| sweep.id.as_str()),
            ),
            Self::Description => sweep.description.as_deref().map_or(Value::Null, text),
            Self::State => {
                let name = sweep.state.as_str();
                Value::List(vec![text(name), Value::from(name.to_ascii_uppercase())])
            }
            Self::Method => text(&sweep.method),
            Self::User => text(&sweep.user),
            Self::CreatedAt => Value::from(sweep.created_at.to_string()),
            Self::UpdatedAt => Value::from(sweep.updated_at.to_string()),
            Self::Unknown => Value::Null,
        }
    }
}

/// Which sweeps of a project to list, newest first.
#[derive(Debug, Clone)]
pub struct SweepListing {
    /// The condition.
    pub filter: SweepPredicate,
    /// How many to pass over.
    pub offset: usize,
    /// At most so many.
    pub limit: usize,
}

/// A page of a [`SweepListing`].
#[derive(Debug, Clone)]
pub struct SweepPage {
    /// The sweeps, newest first.
    pub items: Vec<Sweep>,
    /// How many fit the condition on all pages.
    pub total: usize,
}

/// A process that runs trials, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Storage key.
    pub key: AgentKey,
    /// The short id that it is asked for by.
    pub name: String,
    /// The machine.
    pub host: String,
    /// Whether it is there.
    pub state: AgentState,
    /// The username of whoever started it; empty if that user is gone.
    pub user: String,
    /// How many trials it was given.
    pub n_trials: u64,
    /// The trial that it works on.
    pub run: Option<RunId>,
    /// When it came.
    pub created_at: Timestamp,
    /// When it last reported.
    pub heartbeat_at: Timestamp,
}

/// Whether an agent is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentState {
    /// It reports.
    Running,
    /// It was sent home, since there was nothing left to do.
    Finished,
    /// It has not reported for longer than [`Settings::agent_limit`](crate::Settings::agent_limit).
    Lost,
}

impl AgentState {
    /// `running`, `finished` or `lost`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Lost => "lost",
        }
    }
}

/// One entry of a sweep's ledger: a config that was tried, once.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its place in the ledger, from 1.
    pub number: u64,
    /// Its run; `None` once that is purged.
    pub run: Option<RunId>,
    /// The values that were chosen, as JSON: nested parameters under their first key.
    pub config: serde_json::Map<String, serde_json::Value>,
    /// The point of the grid, from 0.
    pub grid_index: Option<u64>,
    /// 1 for the first try of its config, 2 for the first retry, and so on.
    pub attempt: u64,
    /// The name of the agent that it was last given to.
    pub agent: Option<String>,
    /// What the controller outside this server that wants it calls it.
    pub schedule_id: Option<String>,
    /// What became of it.
    pub outcome: TrialOutcome,
    /// Whether its run was there before the sweep.
    pub is_prior: bool,
    /// Why it was stopped early, or what went wrong with it, for people.
    pub reason: Option<String>,
    /// The objectives' values so far, in the sweep's order; `None` where the run did not report one.
    pub values: Vec<Option<f64>>,
    /// When it was given to an agent, or made if it waits for one.
    pub issued_at: Timestamp,
    /// When its end was noticed.
    pub ended_at: Option<Timestamp>,
}

/// What became of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialOutcome {
    /// Given to an agent or waiting for one, not started.
    Pending,
    /// Its run reports.
    Running,
    /// Its run finished.
    Finished,
    /// Its run was stopped early.
    Stopped,
    /// Its run failed, or its script never started it.
    Failed,
    /// Its run or agent fell silent.
    Lost,
    /// Someone killed or stopped its run.
    Killed,
    /// Its run was deleted, and its config may be tried again.
    Deleted,
}

impl TrialOutcome {
    /// Every outcome.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Running,
        Self::Finished,
        Self::Stopped,
        Self::Failed,
        Self::Lost,
        Self::Killed,
        Self::Deleted,
    ];

    /// The name in JSON and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Killed => "killed",
            Self::Deleted => "deleted",
        }
    }
}

/// A page of a sweep's ledger.
#[derive(Debug, Clone)]
pub struct TrialPage {
    /// The trials, by number.
    pub items: Vec<Trial>,
    /// How many there are on all pages.
    pub total: u64,
    /// What to give as `after` for the next page; `None` on the last.
    pub next: Option<u64>,
}

/// What of a sweep's plan was not achieved.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    /// Points of the grid, from 0, that were never tried, with their configs, in order; the first of them.
    pub points: Vec<(u64, serde_json::Map<String, serde_json::Value>)>,
    /// How many points of the grid were never tried; `None` without a grid.
    pub n_points: Option<u64>,
    /// Trials that failed or were lost and whose config no other trial finished; the first of them.
    pub trials: Vec<Trial>,
}

/// What an agent is told to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Start a run.
    Run {
        /// The run.
        run: RunId,
        /// The script; empty if the config names none.
        program: String,
        /// The values of the parameters.
        config: serde_json::Map<String, serde_json::Value>,
        /// Whether the run was preempted and goes on.
        resume: bool,
    },
    /// Stop a run. Repeated until the run ends.
    Stop {
        /// The run.
        run: RunId,
    },
    /// Go home: nothing is left to do.
    Exit,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq)]
pub struct Heartbeat {
    /// The sweep.
    pub sweep: SweepPath,
    /// The agent.
    pub agent: Agent,
    /// What it is to do, in order.
    pub commands: Vec<Command>,
}
