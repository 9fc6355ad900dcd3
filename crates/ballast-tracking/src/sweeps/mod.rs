//! Sweeps: searches over configs, whose trials agents run.

mod outline;
mod suggest;
mod sweep;

pub use outline::{ConfigCheck, ConfigProblem, ParameterOutline, outline};
pub use suggest::{SuggestedParameter, Suggestion};
pub use sweep::{
    Agent, AgentState, BestTrial, ChangedSweep, Command, Heartbeat, Missing, NewSweep, Objective,
    Sweep, SweepChanges, SweepListing, SweepPage, Trial, TrialCounts, TrialOutcome, TrialPage,
};

use std::collections::BTreeSet;

use ballast_model::{AgentKey, EntityName, ProjectName, RunId, SweepKey, SweepPath};

use crate::{Caller, Result, Tracking, TrackingError};

fn later<T>() -> Result<T> {
    Err(TrackingError::Invalid("sweeps are being built".to_owned()))
}

#[expect(clippy::unused_async, clippy::missing_errors_doc, missing_docs)]
impl Tracking {
    pub async fn create_sweep(
        &self,
        _caller: &Caller,
        _entity: Option<&EntityName>,
        _project: &ProjectName,
        _new: NewSweep,
    ) -> Result<ChangedSweep> {
        later()
    }

    pub async fn update_sweep(
        &self,
        _caller: &Caller,
        _path: &SweepPath,
        _changes: SweepChanges,
    ) -> Result<ChangedSweep> {
        later()
    }

    pub async fn delete_sweep(
        &self,
        _caller: &Caller,
        _path: &SweepPath,
        _with_runs: bool,
    ) -> Result<()> {
        later()
    }

    pub async fn lookup_sweep(&self, _caller: &Caller, _path: &SweepPath) -> Result<Option<Sweep>> {
        later()
    }

    pub async fn lookup_sweep_by_key(
        &self,
        _caller: &Caller,
        _key: SweepKey,
    ) -> Result<Option<Sweep>> {
        later()
    }

    pub async fn get_sweep(&self, _caller: &Caller, _path: &SweepPath) -> Result<Sweep> {
        later()
    }

    pub async fn list_sweeps(
        &self,
        _caller: &Caller,
        _entity: &EntityName,
        _project: &ProjectName,
        _listing: &SweepListing,
    ) -> Result<SweepPage> {
        later()
    }

    pub async fn list_agents(&self, _caller: &Caller, _path: &SweepPath) -> Result<Vec<Agent>> {
        later()
    }

    pub async fn list_trials(
        &self,
        _caller: &Caller,
        _path: &SweepPath,
        _after: Option<u64>,
        _limit: usize,
    ) -> Result<TrialPage> {
        later()
    }

    pub async fn missing_trials(
        &self,
        _caller: &Caller,
        _path: &SweepPath,
        _limit: usize,
    ) -> Result<Missing> {
        later()
    }

    pub async fn register_agent(
        &self,
        _caller: &Caller,
        _path: &SweepPath,
        _host: &str,
    ) -> Result<Agent> {
        later()
    }

    pub async fn agent_heartbeat(
        &self,
        _caller: &Caller,
        _agent: AgentKey,
        _alive: &BTreeSet<RunId>,
    ) -> Result<Heartbeat> {
        later()
    }

    pub async fn enqueue_trial(
        &self,
        _caller: &Caller,
        _path: &SweepPath,
        _config: serde_json::Map<String, serde_json::Value>,
        _display_name: Option<String>,
    ) -> Result<RunId> {
        later()
    }
}
