//! The search library of sweeps.
//!
//! From a space of parameters, the trials that ended, the trials that run and a seed it proposes the next trial, or says
//! that the space is exhausted. It is pure: it knows no runs, no agents, no server and no clock, and the same input gives
//! the same proposal on every machine.

pub mod bayes;
mod config;
pub mod early_stopping;
mod failures;
mod grid;
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
pub use self::pareto::pareto_front;
pub use self::search::{DoneReason, Proposal, Suggestion, done, propose};
pub use self::space::{Condition, Continuous, Distribution, Parameter, Quantum, Space};
pub use self::trial::{Measurement, Outcome, Trial};
