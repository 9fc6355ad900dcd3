//! Where x and y come from.

use ballast_model::MetricName;

use super::{Axis, Quantity};
use crate::RowBatch;
use crate::expression::Evaluation;
use crate::rows::{Numbers, RUNTIME, STEP, TIMESTAMP};

/// Where the numbers of x or y come from.
pub(super) enum Source {
    Integers(MetricName),
    Numbers(MetricName),
    Expression {
        metrics: Vec<MetricName>,
        looks_back: bool,
        evaluation: Evaluation,
    },
}

impl Source {
    pub(super) fn of_quantity(quantity: &Quantity) -> Self {
        match quantity {
            Quantity::Metric(name) => Self::Numbers(name.clone()),
            Quantity::Expression(expression) => Self::Expression {
                metrics: expression.metrics().to_vec(),
                looks_back: expression.looks_back(),
                evaluation: Evaluation::new(expression),
            },
        }
    }

    pub(super) fn of_axis(axis: &Axis) -> Self {
        match axis {
            Axis::Step => Self::Integers(MetricName::from_key(STEP)),
            Axis::Runtime => Self::Numbers(MetricName::from_key(RUNTIME)),
            Axis::Time => Self::Numbers(MetricName::from_key(TIMESTAMP)),
            Axis::Metric(name) => Self::Numbers(name.clone()),
            Axis::Expression(expression) => {
                Self::of_quantity(&Quantity::Expression(expression.clone()))
            }
        }
    }

    pub(super) fn metrics(&self) -> &[MetricName] {
        match self {
            Self::Integers(name) | Self::Numbers(name) => std::slice::from_ref(name),
            Self::Expression { metrics, .. } => metrics,
        }
    }

    pub(super) fn looks_back(&self) -> bool {
        matches!(
            self,
            Self::Expression {
                looks_back: true,
                ..
            }
        )
    }

    /// The numbers in the rows of the next batch.
    pub(super) fn numbers<'a>(&mut self, batch: &'a RowBatch) -> Numbers<'a> {
        match self {
            Self::Integers(name) => Numbers::integers(batch, name),
            Self::Numbers(name) => Numbers::of(batch, name),
            Self::Expression { evaluation, .. } => evaluation.numbers(batch),
        }
    }
}
