//! One curve on its way: points in, columns out.

use std::sync::Arc;

use super::{Quantity, Series};
use crate::bucket::{Bucket, MAX_EXPONENT, MIN_EXPONENT, edge, is_same_edge, merge_equal_edges};

/// A curve never has fewer columns to spend: the widest buckets may be four.
pub(super) const MIN_COLUMNS: usize = 4;

/// So many buckets more than half the columns are gathered on top of these before they are merged, so that few columns do
/// not mean a merge for every few points.
const SPARE_BUCKETS: usize = 64;

/// Most buckets that a curve of so many columns holds on its way.
pub(super) fn max_buckets(max_columns: usize) -> usize {
    let columns = max_columns.max(MIN_COLUMNS);
    columns.saturating_add(columns / 2 + SPARE_BUCKETS)
}

/// Takes points in line order and keeps buckets of them.
///
/// While few, points are kept by their x. When more buckets are at hand than may be, they are merged into wider ones,
/// but never wider than the answer's: the least width at which the points so far need at most `max_columns` columns
/// can only grow with more points. So the answer does not depend on how the points were spread over parts.
pub(super) struct Curve {
    max_columns: usize,
    /// Least and greatest x; points outside do not count.
    range: (f64, f64),
    /// Width of the buckets: 2 to this; `None` while each x has its own.
    exponent: Option<i32>,
    /// Not sorted, and an edge may come several times, then in line order.
    buckets: Vec<Bucket>,
    n_points: u64,
}

impl Curve {
    /// An empty curve. With an exponent, its buckets are 2 to that wide from the start.
    pub(super) fn new(max_columns: usize, range: (f64, f64), exponent: Option<i32>) -> Self {
        Self {
            max_columns: max_columns.max(MIN_COLUMNS),
            range,
            exponent,
            buckets: Vec::new(),
            n_points: 0,
        }
    }

    pub(super) fn range(&self) -> (f64, f64) {
        self.range
    }

    pub(super) fn n_buckets(&self) -> usize {
        self.buckets.len()
    }

    /// Takes in a point, if it counts.
    pub(super) fn add(&mut self, x: f64, y: f64) {
        if !x.is_finite() || x < self.range.0 || self.range.1 < x {
            return;
        }
        self.n_points += 1;
        // -0.0 becomes 0.0, so that equal x have equal bits.
        let x = x + 0.0;
        let edge = self.edge(x);
        if let Some(bucket) = self.buckets.last_mut()
            && is_same_edge(bucket.edge, edge)
        {
            bucket.add(x, y);
            return;
        }
        self.make_room();
        let mut bucket = Bucket::new(self.edge(x), x);
        bucket.add(x, y);
        self.buckets.push(bucket);
    }

    /// Takes in the buckets, of points in line order behind those before, that are in the range. They are no wider than
    /// the curve's own and either inside the range or outside.
    pub(super) fn add_buckets(&mut self, blocks: &[Arc<Vec<Bucket>>]) {
        for bucket in blocks.iter().flat_map(|block| block.iter()) {
            if bucket.x_max < self.range.0 || self.range.1 < bucket.x_min {
                continue;
            }
            self.n_points += bucket.n_points();
            let edge = self.edge(bucket.x_min);
            match self.buckets.last_mut() {
                Some(last) if is_same_edge(last.edge, edge) => last.merge(bucket),
                _ => {
                    self.make_room();
                    let edge = self.edge(bucket.x_min);
                    self.buckets.push(Bucket {
                        edge,
                        ..bucket.clone()
                    });
                }
            }
        }
    }

    fn make_room(&mut self) {
        if self.buckets.len() >= max_buckets(self.max_columns) {
            self.compact();
        }
    }

    fn edge(&self, x: f64) -> f64 {
        self.exponent.map_or(x, |exponent| edge(x, exponent))
    }

    pub(super) fn finish(mut self) -> Columns {
        self.compact();
        self.buckets.shrink_to_fit();
        Columns {
            exponent: self.exponent,
            buckets: self.buckets,
            n_points: self.n_points,
        }
    }

