//! What is known of the trials so far.

use serde_json::{Map, Value};

use crate::config::Goal;

/// One trial of a sweep: the parameters that were tried, and what came of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The values under their names, nested as in the configuration of the sweep. Names that the space does not have are
    /// ignored; a value may be missing.
    pub config: Map<String, Value>,
    /// How far it came.
    pub outcome: Outcome,
    /// What was measured of each objective, in the order of [`SweepConfig::objectives`](crate::SweepConfig::objectives).
    /// May be shorter: what is missing was not measured.
    pub measurements: Vec<Measurement>,
    /// It was not issued by the sweep but comes from an earlier run: the search learns from it and a grid skips its point,
    /// but it counts neither for `run_cap` nor as a failure.
    pub is_prior: bool,
}

/// How far a trial came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Issued, and not heard of yet.
    Pending,
    /// It runs.
    Running,
    /// It ended by itself, without an error.
    Finished,
    /// Early stopping ended it: a measurement, not a failure.
    Stopped,
    /// Its program ended with an error.
    Failed,
    /// It was not heard of again: a crash, a lost machine, a preemption that nobody resumed.
    Lost,
    /// A user ended it.
    Killed,
}

/// What one trial reported of one objective, in the objective's own direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measurement {
    /// What the summary says: the last value, or whatever aggregate the run asked for.
    pub latest: Option<f64>,
    /// The best value of the history.
    pub best: Option<f64>,
}

impl Trial {
    /// A trial that finished with these values, one for each objective. NaN is a value that is missing.
    pub fn finished(config: Map<String, Value>, values: &[f64]) -> Self {
        Self {
            config,
            outcome: Outcome::Finished,
            measurements: values.iter().copied().map(Measurement::single).collect(),
            is_prior: false,
        }
    }

    /// A trial without measurements.
    pub fn unmeasured(config: Map<String, Value>, outcome: Outcome) -> Self {
        Self {
            config,
            outcome,
            measurements: Vec::new(),
            is_prior: false,
        }
    }

    /// The same trial, as one from before the sweep.
    #[must_use]
    pub fn prior(mut self) -> Self {
        self.is_prior = true;
        self
    }

    /// The better of the latest and the best value of an objective. `None` if neither is a finite number.
    pub fn best(&self, objective: usize, goal: Goal) -> Option<f64> {
        let measured = self.measurements.get(objective)?;
        let values = [finite(measured.latest), finite(measured.best)];
        values
            .into_iter()
            .flatten()
            .min_by(|left, right| goal.as_loss(*left).total_cmp(&goal.as_loss(*right)))
    }

    /// The value of an objective: the latest, else the best. `None` if neither is a finite number.
    pub fn value(&self, objective: usize) -> Option<f64> {
        let measured = self.measurements.get(objective)?;
        finite(measured.latest).or_else(|| finite(measured.best))
    }
}

impl Outcome {
    /// Whether the trial may still report.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }

    /// Whether the trial broke, by its program or by its machine. One that a user ended did not break.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Lost)
    }
}

impl Measurement {
    /// One value that is both the latest and the best.
    pub fn single(value: f64) -> Self {
        Self {
            latest: Some(value),
            best: Some(value),
        }
    }
}

pub(crate) fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}
