//! Correlations of a parameter with a metric.

use super::column::Column;

/// The correlations of Pearson and Spearman, over the rows in which the column has a number.
pub(super) fn of(column: &Column, target: &[f64]) -> (Option<f64>, Option<f64>) {
    let Some(numbers) = &column.numbers else {
        return (None, None);
    };
    let (values, target): (Vec<f64>, Vec<f64>) = numbers
        .iter()
        .zip(target)
        .filter(|(number, _)| number.is_finite())
        .unzip();
    (
        pearson(&values, &target),
        pearson(&ranks(&values), &ranks(&target)),
    )
}

/// `None` for fewer than three pairs, and if one side does not vary.
fn pearson(left: &[f64], right: &[f64]) -> Option<f64> {
    const LEAST_PAIRS: usize = 3;
    if left.len() < LEAST_PAIRS {
        return None;
    }
    let (left, right) = (centered(left), centered(right));
    let product = |left: &[f64], right: &[f64]| -> f64 {
        left.iter()
            .zip(right)
            .map(|(left, right)| left * right)
            .sum()
    };
    let size = product(&left, &left).sqrt() * product(&right, &right).sqrt();
    let correlation = product(&left, &right) / size;
    (size > 0.0 && correlation.is_finite()).then(|| correlation.clamp(-1.0, 1.0))
}

/// The differences to the mean, as shares of the largest, so that no square overflows.
fn centered(values: &[f64]) -> Vec<f64> {
    let n_values = values.len() as f64;
    let mean: f64 = values.iter().map(|value| value / n_values).sum();
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max((value - mean).abs()));
    // What differs by rounding alone does not vary.
    if largest <= 1e-12 * mean.abs() {
        return vec![0.0; values.len()];
    }
    values
        .iter()
        .map(|value| (value - mean) / largest)
        .collect()
}

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&left, &right| values[left].total_cmp(&values[right]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let equal = order[start..]
            .iter()
            .take_while(|&&index| values[index].total_cmp(&values[order[start]]).is_eq())
            .count();
        let rank = start as f64 + f64::midpoint(equal as f64, 1.0);
        for &index in &order[start..start + equal] {
            ranks[index] = rank;
        }
        start += equal;
    }
    ranks
}
