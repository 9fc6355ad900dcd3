use ballast_model::{Goal, SweepState};
use ballast_tracking::sweeps::{
    Agent, AgentState, ChangedSweep, Objective, ParameterOutline, Sweep, TrialCounts,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Time;

/// Where a sweep stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SweepState)]
pub(crate) enum SweepStateName {
    /// No agent has come yet.
    Pending,
    /// Agents are given trials.
    Running,
    /// Agents wait; what runs goes on.
    Paused,
    /// Agents are sent home; what runs goes on.
    Finished,
    /// Agents are sent home, and what runs was told to stop.
    Canceled,
}

impl From<SweepState> for SweepStateName {
    fn from(state: SweepState) -> Self {
        match state {
            SweepState::Pending => Self::Pending,
            SweepState::Running => Self::Running,
            SweepState::Paused => Self::Paused,
            SweepState::Finished => Self::Finished,
            SweepState::Canceled => Self::Canceled,
        }
    }
}

impl From<SweepStateName> for SweepState {
    fn from(name: SweepStateName) -> Self {
        match name {
            SweepStateName::Pending => Self::Pending,
            SweepStateName::Running => Self::Running,
            SweepStateName::Paused => Self::Paused,
            SweepStateName::Finished => Self::Finished,
            SweepStateName::Canceled => Self::Canceled,
        }
    }
}

/// Which way of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SweepGoal)]
pub(crate) enum GoalName {
    /// Lower is better.
    Minimize,
    /// Higher is better.
    Maximize,
}

/// A metric that a sweep optimizes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SweepObjective)]
pub(crate) struct ObjectiveBody {
    /// The name in the summary of runs; may lead into nested values with dots.
    #[schema(example = "val/loss")]
    metric: String,
    /// Which way is better.
    goal: GoalName,
    /// A value that is good enough.
    target: Option<f64>,
}

impl From<Objective> for ObjectiveBody {
    fn from(objective: Objective) -> Self {
        Self {
            metric: objective.metric,
            goal: match objective.goal {
                Goal::Maximize => GoalName::Maximize,
                Goal::Minimize => GoalName::Minimize,
            },
            target: objective.target,
        }
    }
}

/// How many trials of a sweep there are, by what became of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialCounts)]
pub(crate) struct TrialCountsBody {
    /// All, prior runs and retries included.
    total: u64,
    /// Given to an agent or waiting for one, not started.
    pending: u64,
    /// Their runs report.
    running: u64,
    /// Their runs finished.
    finished: u64,
    /// Stopped early, because they would not have become good.
    stopped: u64,
    /// Their runs failed or were never started by their script.
    failed: u64,
    /// Their runs or agents fell silent.
    lost: u64,
    /// Someone killed or stopped their runs.
    killed: u64,
    /// Runs that were there before the sweep and count as tried.
    prior: u64,
}

impl From<TrialCounts> for TrialCountsBody {
    fn from(counts: TrialCounts) -> Self {
        Self {
            total: counts.total,
            pending: counts.pending,
            running: counts.running,
            finished: counts.finished,
            stopped: counts.stopped,
            failed: counts.failed,
            lost: counts.lost,
            killed: counts.killed,
            prior: counts.prior,
        }
    }
}

/// The best trial of a sweep.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BestTrial)]
pub(crate) struct BestTrialBody {
    /// The id of its run.
    run: String,
    /// The value of the first objective.
    value: f64,
}

/// A sweep.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sweep)]
pub(crate) struct SweepBody {
    /// The short id in addresses, which agents are started with.
    #[schema(example = "k3x9p2qa")]
    id: String,
    /// The title for people, if it has one.
    display_name: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// Where it stands.
    state: SweepStateName,
    /// Why it came into that state, if it did so by itself.
    state_reason: Option<String>,
    /// How trials are chosen: `grid`, `random`, `bayes` or `custom`.
    #[schema(example = "bayes")]
    method: String,
    /// What is optimized, most important first.
    objectives: Vec<ObjectiveBody>,
    /// How many runs it starts at most, by its config.
    run_cap: Option<u64>,
    /// How many trials it has when it is done; null if it goes on until someone stops it.
    n_expected: Option<u64>,
    /// Its trials so far.
    counts: TrialCountsBody,
    /// The best trial by the first objective.
    best: Option<BestTrialBody>,
    /// Whether a controller outside this server proposes its trials.
    is_controlled: bool,
    /// How many agents report.
    n_live_agents: u64,
    /// Who made it; null if that user is gone.
    user: Option<String>,
    /// When it was made.
    created_at: Time,
    /// When anything of it last changed.
    updated_at: Time,
    /// When an agent last reported.
    heartbeat_at: Option<Time>,
}

impl SweepBody {
    pub(super) fn new(sweep: Sweep, n_live_agents: u64) -> Self {
        Self {
            id: sweep.id.to_string(),
            display_name: sweep.display_name,
            description: sweep.description,
            state: sweep.state.into(),
            state_reason: sweep.state_reason,
            method: sweep.method,
            objectives: sweep.objectives.into_iter().map(Into::into).collect(),
            run_cap: sweep.run_cap,
            n_expected: sweep.n_expected,
            counts: sweep.counts.into(),
            best: sweep.best.map(|best| BestTrialBody {
                run: best.run.to_string(),
                value: best.value,
            }),
            is_controlled: sweep.is_controlled,
            n_live_agents,
            user: Some(sweep.user).filter(|user| !user.is_empty()),
            created_at: sweep.created_at.into(),
            updated_at: sweep.updated_at.into(),
            heartbeat_at: sweep.heartbeat_at.map(Time),
        }
    }
}

/// How many of these agents report.
pub(super) fn n_live(agents: &[Agent]) -> u64 {
    let live = agents
        .iter()
        .filter(|agent| agent.state == AgentState::Running);
    live.count() as u64
}

/// A parameter of a sweep.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SweepParameter)]
pub(crate) struct ParameterBody {
    /// The names that lead to it, joined by dots.
    #[schema(example = "model.dropout")]
    name: String,
    /// What its values are drawn from, by the name that configs give it.
    #[schema(example = "log_uniform_values")]
    distribution: String,
    /// Whether values are drawn by their logarithm.
    is_log: bool,
}

impl From<ParameterOutline> for ParameterBody {
    fn from(parameter: ParameterOutline) -> Self {
        Self {
            name: parameter.name,
            distribution: parameter.distribution.to_owned(),
            is_log: parameter.is_log,
        }
    }
}

/// Whether an agent is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AgentState)]
pub(crate) enum AgentStateName {
    /// It reports.
    Running,
    /// It was sent home, since there was nothing left to do.
    Finished,
    /// It fell silent.
    Lost,
}

/// A process that runs trials, one after the other.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
pub(crate) struct AgentBody {
    /// The short id that it is asked for by.
    name: String,
    /// The machine.
    #[schema(example = "gpu-node-3")]
    host: String,
    /// Whether it is there.
    state: AgentStateName,
    /// Who started it; null if that user is gone.
    user: Option<String>,
    /// How many trials it was given.
    n_trials: u64,
    /// The id of the run that it works on.
    run: Option<String>,
    /// When it came.
    created_at: Time,
    /// When it last reported.
    heartbeat_at: Time,
}

impl From<Agent> for AgentBody {
    fn from(agent: Agent) -> Self {
        Self {
            name: agent.name,
            host: agent.host,
            state: match agent.state {
                AgentState::Running => AgentStateName::Running,
                AgentState::Finished => AgentStateName::Finished,
                AgentState::Lost => AgentStateName::Lost,
            },
            user: Some(agent.user).filter(|user| !user.is_empty()),
            n_trials: agent.n_trials,
            run: agent.run.map(|run| run.to_string()),
            created_at: agent.created_at.into(),
            heartbeat_at: agent.heartbeat_at.into(),
        }
    }
}

/// A sweep with its config and its agents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SweepDetail)]
pub(crate) struct SweepDetailBody {
    #[serde(flatten)]
    pub(super) sweep: SweepBody,
    /// The config as it was given, YAML or JSON.
    pub(super) config: String,
    /// Its parameters, by name.
    pub(super) parameters: Vec<ParameterBody>,
    /// Its agents, also those that are gone.
    pub(super) agents: Vec<AgentBody>,
}

/// A sweep that was made or changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangedSweep)]
pub(crate) struct ChangedSweepBody {
    /// The sweep as it is now.
    sweep: SweepBody,
    /// What is odd about its config, for people.
    warnings: Vec<String>,
}

impl ChangedSweepBody {
    pub(super) fn new(changed: ChangedSweep, n_live_agents: u64) -> Self {
        Self {
            sweep: SweepBody::new(changed.sweep, n_live_agents),
            warnings: changed.warnings,
        }
    }
}
