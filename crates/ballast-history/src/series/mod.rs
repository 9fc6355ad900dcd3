//! Curves, downsampled exactly.

mod curve;
mod levels;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "figures are exact to the bit")]
mod tests;

use std::pin::pin;
use std::sync::Arc;

use ballast_model::MetricName;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::engine::{Engine, blocking};
use crate::rows::{Numbers, RUNTIME, STEP, TIMESTAMP, for_each_pair};
use crate::scan::ReadPlan;
use crate::{Part, Projection, ReadError, RowBatch};

use curve::Curve;
use levels::Levels;

/// The buckets of so many parts are on their way at once.
const PARTS_AHEAD: usize = 8;

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

impl SeriesRequest {
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
/// numbers) and a finite number for x inside the range. Points of equal x share a column. If there are at most
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
    /// Over steps, buckets of the pyramid stand in for rows wherever there are enough of them, so that the cost follows
    /// `max_columns`. Else only the columns of x and y are read, part by part. Memory follows `max_columns`, not points.
    ///
    /// # Errors
    /// [`ReadError`] if a part cannot be read.
    pub async fn series(
        &self,
        view: &[Part],
        request: &SeriesRequest,
    ) -> Result<Vec<Series>, ReadError> {
        let curves = self.curves(view, request).await?;
        blocking(move || curves.into_iter().map(Curve::finish).collect()).await
    }

    async fn curves(
        &self,
        view: &[Part],
        request: &SeriesRequest,
    ) -> Result<Vec<Curve>, ReadError> {
        let levels = self.choose_levels(view, request).await?;
        let mut drawing = Drawing::new(request, &levels);
        let work = stream::iter(levels.work(view.len())).map(|work| async {
            let blocks = self.fetch_buckets(&levels, &work).await?;
            Ok::<_, ReadError>((work, blocks))
        });
        let mut work = pin!(work.buffered(PARTS_AHEAD));
        while let Some((work, blocks)) = work.try_next().await? {
            if !work.row_keys.is_empty() {
                drawing = self
                    .draw_rows(&view[work.parts], work.row_keys, drawing)
                    .await?;
            }
            if !blocks.is_empty() {
                drawing = blocking(move || {
                    for (curve, blocks) in &blocks {
                        drawing.curves[*curve].add_buckets(blocks);
                    }
                    drawing
                })
                .await?;
            }
        }
        Ok(drawing.curves)
    }

    /// Draws the rows of some parts into the curves whose places are `curves`.
    async fn draw_rows(
        &self,
        parts: &[Part],
        curves: Vec<usize>,
        mut drawing: Drawing,
    ) -> Result<Drawing, ReadError> {
        let mut rows = self.read(parts, Arc::new(drawing.read_plan(&curves)));
        let curves = Arc::new(curves);
        while let Some(batches) = rows.try_next().await? {
            let curves = Arc::clone(&curves);
            drawing = blocking(move || {
                for rows in &batches {
                    drawing.add(&rows.batch, &curves);
                }
                drawing
            })
            .await?;
        }
        Ok(drawing)
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
    curves: Vec<Curve>,
}

impl Drawing {
    fn new(request: &SeriesRequest, levels: &Levels) -> Self {
        let keys = request.keys.iter().zip(&levels.exponents);
        let curves = keys.map(|(key, &exponent)| {
            let range = levels::whole_buckets(request.range(), exponent);
            Curve::new(key.clone(), request.max_columns, range, exponent)
        });
        Self {
            x: request.axis.name(),
            integers_only: request.axis == Axis::Step,
            curves: curves.collect(),
        }
    }

    fn read_plan(&self, curves: &[usize]) -> ReadPlan {
        let curves = || curves.iter().map(|&curve| &self.curves[curve]);
        let keys: Vec<MetricName> = curves().map(|curve| curve.key().clone()).collect();
        let least = curves().map(|curve| curve.range().0).reduce(f64::min);
        let greatest = curves().map(|curve| curve.range().1).reduce(f64::max);
        ReadPlan {
            keys: Projection::only(keys.iter().chain([&self.x]).cloned()),
            required: Some(keys),
            min_step: least.filter(|_| self.integers_only).and_then(first_step),
            end_step: greatest.filter(|_| self.integers_only).and_then(end_step),
        }
    }

    fn add(&mut self, batch: &RowBatch, curves: &[usize]) {
        let xs = if self.integers_only {
            Numbers::integers(batch, &self.x)
        } else {
            Numbers::of(batch, &self.x)
        };
        for &curve in curves {
            let curve = &mut self.curves[curve];
            let ys = Numbers::of(batch, curve.key());
            for_each_pair(&xs, &ys, |x, y| curve.add(x, y));
        }
    }
}
