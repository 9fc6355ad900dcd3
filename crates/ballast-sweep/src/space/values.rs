//! When two values are the same.

use serde_json::{Number, Value};

/// Whether two values are the same: numbers by their amount, so that `3` is `3.0`; objects whatever their order.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    compare(left, right, false)
}

/// Whether a found value is the wanted one, where objects of it may have more keys.
pub(crate) fn fits(wanted: &Value, found: &Value) -> bool {
    compare(wanted, found, true)
}

fn compare(wanted: &Value, found: &Value, may_have_more: bool) -> bool {
    match (wanted, found) {
        (Value::Number(left), Value::Number(right)) => same_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| compare(left, right, may_have_more))
        }
        (Value::Object(left), Value::Object(right)) => {
            (may_have_more || left.len() == right.len())
                && left.iter().all(|(key, left)| {
                    right
                        .get(key)
                        .is_some_and(|right| compare(left, right, may_have_more))
                })
        }
        (left, right) => left == right,
    }
}

fn same_number(left: &Number, right: &Number) -> bool {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return left == right;
    }
    if let (Some(left), Some(right)) = (left.as_u64(), right.as_u64()) {
        return left == right;
    }
    // An exact comparison of an integer that no float holds with its neighbour as a float is not worth the trouble.
    left.as_f64() == right.as_f64()
}
