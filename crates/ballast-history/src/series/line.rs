//! One curve on its way, and the points that wait to be smoothed.

use super::Smoothing;
use super::curve::{Columns, Curve};
use super::source::Source;
use crate::RowBatch;
use crate::rows::{Numbers, for_each_pair};

/// A curve that is done.
pub(super) struct Drawn {
    pub(super) columns: Columns,
    pub(super) smoothed: bool,
}

/// One curve on its way.
pub(super) struct Line {
    pub(super) y: Source,
    pub(super) curve: Curve,
    pub(super) smoothing: Option<PendingPoints>,
}

impl Line {
    pub(super) fn add(&mut self, batch: &RowBatch, xs: &Numbers<'_>) {
        let ys = self.y.numbers(batch);
        let Some(points) = &mut self.smoothing else {
            for_each_pair(xs, &ys, |x, y| self.curve.add(x, y));
            return;
        };
        for_each_pair(xs, &ys, |x, y| points.add(x, y));
        if points.xs.len() > points.max_points {
            // Too many: they are drawn as they are, and so are those to come.
            for (&x, &y) in points.xs.iter().zip(&points.ys) {
                self.curve.add(x, y);
            }
            self.smoothing = None;
        }
    }

    /// How much is still to be gone through.
    pub(super) fn cost_of_finishing(&self) -> usize {
        let n_pending = self.smoothing.as_ref().map_or(0, |points| points.xs.len());
        n_pending + self.curve.n_buckets()
    }

    pub(super) fn finish(mut self) -> Drawn {
        let smoothed = self.smoothing.is_some();
        if let Some(points) = self.smoothing {
            let (xs, ys) = points.smooth();
            for (x, y) in xs.into_iter().zip(ys) {
                self.curve.add(x, y);
            }
        }
        Drawn {
            columns: self.curve.finish(),
            smoothed,
        }
    }
}

/// Points that are smoothed when all are there, in line order.
pub(super) struct PendingPoints {
    how: Smoothing,
    max_points: usize,
    xs: Vec<f64>,
    ys: Vec<f64>,
}

impl PendingPoints {
    pub(super) fn new(how: Smoothing, n_rows: usize, max_points: usize) -> Self {
        // All at once, so that growing does not copy. Memory that is not written to is not taken.
        let capacity = n_rows.min(max_points);
        Self {
            how,
            max_points,
            xs: Vec::with_capacity(capacity),
            ys: Vec::with_capacity(capacity),
        }
    }

    fn add(&mut self, x: f64, y: f64) {
        if x.is_finite() {
            // -0.0 becomes 0.0, so that equal x are in line order.
            self.xs.push(x + 0.0);
            self.ys.push(y);
        }
    }

    /// Ascending x, and the y of each.
    fn smooth(mut self) -> (Vec<f64>, Vec<f64>) {
        if !self.xs.is_sorted() {
            let points = self.xs.iter().copied().zip(self.ys.iter().copied());
            let mut points: Vec<(f64, f64)> = points.collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (at, (x, y)) in points.into_iter().enumerate() {
                (self.xs[at], self.ys[at]) = (x, y);
            }
        }
        self.how.apply(&self.xs, &mut self.ys);
        (self.xs, self.ys)
    }
}

#[cfg(test)]
mod tests {
    use ballast_model::MetricName;

    use super::*;
    use crate::testing::batch;

    /// Three batches of 10 points with room for `max_points`.
    fn draw(max_points: usize) -> Drawn {
        let everywhere = (f64::NEG_INFINITY, f64::INFINITY);
        let how = Smoothing::RunningMean { n_points: 1000 };
        let mut line = Line {
            y: Source::Numbers(MetricName::from_key("y")),
            curve: Curve::new(100, everywhere, None),
            smoothing: Some(PendingPoints::new(how, 30, max_points)),
        };
        for first in [0, 10, 20] {
            let rows = first..first + 10;
            let rows: Vec<String> = rows.map(|x| format!("{{\"y\":{x}}}")).collect();
            let batch = batch(&rows);
            line.add(&batch, &Numbers::of(&batch, &MetricName::from_key("y")));
        }
        line.finish()
    }

    #[test]
    fn curves_of_too_many_points_are_as_logged_and_say_so() {
        for (max_points, smoothed) in [(30, true), (29, false), (5, false)] {
            let drawn = draw(max_points);
            assert_eq!(drawn.smoothed, smoothed);
            assert_eq!(drawn.columns.n_points, 30);
            for bucket in &drawn.columns.buckets {
                let expected = if smoothed { 14.5 } else { bucket.x_min };
                assert!((bucket.mean() - expected).abs() < 1e-12);
                assert_eq!(bucket.count, 1);
            }
        }
    }
}
