//! The search library of sweeps.
//!
//! From a space of parameters, the trials that ended, the trials that run and a seed it proposes the next trial, or says
//! that the space is exhausted. It is pure: it knows no runs, no agents, no server and no clock, and the same input gives
//! the same proposal on every machine.
//!
//! ```
//! use ballast_sweep::{Proposal, SweepConfig, Trial, propose};
//!
//! let parsed = SweepConfig::parse_yaml(
//!     "
//! method: bayes
//! metric: {name: loss, goal: minimize}
//! run_cap: 20
//! parameters:
//!   lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}
//!   layers: {min: 1, max: 12}
//! ",
//! )?;
//! let mut trials = Vec::new();
//! while let Proposal::Next(next) = propose(&parsed.config, &trials, 7, trials.len() as u64) {
//!     let lr = next.config["lr"].as_f64().unwrap_or_default();
//!     trials.push(Trial::finished(next.config, &[(lr.log10() + 3.0).abs()]));
//! }
//! assert_eq!(trials.len(), 20);
//! # Ok::<(), ballast_sweep::ConfigError>(())
//! ```
//!
//! - [`SweepConfig`] is what a user writes, in the schema of W&B's sweeps with a few additions; [`Space`] are its parameters.
//! - [`propose`] says what to try next. A server that keeps a ledger goes through a [`Grid`] itself.
//! - [`early_stopping`] says which running trials are not worth going on.
//! - [`bayes`] is the Bayesian optimiser on the unit cube, which knows neither configs nor trials.
//! - [`importance`] says which parameters a metric depends on, [`pareto_front`] which trials are the best compromises.

pub mod bayes;
mod config;
pub mod early_stopping;
mod failures;
mod grid;
mod importance;
mod model;
mod pareto;
mod random;
mod search;
mod space;
mod trial;

#[cfg(test)]
mod tests;

pub use self::config::{
    ConfigError, Controller, Goal, Impute, Method, Metric, OnFailure, Parsed, Problem, SweepConfig,
    WarmStart,
};
pub use self::failures::{failures_in_a_row, next_retry};
pub use self::grid::Grid;
pub use self::importance::{Importance, MAX_COLUMNS, MAX_ROWS, ParameterImportance, importance};
pub use self::pareto::pareto_front;
pub use self::search::{DoneReason, Proposal, Suggestion, done, propose};
pub use self::space::{Condition, Continuous, Distribution, Parameter, Quantum, Space};
pub use self::trial::{Measurement, Outcome, Trial};
