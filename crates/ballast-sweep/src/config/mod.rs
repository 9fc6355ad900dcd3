//! The configuration of a sweep: what a user writes in `sweep.yaml`.

mod early_terminate;
mod error;
mod keys;
mod metrics;
mod node;
mod parameters;
mod read;
mod top;
mod yaml;

#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

pub use self::error::{ConfigError, Problem};
use crate::early_stopping::EarlyTerminate;
use crate::space::Space;

/// The configuration of a sweep, checked.
///
/// It is the schema of W&B's sweeps, in which every key means what it means there, and a few additions: conditional
/// parameters, `early_terminate` of type `asha` and `median`, `on_failure` and `warm_start`.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepConfig {
    /// How the next trial is found.
    pub method: Method,
    /// The parameters.
    pub space: Space,
    /// What is optimised. Empty if the sweep names no metric; more than one makes it a sweep with several objectives.
    pub objectives: Vec<Metric>,
    /// When a running trial is stopped.
    pub early_terminate: Option<EarlyTerminate>,
    /// The most trials that are issued, at least 1.
    pub run_cap: Option<u64>,
    /// What happens when trials fail.
    pub on_failure: OnFailure,
    /// Earlier runs that the search starts from.
    pub warm_start: WarmStart,
    /// Who proposes the trials.
    pub controller: Controller,
    /// The words of the command that an agent runs, with macros such as `${args}`. The agent has a default.
    pub command: Option<Vec<String>>,
    /// The script that an agent runs.
    pub program: Option<String>,
    /// The title of the sweep.
    pub name: Option<String>,
    /// What the sweep is for.
    pub description: Option<String>,
    /// The entity that the file names.
    pub entity: Option<String>,
    /// The project that the file names.
    pub project: Option<String>,
    /// The settings of a scheduler that runs beside the client; kept as they are.
    pub scheduler: Option<Value>,
}

/// How the next trial is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Every combination, once.
    Grid,
    /// Independent draws.
    Random,
    /// A model of the objective chooses.
    Bayes,
    /// A local controller of the user chooses; nothing is proposed here.
    Custom,
}

/// One objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The key that runs log.
    pub name: String,
    /// The direction.
    pub goal: Goal,
    /// No new trial is issued once one reaches this value.
    pub target: Option<f64>,
    /// Which value a trial counts with that did not finish well.
    pub impute: Impute,
    /// Which value a trial counts with while it runs; `None` leaves running trials to the model, as pending ones.
    pub impute_while_running: Option<Impute>,
}

/// The direction of an objective.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Lower is better.
    #[default]
    Minimize,
    /// Higher is better.
    Maximize,
}

impl Goal {
    /// The value in the direction in which lower is better.
    pub fn as_loss(self, value: f64) -> f64 {
        match self {
            Self::Minimize => value,
            Self::Maximize => -value,
        }
    }
}

/// The value that stands for one that is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Impute {
    /// The trial's own latest value.
    Latest,
    /// The trial's own best value.
    Best,
    /// The worst value of all trials.
    #[default]
    Worst,
}

/// What happens when trials fail. An addition to W&B's schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnFailure {
    /// How often the parameters of a failed or lost trial are tried again, 0 to 100.
    pub max_retries: u32,
    /// After so many failures in a row no trial is issued any more, at least 1.
    pub stop_after_failures: Option<u32>,
}

/// Earlier runs of the same project that count as trials from the start. An addition to W&B's schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WarmStart {
    /// Identifiers of runs.
    pub runs: Vec<String>,
    /// Identifiers of sweeps, all of whose runs are meant.
    pub sweeps: Vec<String>,
}

/// Who proposes the trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Controller {
    /// The server.
    #[default]
    Cloud,
    /// A process of the user.
    Local,
}

/// A configuration that was read, and what is odd about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The configuration.
    pub config: SweepConfig,
    /// Remarks for the user, each a sentence without a period: unknown keys and the like.
    pub warnings: Vec<String>,
}
