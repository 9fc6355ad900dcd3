//! Early stopping: which running trials are not worth going on.

mod asha;
mod hyperband;
mod median;
mod progress;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

pub use self::progress::Progress;
use crate::config::{Goal, Metric};

/// The most bands of a rule.
const MAX_BANDS: usize = 1_000;
/// No run logs more values.
const MAX_ITERATION: u64 = 1_000_000_000_000;

/// The rule that a sweep stops trials by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EarlyTerminate {
    /// Bands of Hyperband, as W&B has them.
    Hyperband(Hyperband),
    /// Asynchronous successive halving. An addition to W&B's schema.
    Asha(Asha),
    /// The median of the running averages. An addition to W&B's schema.
    Median(Median),
}

/// Bands of Hyperband.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyperband {
    /// Where the bands are.
    pub bands: Bands,
    /// The factor between bands, and the share of runs that goes on is one in `eta`. Greater than 1.
    pub eta: f64,
    /// Whether a run is judged by its value at the band; else by its best value so far.
    pub strict: bool,
}

/// Where the bands of Hyperband are, in iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bands {
    /// `min_iter`, and that times each power of `eta`.
    From {
        /// The first band, at least 1.
        min_iter: u64,
    },
    /// `max_iter` divided by the first `s` powers of `eta`.
    UpTo {
        /// The iteration at which runs end, at least 1.
        max_iter: u64,
        /// How many bands there are at most, at least 1.
        s: u32,
    },
}

/// Asynchronous successive halving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asha {
    /// The first rung, in iterations, at least 1.
    pub min_iter: u64,
    /// Runs that come so far are not judged any more.
    pub max_iter: Option<u64>,
    /// The factor between rungs, and the share of runs that goes on is one in `eta`. Greater than 1.
    pub eta: f64,
    /// So many runs must have reached a rung before one is stopped there, at least 1.
    pub min_runs: u32,
}

/// The median stopping rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Median {
    /// No run is judged before this iteration, at least 1.
    pub min_iter: u64,
    /// The least number of iterations between two judgements, at least 1.
    pub interval: u64,
    /// So many other runs must have come as far before one is stopped, at least 1.
    pub min_runs: u32,
}

/// Why a run is to be stopped.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stop {
    /// The index of the run in what was given.
    pub run: usize,
    /// The rule.
    pub rule: Rule,
    /// The metric that was judged.
    pub metric: String,
    /// The direction of the metric.
    pub goal: Goal,
    /// The band, rung or check, in iterations, at which the run was judged.
    pub band: u64,
    /// How many values the run had logged when it was judged.
    pub iteration: u64,
    /// The value it was judged by, in the direction of the metric.
    pub value: f64,
    /// The value that it had to reach, in the direction of the metric.
    pub threshold: f64,
    /// How many runs the threshold comes from.
    pub n_compared: usize,
}

/// The name of a rule of early stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Bands of Hyperband.
    Hyperband,
    /// Asynchronous successive halving.
    Asha,
    /// The median of the running averages.
    Median,
}

/// What a rule says of one run. Lower is better.
#[derive(Clone, Copy, Debug)]
struct Judgement {
    loss: f64,
    /// The highest loss with which the run may go on.
    threshold: f64,
    n_compared: usize,
}

impl EarlyTerminate {
    /// A run that has logged nothing yet.
    pub fn progress(&self, goal: Goal) -> Progress {
        Progress::new(self.bands().into(), goal)
    }

    /// The iterations at which runs are judged, ascending, at most 1,000. An iteration is a logged finite value of the
    /// metric, counted from 1.
    pub fn bands(&self) -> Vec<u64> {
        match self {
            Self::Hyperband(rule) => rule.bands(),
            Self::Asha(rule) => rule.bands(),
            Self::Median(rule) => rule.bands(),
        }
    }

    /// Which of the runs are to be stopped, in the order given.
    ///
    /// Each run comes with whether it runs now: only such a one is stopped, but all are compared with. The progress of all
    /// must come from [`Self::progress`] of the same rule and goal.
    pub fn decide(&self, metric: &Metric, runs: &[(&Progress, bool)]) -> Vec<Stop> {
        let bands: Arc<[u64]> = self.bands().into();
        let mut compared: HashMap<usize, Vec<f64>> = HashMap::new();
        let mut stops = Vec::new();
        for (run, (progress, is_running)) in runs.iter().enumerate() {
            let Some(band) = progress.last_band().filter(|_| *is_running) else {
                continue;
            };
            let compared = compared
                .entry(band)
                .or_insert_with(|| self.compared_at(runs, band));
            let judgement = match self {
                Self::Hyperband(rule) => rule.judge(progress, band, compared),
                Self::Asha(rule) => rule.judge(progress, band, compared),
                Self::Median(rule) => rule.judge(progress, band, compared),
            };
            let failed = judgement.filter(|judgement| judgement.loss > judgement.threshold);
            if let (Some(judgement), Some(&band)) = (failed, bands.get(band)) {
                stops.push(Stop {
                    run,
                    rule: self.rule(),
                    metric: metric.name.clone(),
                    goal: metric.goal,
                    band,
                    iteration: progress.n_values(),
                    value: metric.goal.as_loss(judgement.loss),
                    threshold: metric.goal.as_loss(judgement.threshold),
                    n_compared: judgement.n_compared,
                });
            }
        }
        stops
    }

    /// The name of the rule.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Hyperband(_) => Rule::Hyperband,
            Self::Asha(_) => Rule::Asha,
            Self::Median(_) => Rule::Median,
        }
    }

    /// What the runs that reached a band had there, ascending.
    fn compared_at(&self, runs: &[(&Progress, bool)], band: usize) -> Vec<f64> {
        let marks = runs.iter().filter_map(|(progress, _)| progress.mark(band));
        let mut values: Vec<f64> = match self {
            Self::Median(_) => marks.map(|mark| mark.mean).collect(),
            _ => marks.map(|mark| mark.value).collect(),
        };
        values.sort_by(f64::total_cmp);
        values
    }
}

/// `first`, and that times each power of `factor`, cut to integers, without repetitions.
fn geometric(first: u64, factor: f64) -> Vec<u64> {
    let mut bands: Vec<u64> = Vec::new();
    let mut band = first as f64;
    while band <= MAX_ITERATION as f64 && bands.len() < MAX_BANDS {
        let whole = band as u64;
        if bands.last() != Some(&whole) {
            bands.push(whole);
        }
        // A factor that is next to 1 would go through the fractions of one iteration for long.
        band = (band * factor).max(if factor < 1.001 { band + 1.0 } else { 0.0 });
    }
    bands
}

impl Rule {
    /// The name as in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hyperband => "hyperband",
            Self::Asha => "asha",
            Self::Median => "median",
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = match self.goal {
            Goal::Minimize => "at most",
            Goal::Maximize => "at least",
        };
        write!(
            formatter,
            "{}: `{}` was {} at iteration {}, expected {bound} {} from {} runs",
            self.rule.as_str(),
            self.metric,
            Short(self.value),
            self.band,
            Short(self.threshold),
            self.n_compared
        )
    }
}

/// A number in six digits.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short: f64 = format!("{:.5e}", self.0).parse().unwrap_or(self.0);
        if short != 0.0 && !(1e-4..1e9).contains(&short.abs()) {
            return write!(formatter, "{short:e}");
        }
        write!(formatter, "{short}")
    }
}
