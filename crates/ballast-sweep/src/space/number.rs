//! Numbers between JSON and arithmetic.

use serde_json::{Number, Value};

/// A float as a value. The distributions make finite numbers only.
pub(super) fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// The decimals of the shortest text of a number; `None` if it is too small for them to be of use.
pub(super) fn decimals(value: f64) -> Option<usize> {
    const MOST: usize = 15;
    let text = format!("{value}");
    let n_decimals = text.split_once('.').map_or(0, |(_, after)| after.len());
    (n_decimals <= MOST).then_some(n_decimals)
}

/// Cuts the noise of binary arithmetic off: `3 * 0.1` is `0.3`, not `0.30000000000000004`.
pub(super) fn with_decimals(value: f64, n_decimals: Option<usize>) -> f64 {
    match n_decimals {
        Some(n_decimals) if value.abs() < 1e15 => {
            format!("{value:.n_decimals$}").parse().unwrap_or(value)
        }
        _ => value,
    }
}
