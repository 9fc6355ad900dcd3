//! Curves, downsampled exactly.

mod bucket;
mod curve;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "figures are exact to the bit")]
mod tests;

use std::sync::Arc;

use ballast_model::MetricName;
use futures::stream::TryStreamExt;

use crate::engine::{Engine, blocking};
use crate::rows::{RUNTIME, STEP, TIMESTAMP, Values};
use crate::scan::ReadPlan;
use crate::{Part, Projection, ReadError, RowBatch};

use curve::Curve;

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
}

impl Axis {
    /// The key that holds x.
    pub fn name(&self) -> MetricName {
        match self {
            Self::Step => MetricName::from_key(STEP),
            Self::Runtime => MetricName::from_key(RUNTIME),
            Self::Time => MetricName::from_key(TIMESTAMP),
            Self::Metric(name) => name.clone(),
        }
    }
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
    /// At most this many columns for each key; less than 4 counts as 4.
    pub max_columns: usize,
}

/// A curve as columns of ascending x that do not overlap; all vectors have one entry for each column.
///
/// A point is a visible row that has a number for y (integers beyond 2^53 are rounded; booleans and text are no
/// numbers) and a finite number for x inside the range. Points of equal x share a column. If there are at most
/// `max_columns` distinct x, each has its column; else a column is a bucket `[m * w, (m + 1) * w)` of x that has
/// points, where `w` is the least power of two that gives at most `max_columns` columns. So edges do not move while a
/// run grows, every edge of a coarser curve is one of the finer, and runs share their edges.
///
/// `first` and `last` are those of the column's points in x order, points of equal x in line order.
/// Every figure is exact, of all points in the column, but the mean, which is rounded (its error is below 1e-12 of the
/// mean magnitude). -0.0 is less than 0.0.
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

impl Engine {
    /// Curves, one for each key asked, in that order. A key without points gives an empty curve.
    ///
    /// Reads only the columns of x and y, part by part, and keeps only what the answer needs: memory follows
    /// `max_columns`, not points.
    ///
    /// # Errors
    /// [`ReadError`] if a part cannot be read.
    pub async fn series(
        &self,
        view: &[Part],
        request: &SeriesRequest,
    ) -> Result<Vec<Series>, ReadError> {
        let x = request.axis.name();
        let steps = request.axis == Axis::Step;
        let plan = ReadPlan {
            keys: Projection::only(request.keys.iter().chain([&x]).cloned()),
            required: Some(request.keys.clone()),
            min_step: request.min.filter(|_| steps).and_then(first_step),
            end_step: request.max.filter(|_| steps).and_then(end_step),
        };
        let mut drawing = Drawing {
            x,
            integers_only: steps,
            range: (
                request.min.unwrap_or(f64::NEG_INFINITY),
                request.max.unwrap_or(f64::INFINITY),
            ),
            curves: request
                .keys
                .iter()
                .map(|key| Curve::new(key.clone(), request.max_columns))
                .collect(),
        };
        let mut rows = self.read(view, Arc::new(plan));
        while let Some(batches) = rows.try_next().await? {
            drawing = blocking(move || {
                for rows in &batches {
                    drawing.add(&rows.batch);
                }
                drawing
            })
            .await?;
        }
        blocking(move || drawing.curves.into_iter().map(Curve::finish).collect()).await
    }
}

/// The least integer that is not less than `min`, if integers are bounded by it.
fn first_step(min: f64) -> Option<i64> {
    (min > i64::MIN as f64).then_some(min.ceil() as i64)
}

/// One past the greatest integer that is not more than `max`, if integers are bounded by it.
fn end_step(max: f64) -> Option<i64> {
    (max < i64::MAX as f64).then(|| (max.floor() as i64).saturating_add(1))
}

/// Curves on their way.
struct Drawing {
    x: MetricName,
    /// Whether floats are no x.
    integers_only: bool,
    /// Least and greatest x.
    range: (f64, f64),
    curves: Vec<Curve>,
}

impl Drawing {
    fn add(&mut self, batch: &RowBatch) {
        let mut xs = numbers(batch, &self.x, self.integers_only);
        xs.retain(|&(_, x)| x.is_finite() && self.range.0 <= x && x <= self.range.1);
        for curve in &mut self.curves {
            let ys = numbers(batch, curve.key(), false);
            let mut xs = xs.iter().peekable();
            for (row, y) in ys {
                while xs.next_if(|&&(x_row, _)| x_row < row).is_some() {}
                if let Some(&(_, x)) = xs.next_if(|&&(x_row, _)| x_row == row) {
                    curve.add(x, y);
                }
            }
        }
    }
}

/// The rows in which a key is a number, ascending, and the number.
fn numbers(batch: &RowBatch, name: &MetricName, integers_only: bool) -> Vec<(usize, f64)> {
    let mut numbers = Vec::new();
    for column in batch.columns_of(name) {
        match column.values() {
            Values::Int(ints) => {
                numbers.extend(column.rows().zip(ints).map(|(row, &int)| (row, int as f64)));
            }
            Values::Float(floats) if !integers_only => {
                numbers.extend(column.rows().zip(floats).map(|(row, &float)| (row, float)));
            }
            _ => {}
        }
    }
    if batch
        .columns_of(name)
        .iter()
        .filter(|column| column.kind().is_number())
        .count()
        > 1
    {
        numbers.sort_unstable_by_key(|&(row, _)| row);
    }
    numbers
}
