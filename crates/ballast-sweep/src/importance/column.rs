//! One parameter as a forest sees it: few codes.

use std::collections::HashMap;

use serde_json::Value;

use crate::grid::key;

/// The most codes of a column, that of missing values included.
pub(super) const MAX_CODES: usize = 64;

/// The values of one parameter.
pub(super) struct Column {
    /// A code for each row, below [`Self::n_codes`]. The code 0 is of rows without a value.
    pub(super) codes: Vec<u8>,
    pub(super) n_codes: usize,
    /// Whether codes ascend with the values.
    pub(super) is_ordered: bool,
    /// The number of each row; NaN where there is none. `None` for categories.
    pub(super) numbers: Option<Vec<f64>>,
}

impl Column {
    /// The values in some rows; `None` if all are the same.
    pub(super) fn new(values: &[Option<Value>], rows: &[usize]) -> Option<Self> {
        let present: Vec<Option<&Value>> = rows
            .iter()
            .map(|&row| values.get(row).and_then(Option::as_ref))
            .collect();
        let numbers: Option<Vec<f64>> = present
            .iter()
            .map(|value| match value {
                None | Some(Value::Null) => Some(f64::NAN),
                Some(Value::Bool(value)) => Some(f64::from(u8::from(*value))),
                Some(Value::Number(number)) => number.as_f64(),
                Some(_) => None,
            })
            .collect();
        let (codes, is_ordered) = match &numbers {
            Some(numbers) => (codes_of_numbers(numbers), true),
            None => (codes_of_categories(&present), false),
        };
        let first = *codes.first()?;
        if codes.iter().all(|code| *code == first) {
            return None;
        }
        let n_codes = usize::from(codes.iter().copied().max()?) + 1;
        Some(Self {
            codes,
            n_codes,
            is_ordered,
            numbers,
        })
    }
}

/// Ranks in as many groups of about the same size as there are codes; equal numbers have the same code.
fn codes_of_numbers(numbers: &[f64]) -> Vec<u8> {
    let mut sorted: Vec<f64> = numbers
        .iter()
        .copied()
        .filter(|number| !number.is_nan())
        .collect();
    sorted.sort_by(f64::total_cmp);
    let mut starts = sorted.clone();
    starts.dedup();
    if starts.len() >= MAX_CODES {
        starts = (0..MAX_CODES - 1)
            .map(|group| sorted[group * sorted.len() / (MAX_CODES - 1)])
            .collect();
        starts.dedup();
    }
    numbers
        .iter()
        .map(|number| {
            if number.is_nan() {
                0
            } else {
                starts.partition_point(|start| start <= number) as u8
            }
        })
        .collect()
}

/// A code for each of the most frequent values, and the last one for the rest.
fn codes_of_categories(values: &[Option<&Value>]) -> Vec<u8> {
    let keys: Vec<Option<String>> = values.iter().map(|value| value.map(key)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for key in keys.iter().flatten() {
        *counts.entry(key).or_default() += 1;
    }
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    ranked.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
    let codes: HashMap<&str, u8> = ranked
        .iter()
        .enumerate()
        .map(|(rank, (key, _))| (*key, (rank + 1).min(MAX_CODES - 1) as u8))
        .collect();
    keys.iter()
        .map(|key| key.as_deref().map_or(0, |key| codes[key]))
        .collect()
}
