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
            sort_points(&mut self.xs, &mut self.ys);
        }
        self.how.apply(&self.xs, &mut self.ys);
        (self.xs, self.ys)
    }
}

/// Brings points into the order of x, those of equal x as they are, where they are: a copy of them would be large.
fn sort_points(xs: &mut [f64], ys: &mut [f64]) {
    let mut order: Vec<u32> = (0..xs.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| {
        let by_x = xs[a as usize].total_cmp(&xs[b as usize]);
        by_x.then(a.cmp(&b))
    });
    // Each point moves along the cycle of the order that it is in.
    for start in 0..order.len() {
        let first = (xs[start], ys[start]);
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at], at as u32) as usize;
            if from == start {
                (xs[at], ys[at]) = first;
                break;
            }
            (xs[at], ys[at]) = (xs[from], ys[from]);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use ballast_model::MetricName;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn points_are_sorted_by_x_and_then_as_they_came(xs in prop::collection::vec(-9_i8..9, 0..40)) {
            let mut points: Vec<(f64, f64)> = (0_u8..).zip(xs).map(|(y, x)| (x.into(), y.into())).collect();
            let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
            sort_points(&mut xs, &mut ys);
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let sorted: Vec<(f64, f64)> = xs.into_iter().zip(ys).collect();
            prop_assert_eq!(sorted, points);
        }
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
