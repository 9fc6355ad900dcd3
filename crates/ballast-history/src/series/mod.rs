//! Curves, downsampled exactly.

mod curve;
mod drawing;
mod group;
mod levels;
mod line;
mod smoothing;
mod source;
mod statistics;
mod student;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "figures are exact to the bit")]
mod tests;

use ballast_model::MetricName;

use crate::bucket::Bucket;
use crate::engine::{Engine, brief_or_blocking};
use crate::{Expression, Part, ReadError};

pub use group::GroupSeries;
pub use smoothing::Smoothing;

/// A curve of more points is not smoothed.
///
/// Points that are smoothed are held in memory: 16 bytes each, and for a while up to 32. All curves that an engine smooths at
/// the same time have at most so many points together; others wait.
pub const MAX_SMOOTHED_POINTS: usize = 1 << 21;

/// What a curve is drawn against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Axis {
    /// `_step`, integers only.
    Step,
    /// `_runtime`, seconds since the run's start.
    Runtime,
    /// `_timestamp`, seconds since the Unix epoch.
    Time,
    /// Any key; its integers and floats count.
    Metric(MetricName),
    /// The points of an expression that are finite.
    Expression(Expression),
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quantity {
    /// The integers and floats of a key.
    Metric(MetricName),
    /// The points of an expression.
    Expression(Expression),
}

impl From<MetricName> for Quantity {
    fn from(name: MetricName) -> Self {
        Self::Metric(name)
    }
}

impl From<Expression> for Quantity {
    fn from(expression: Expression) -> Self {
        Self::Expression(expression)
    }
}

/// Which curves, over which range, in how many columns.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesRequest {
    /// What is drawn; each gives one [`Series`].
    pub quantities: Vec<Quantity>,
    /// The x axis.
    pub axis: Axis,
    /// How the curves are smoothed, if at all.
    pub smoothing: Option<Smoothing>,
    /// Least x, inclusive.
    pub min: Option<f64>,
    /// Greatest x, inclusive.
    pub max: Option<f64>,
    /// At most this many columns for each quantity; less than 4 counts as 4.
    pub max_columns: usize,
}

impl SeriesRequest {
    /// About how many bytes of memory the curves of a run take at most while they are drawn, what is read or smoothed not
    /// counted.
    pub fn bytes_to_draw(&self) -> usize {
        self.quantities.len() * curve::max_buckets(self.max_columns) * size_of::<Bucket>()
    }

    /// About how many bytes of memory the [`Series`] of a run take at most.
    pub fn bytes_of_series(&self) -> usize {
        let columns = self.max_columns.max(curve::MIN_COLUMNS);
        self.quantities.len() * Series::bytes_of(columns)
    }

    fn range(&self) -> (f64, f64) {
        (
            self.min.unwrap_or(f64::NEG_INFINITY),
            self.max.unwrap_or(f64::INFINITY),
        )
    }
}

/// A curve as columns of ascending x that do not overlap; all vectors have one entry for each column.
///
/// A point is a visible row that has a number for y (integers beyond 2^53 are rounded; booleans and text are no
/// numbers) and a finite number for x inside the range. Smoothing and the parts of an expression that look back see all
/// visible rows, whatever the range, so a point has the same y at any zoom. Points of equal x share a column. If there are at most
/// `max_columns` distinct x, each has its column; else a column is a bucket `[m * w, (m + 1) * w)` of x that has
/// points, where `w` is the least power of two that gives at most `max_columns` columns. So edges do not move while a
/// run grows, every edge of a coarser curve is one of the finer, and runs share their edges.
///
/// Where buckets of a pyramid were used, the range was widened to whole buckets, which are narrower than a column.
///
/// `first` and `last` are those of the column's points in x order, points of equal x in line order.
/// Every figure is exact, of all points in the column, but the mean, which is rounded (its error is below 1e-12 of the
/// mean magnitude). -0.0 is less than 0.0.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What was drawn.
    pub quantity: Quantity,
    /// Whether y are smoothed. Not if that was not asked for, or if the curve has more than [`MAX_SMOOTHED_POINTS`] points
    /// (those outside the range count): then they are as logged.
    pub smoothed: bool,
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
    /// How many y are finite.
    pub count: Vec<u32>,
    /// How many y are NaN.
    pub n_nan: Vec<u32>,
    /// How many y are positive infinity.
    pub n_pos_inf: Vec<u32>,
    /// How many y are negative infinity.
    pub n_neg_inf: Vec<u32>,
    /// How many points there are over all columns, finite or not.
    pub n_points: u64,
}

impl Series {
    /// About how many bytes of memory it takes.
    pub fn n_bytes(&self) -> usize {
        Self::bytes_of(self.x_min.len())
    }

    fn bytes_of(n_columns: usize) -> usize {
        const BYTES_PER_COLUMN: usize = 7 * size_of::<f64>() + 4 * size_of::<u32>();
        size_of::<Self>() + n_columns * BYTES_PER_COLUMN
    }
}

impl Engine {
    /// Curves, one for each quantity asked, in that order. One without points gives an empty curve.
    ///
    /// A metric over steps that is not smoothed is drawn from buckets of the pyramid instead of rows wherever there are
    /// enough of them, so that the cost follows `max_columns`. Else the columns of x and y are read, part by part. Memory
    /// follows `max_columns`, not points, but for smoothing, see [`MAX_SMOOTHED_POINTS`].
    ///
    /// # Errors
    /// [`ReadError`] if a part cannot be read.
    pub async fn series(
        &self,
        view: &[Part],
        request: &SeriesRequest,
    ) -> Result<Vec<Series>, ReadError> {
        let drawn = self.draw(view, request).await?;
        let quantities = request.quantities.clone();
        let n_buckets = drawn.iter().map(|drawn| drawn.columns.buckets.len()).sum();
        brief_or_blocking(n_buckets, move || {
            let curves = drawn.into_iter().zip(quantities);
            curves
                .map(|(drawn, quantity)| drawn.columns.into_series(quantity, drawn.smoothed))
                .collect()
        })
        .await
    }
}
