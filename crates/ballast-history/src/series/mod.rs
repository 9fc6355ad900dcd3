//! Curves, downsampled exactly.

use ballast_model::MetricName;

/// What a curve is drawn against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Axis {
    /// `_step`.
    Step,
    /// `_runtime`, seconds since the run's start.
    Runtime,
    /// `_timestamp`, seconds since the Unix epoch.
    Time,
    /// Any other key.
    Metric(MetricName),
}

/// Which curves, over which range, in how many columns.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesRequest {
    /// The y keys; each gives one [`Series`].
    pub keys: Vec<MetricName>,
    /// The x axis.
    pub axis: Axis,
    /// Least x, inclusive.
    pub min: Option<f64>,
    /// Greatest x, inclusive.
    pub max: Option<f64>,
    /// At most this many columns each; at least 4 are used.
    pub max_columns: usize,
}

/// A curve as columns of ascending x. All vectors have the length of `x_min`.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The y key.
    pub key: MetricName,
    /// Least x of the column's points.
    pub x_min: Vec<f64>,
    /// Greatest x of the column's points.
    pub x_max: Vec<f64>,
    /// Least finite y; NaN if `count` is 0.
    pub min: Vec<f64>,
    /// Greatest finite y; NaN if `count` is 0.
    pub max: Vec<f64>,
    /// Finite y of the least x; NaN if `count` is 0.
    pub first: Vec<f64>,
    /// Finite y of the greatest x; NaN if `count` is 0.
    pub last: Vec<f64>,
    /// Mean of the finite y; NaN if `count` is 0.
    pub mean: Vec<f64>,
    /// How many finite y.
    pub count: Vec<u32>,
    /// How many y are NaN.
    pub n_nan: Vec<u32>,
    /// How many y are positive infinity.
    pub n_pos_inf: Vec<u32>,
    /// How many y are negative infinity.
    pub n_neg_inf: Vec<u32>,
    /// How many points there are in the range, over all columns and whether finite or not.
    pub n_points: u64,
}
