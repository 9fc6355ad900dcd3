//! Why a text is no expression.

use thiserror::Error;

use super::Expression;

/// Why a text is no expression. Positions count characters from 1 on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// The text is longer than [`Expression::MAX_BYTES`].
    #[error(
        "an expression may have {} bytes, this one has {n_bytes}",
        Expression::MAX_BYTES
    )]
    TooLong {
        /// How long it is.
        n_bytes: usize,
    },
    /// Something else was expected.
    #[error("expected {expected} at character {position}, found {found}")]
    Unexpected {
        /// Where.
        position: usize,
        /// What could have been there.
        expected: &'static str,
        /// What is there: some text between backticks, or `the end`.
        found: String,
    },
    /// There is no function of that name.
    #[error(
        "there is no function `{name}` at character {position}, there are {}",
        super::parse::function_names()
    )]
    UnknownFunction {
        /// Where.
        position: usize,
        /// The name.
        name: String,
    },
    /// A function was given too few or too many arguments.
    #[error("`{function}` at character {position} takes {expected}, got {found}")]
    Arguments {
        /// Where the function's name is.
        position: usize,
        /// The function.
        function: &'static str,
        /// How many it takes.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// The lags together reach further back than [`Expression::MAX_LAG`].
    #[error(
        "lags may reach back {} points together, the one at character {position} exceeds that",
        Expression::MAX_LAG
    )]
    TooFarBack {
        /// Where the name of the first lag too many is.
        position: usize,
    },
    /// Something is nested deeper than [`Expression::MAX_DEPTH`].
    #[error(
        "nested more than {} deep at character {position}",
        Expression::MAX_DEPTH
    )]
    TooDeep {
        /// Where.
        position: usize,
    },
    /// There are more than [`Expression::MAX_NODES`] numbers, metrics, operators and functions.
    #[error(
        "an expression may have {} numbers, metrics, operators and functions, it has more at character {position}",
        Expression::MAX_NODES
    )]
    TooLarge {
        /// Where the first too many is.
        position: usize,
    },
    /// No metric is named, so there is no row in which it would have a point.
    #[error("an expression must name a metric, as `loss` or `${{train/loss}}`")]
    NoMetric,
}
