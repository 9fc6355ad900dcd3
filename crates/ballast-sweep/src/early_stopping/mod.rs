//! Early stopping: which running trials are not worth going on.

use serde::Serialize;

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
