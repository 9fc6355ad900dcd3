//! The next trial, by the method of the sweep.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

use crate::config::{Method, SweepConfig};
use crate::failures::{failures_in_a_row, next_retry};
use crate::grid::Grid;
use crate::trial::Trial;
use crate::{model, random};

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Proposal {
    /// Run a trial.
    Next(Suggestion),
    /// Issue no trial any more.
    Done(DoneReason),
}

/// The trial to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// Its values under their names, nested; parameters whose condition does not hold are left out.
    pub config: Map<String, Value>,
    /// Its index on the grid, for the method `grid`.
    pub grid_index: Option<u64>,
    /// The index of the failed trial whose parameters these are, if it is tried again.
    pub retry_of: Option<usize>,
}

/// Why no trial is issued any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneReason {
    /// Every point of the space was issued.
    Exhausted,
    /// As many trials were issued as the sweep allows.
    RunCap,
    /// A trial reached the target of the metric.
    TargetReached,
    /// So many trials failed in a row.
    TooManyFailures(u32),
    /// The method is `custom`: a controller of the user issues the trials.
    Custom,
}

impl fmt::Display for DoneReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted => formatter.write_str("every point of the space was tried"),
            Self::RunCap => formatter.write_str("the sweep has as many runs as `run_cap` allows"),
            Self::TargetReached => formatter.write_str("a run reached the target of the metric"),
            Self::TooManyFailures(n) => write!(formatter, "{n} runs in a row failed"),
            Self::Custom => {
                formatter.write_str("the method is `custom`: a local controller chooses the runs")
            }
        }
    }
}

/// Proposes the next trial.
///
/// `trials` are all trials so far in the order they were issued, earlier runs anywhere among them. `seed` is that of the
/// sweep, and `number` how many trials it issued before: another number gives another proposal, the same input the same one.
///
/// For a grid the work is in proportion to the number of trials; a server that keeps the indices of the issued points uses
/// [`Grid`] itself. A trial without a value for a parameter is of no use to the model of the method `bayes` and is passed over
/// there.
pub fn propose(config: &SweepConfig, trials: &[Trial], seed: u64, number: u64) -> Proposal {
    if let Some(reason) = done(config, trials) {
        return Proposal::Done(reason);
    }
    if let Some(index) = next_retry(config, trials) {
        return Proposal::Next(retry(config, trials, index));
    }
    let suggestion = match config.method {
        Method::Custom => return Proposal::Done(DoneReason::Custom),
        Method::Grid => grid_point(config, trials),
        Method::Random => Some(Suggestion::new(random::point(&config.space, seed, number))),
        Method::Bayes => model::point(config, trials, seed, number).map(Suggestion::new),
    };
    suggestion.map_or(Proposal::Done(DoneReason::Exhausted), Proposal::Next)
}

/// Whether the sweep is over whatever its method has left: a target was reached, too many trials failed in a row, or there
/// are as many trials as `run_cap` allows, in which one that is tried again counts anew.
pub fn done(config: &SweepConfig, trials: &[Trial]) -> Option<DoneReason> {
    if trials.iter().any(|trial| reaches_targets(config, trial)) {
        return Some(DoneReason::TargetReached);
    }
    let n_failures = failures_in_a_row(trials);
    let most_failures = config.on_failure.stop_after_failures;
    if most_failures.is_some_and(|most| n_failures >= most) {
        return Some(DoneReason::TooManyFailures(n_failures));
    }
    let n_own = trials.iter().filter(|trial| !trial.is_prior).count() as u64;
    let is_at_cap = config.run_cap.is_some_and(|run_cap| n_own >= run_cap);
    is_at_cap.then_some(DoneReason::RunCap)
}

/// Whether a trial of the sweep reached every target there is.
fn reaches_targets(config: &SweepConfig, trial: &Trial) -> bool {
    let targets = || {
        config
            .objectives
            .iter()
            .enumerate()
            .filter_map(|(index, metric)| Some((index, metric, metric.target?)))
    };
    !trial.is_prior
        && targets().next().is_some()
        && targets().all(|(index, metric, target)| {
            trial
                .best(index, metric.goal)
                .is_some_and(|value| metric.goal.as_loss(value) <= metric.goal.as_loss(target))
        })
}

fn retry(config: &SweepConfig, trials: &[Trial], index: usize) -> Suggestion {
    let values = config.space.values_in(&trials[index].config);
    let values = values.into_iter().map(Option::<&Value>::cloned).collect();
    let again = config.space.assemble(values);
    Suggestion {
        grid_index: match config.method {
            Method::Grid => Grid::new(&config.space).and_then(|grid| grid.index_of(&again)),
            _ => None,
        },
        config: again,
        retry_of: Some(index),
    }
}

fn grid_point(config: &SweepConfig, trials: &[Trial]) -> Option<Suggestion> {
    let grid = Grid::new(&config.space)?;
    let used: HashSet<u64> = trials
        .iter()
        .filter_map(|trial| grid.index_of(&trial.config))
        .collect();
    let index = grid.next_unused(0, |index| used.contains(&index))?;
    Some(Suggestion {
        config: grid.point(index)?,
        grid_index: Some(index),
        retry_of: None,
    })
}

impl Suggestion {
    fn new(config: Map<String, Value>) -> Self {
        Self {
            config,
            grid_index: None,
            retry_of: None,
        }
    }
}
