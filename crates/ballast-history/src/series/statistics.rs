//! What some values say together.

use crate::bucket::Sum;

/// Statistics of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Statistics {
    /// NaN if there is no value.
    pub(super) mean: f64,
    /// The middle value, or the mean of the middle two; NaN if there is no value.
    pub(super) median: f64,
    /// With one less than the count in the denominator; NaN if there are less than two values.
    pub(super) sd: f64,
    /// Standard error of the mean; NaN if there are less than two values.
    pub(super) se: f64,
}

impl Statistics {
    /// The statistics of values that are finite, which are sorted on the way.
    ///
    /// The mean and the squared deviations from it are summed in two passes. Nothing overflows but what is beyond the
    /// floats.
    pub(super) fn of(values: &mut [f64]) -> Self {
        if values.is_empty() {
            let nan = f64::NAN;
            return Self {
                mean: nan,
                median: nan,
                sd: nan,
                se: nan,
            };
        }
        values.sort_unstable_by(f64::total_cmp);
        let (least, greatest) = (values[0], values[values.len() - 1]);
        let n = values.len() as f64;
        let mut sum = Sum::default();
        for &value in values.iter() {
            sum.add(value);
        }
        let mean = sum.divided_by(n).clamp(least, greatest);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        let sd = standard_deviation(values, mean);
        Self {
            mean,
            median,
            sd,
            se: sd / n.sqrt(),
        }
    }
}

fn standard_deviation(values: &[f64], mean: f64) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    // Halves, so that no difference overflows; in units of the largest, so that no square does.
    let deviations = || values.iter().map(|value| value / 2.0 - mean / 2.0);
    let largest = deviations().map(f64::abs).fold(0.0, f64::max);
    if largest == 0.0 {
        return 0.0;
    }
    let mut squares = Sum::default();
    for deviation in deviations() {
        squares.add((deviation / largest).powi(2));
    }
    squares.divided_by(values.len() as f64 - 1.0).sqrt() * largest * 2.0
}