    /// Brings the buckets into order, one for each edge, and widens them until they are few enough.
    fn compact(&mut self) {
        merge_equal_edges(&mut self.buckets);
        if self.buckets.len() <= self.max_columns {
            return;
        }
        let xs: Vec<f64> = self.buckets.iter().map(|bucket| bucket.x_min).collect();
        if let Some(exponent) = least_exponent(&xs, self.exponent, self.max_columns) {
            self.exponent = Some(exponent);
            for bucket in &mut self.buckets {
                bucket.edge = edge(bucket.x_min, exponent);
            }
            merge_equal_edges(&mut self.buckets);
        }
    }
}

/// A curve as buckets of ascending edges, each once.
pub(super) struct Columns {
    /// Their width, 2 to this; `None` if each x has its own.
    pub(super) exponent: Option<i32>,
    pub(super) buckets: Vec<Bucket>,
    pub(super) n_points: u64,
}

impl Columns {
    pub(super) fn into_series(self, quantity: Quantity, smoothed: bool) -> Series {
        let floats = |value: fn(&Bucket) -> f64| self.buckets.iter().map(value).collect();
        let counts = |value: fn(&Bucket) -> u32| self.buckets.iter().map(value).collect();
        Series {
            quantity,
            smoothed,
            x_min: floats(|bucket| bucket.x_min),
            x_max: floats(|bucket| bucket.x_max),
            min: floats(|bucket| bucket.min),
            max: floats(|bucket| bucket.max),
            first: floats(|bucket| bucket.first.1),
            last: floats(|bucket| bucket.last.1),
            mean: floats(Bucket::mean),
            count: counts(|bucket| bucket.count),
            n_nan: counts(|bucket| bucket.n_nan),
            n_pos_inf: counts(|bucket| bucket.n_pos_inf),
            n_neg_inf: counts(|bucket| bucket.n_neg_inf),
            n_points: self.n_points,
        }
    }
}

/// The least width, 2 to this and more than the present one, at which ascending `xs`, each of a bucket of its own at
/// present, are of few enough buckets; `None` if they are already.
pub(super) fn least_exponent(xs: &[f64], present: Option<i32>, max_columns: usize) -> Option<i32> {
    if xs.len() <= max_columns {
        return None;
    }
    let is_few = |exponent| n_buckets(xs, exponent) <= max_columns;
    let (mut narrow, mut wide) = (
        present.map_or(MIN_EXPONENT, |exponent| exponent + 1),
        MAX_EXPONENT,
    );
    // The answer for x that are spread evenly, and from there in ever larger steps, since each look costs a pass.
    let spread = (xs[xs.len() - 1] - xs[0]) / max_columns as f64;
    let guess = (spread.log2().floor() as i32).clamp(narrow, wide);
    let mut step = 1;
    if is_few(guess) {
        wide = guess;
        while narrow < wide {
            let probe = (wide - step).max(narrow);
            if !is_few(probe) {
                narrow = probe + 1;
                break;
            }
            wide = probe;
            step *= 2;
        }
    } else {
        narrow = (guess + 1).min(wide);
        while narrow < wide {
            let probe = (narrow + step - 1).min(wide);
            if is_few(probe) {
                wide = probe;
                break;
            }
            narrow = probe + 1;
            step *= 2;
        }
    }
    while narrow < wide {
        let middle = narrow + (wide - narrow) / 2;
        if is_few(middle) {
            wide = middle;
        } else {
            narrow = middle + 1;
        }
    }
    Some(wide)
}

/// How many buckets of a width hold some of ascending `xs`.
fn n_buckets(xs: &[f64], exponent: i32) -> usize {
    let edges = xs.iter().map(|&x| edge(x, exponent));
    let (n, _) = edges.fold((0, f64::NAN), |(n, before), edge| {
        (n + usize::from(!is_same_edge(edge, before)), edge)
    });
    n
}
