//! Which parameters a metric depends on.

mod column;
mod correlation;
mod forest;

#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

use self::column::Column;
use self::forest::Forest;
use crate::bayes::rng::Rng;

/// More rows than these are thinned out evenly.
pub const MAX_ROWS: usize = 2_000;
/// More columns than these are cut to those that are most correlated with the metric, or not numeric.
pub const MAX_COLUMNS: usize = 64;

/// What a metric depends on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// How many rows had a finite value of the metric and were looked at.
    pub n_rows: usize,
    /// The parameters, the most important first. Those with one value in all rows are left out.
    pub parameters: Vec<ParameterImportance>,
}

/// What one parameter has to do with a metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParameterImportance {
    /// The index of the parameter in what was given.
    pub index: usize,
    /// Its share of what a random forest can tell of the metric, from 0 to 1. The shares add up to 1, or are all 0 if the
    /// forest can tell nothing.
    pub importance: f64,
    /// Pearson's correlation with the metric, from -1 to 1, over the rows in which the parameter is a number. `None` if it is no
    /// number in fewer than three rows, or does not vary.
    pub pearson: Option<f64>,
    /// Spearman's correlation with the metric: that of the ranks, which does not care for the scale.
    pub spearman: Option<f64>,
}

/// Estimates which parameters a metric depends on.
///
/// `columns` has a column for each parameter, with one value for each row and `None` where a row has none; `metric` has the value
/// of each row. Rows whose metric is not finite are left out. Truth values count as 0 and 1; a column with text or nested values
/// is one of categories. Fewer than three rows tell nothing.
///
/// The importance is by permutation: how much worse the forest predicts rows that a tree did not see when the values of one
/// parameter are shuffled among them. Unlike the decrease of impurity it does not favour parameters with many values. Of two
/// parameters that say the same, each gets a part. The result is a function of the input and the seed.
///
/// Looks at up to [`MAX_ROWS`] rows and [`MAX_COLUMNS`] columns, which takes less than a second.
///
/// # Source
/// Breiman (2001), Random Forests; sections 2 and 10.
pub fn importance(columns: &[Vec<Option<Value>>], metric: &[f64], seed: u64) -> Importance {
    let rows = rows(metric);
    let target: Vec<f64> = rows.iter().map(|&row| metric[row]).collect();
    let mut found: Vec<(ParameterImportance, Column)> = columns
        .iter()
        .enumerate()
        .filter_map(|(index, values)| {
            let column = Column::new(values, &rows)?;
            let (pearson, spearman) = correlation::of(&column, &target);
            let parameter = ParameterImportance {
                index,
                importance: 0.0,
                pearson,
                spearman,
            };
            Some((parameter, column))
        })
        .collect();
    if found.len() > MAX_COLUMNS {
        // The sort is stable: of equal ones the first remain.
        found.sort_by(|(left, _), (right, _)| {
            let weight = |parameter: &ParameterImportance| parameter.spearman.map_or(1.0, f64::abs);
            weight(right).total_cmp(&weight(left))
        });
        found.truncate(MAX_COLUMNS);
    }
    let (mut parameters, columns): (Vec<ParameterImportance>, Vec<Column>) =
        found.into_iter().unzip();
    let losses = Forest::new(&columns, &target).permutation_losses(&mut Rng::new(seed));
    let sum: f64 = losses.iter().sum();
    for (parameter, loss) in parameters.iter_mut().zip(losses) {
        parameter.importance = if sum > 0.0 { loss / sum } else { 0.0 };
    }
    parameters.sort_by(|left, right| {
        right
            .importance
            .total_cmp(&left.importance)
            .then(left.index.cmp(&right.index))
    });
    Importance {
        n_rows: rows.len(),
        parameters,
    }
}

/// The rows with a finite metric, thinned out evenly.
fn rows(metric: &[f64]) -> Vec<usize> {
    let finite: Vec<usize> = (0..metric.len())
        .filter(|&row| metric[row].is_finite())
        .collect();
    if finite.len() <= MAX_ROWS {
        return finite;
    }
    (0..MAX_ROWS)
        .map(|place| finite[place * finite.len() / MAX_ROWS])
        .collect()
}
