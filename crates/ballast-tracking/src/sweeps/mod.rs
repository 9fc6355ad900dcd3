//! Sweeps: searches over configs, whose trials agents run.
//!
//! Each sweep has a **ledger** of trials. A trial is a config that was chosen once, with the run that was made for it; a
//! retry is a trial of its own. Which trial an agent is given is decided in one transaction that holds the sweep's lock, and
//! unique indexes guard that no point of a grid is in the ledger twice.
//!
//! The life of a trial, from its agent's point of view:
//!
//! | the agent | the run | what happens |
//! |---|---|---|
//! | asks for work | – | a trial is put into the ledger, its run is made pending, the agent is told |
//! | asks again, having said nothing of the run | pending | the reply was lost: the same trial is sent again |
//! | says that it works on it | pending, running | nothing, or the agent is told to stop it |
//! | asks for work, having worked on it | pending | its script ended before it started the run: it failed |
//! | is silent for [`agent_limit`](crate::Settings::agent_limit) | pending | the trial goes to the next agent that asks |
//! | – | ended | the end is noted; the config's `on_failure` says whether the trial is tried again |
//! | – | preempted | the run goes on with the next agent that asks |
//!
//! What the search library proposes from the results so far takes a while, and is computed outside the transaction; the
//! ledger counts its changes, and a proposal that did not know the last one is made again.

mod agents;
mod change;
mod find;
mod importance;
mod ledger;
mod measure;
mod outline;
mod plan;
mod prior;
mod proposals;
mod stopping;
mod suggest;
mod sweep;

pub use importance::{ParameterImportance, SweepImportance};
pub use outline::{ConfigCheck, ConfigProblem, ParameterOutline, outline};
pub use suggest::{SuggestedParameter, Suggestion};
pub use sweep::{
    Agent, AgentState, BestTrial, ChangedSweep, Command, Heartbeat, Missing, NewSweep, Objective,
    ScheduledTrial, Sweep, SweepChanges, SweepField, SweepListing, SweepPage, SweepPredicate,
    Trial, TrialCounts, TrialOutcome, TrialPage,
};

/// What sweeps share over all requests of a server. All of it can be lost.
#[derive(Debug)]
pub(crate) struct Shared {
    plans: plan::Plans,
    measured: measure::Measured,
    proposals: proposals::Proposals,
    judges: stopping::Judges,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            plans: plan::plans(),
            measured: measure::measured(),
            proposals: proposals::proposals(),
            judges: stopping::judges(),
        }
    }
}
