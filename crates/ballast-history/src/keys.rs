//! Which keys a view has.

use ballast_model::MetricName;
use ballast_model::json::Value;

use crate::ValueKind;

/// What is known of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyInfo {
    /// The key.
    pub name: MetricName,
    /// How many rows have a value of each kind, in kind order; kinds that do not occur are left out.
    pub kinds: Vec<(ValueKind, u64)>,
    /// `_step` of the first row that has the key, if that row has an integer step.
    pub first_step: Option<i64>,
    /// `_step` of the last row that has the key, if that row has an integer step.
    pub last_step: Option<i64>,
    /// The value in the last row that has the key; `None` if its text takes more than 1,024 bytes.
    pub last: Option<Value>,
    /// Least finite number, as a float.
    pub min: Option<f64>,
    /// Greatest finite number, as a float.
    pub max: Option<f64>,
    /// The `_type` of the objects logged under the key, sorted, each once; at most 16.
    pub types: Vec<String>,
}
