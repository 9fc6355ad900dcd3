//! What early stopping keeps of a run.

use std::sync::Arc;

use crate::config::Goal;

/// The course of one run, in as much as a rule of early stopping needs it.
///
/// It takes the logged values of the metric one by one, and keeps some numbers for each band that the run reached, so its size
/// does not depend on how much is logged. A fresh one comes from [`EarlyTerminate::progress`](super::EarlyTerminate::progress);
/// clones of a fresh one share its bands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    bands: Arc<[u64]>,
    goal: Goal,
    n_values: u64,
    best: f64,
    sum: f64,
    pub(super) marks: Vec<Mark>,
}

/// What a run was like when it reached a band. Lower is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mark {
    /// The value logged there.
    pub(super) value: f64,
    /// The mean of all values so far.
    pub(super) mean: f64,
}

impl Progress {
    pub(super) fn new(bands: Arc<[u64]>, goal: Goal) -> Self {
        Self {
            bands,
            goal,
            n_values: 0,
            best: f64::INFINITY,
            sum: 0.0,
            marks: Vec::new(),
        }
    }

    /// Takes the next logged value of the metric. NaN and infinities count as not logged.
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let loss = self.goal.as_loss(value);
        self.n_values += 1;
        self.best = self.best.min(loss);
        self.sum += loss;
        if self.bands.get(self.marks.len()) == Some(&self.n_values) {
            self.marks.push(Mark {
                value: loss,
                mean: self.sum / self.n_values as f64,
            });
        }
    }

    /// How many values were taken: the iteration that the run is at.
    pub fn n_values(&self) -> u64 {
        self.n_values
    }

    /// The index of the last band that was reached.
    pub(super) fn last_band(&self) -> Option<usize> {
        self.marks.len().checked_sub(1)
    }

    pub(super) fn mark(&self, band: usize) -> Option<Mark> {
        self.marks.get(band).copied()
    }

    pub(super) fn best(&self) -> f64 {
        self.best
    }
}
