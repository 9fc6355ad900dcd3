//! Points summed up: what a column of a curve and a bucket of a pyramid tell, and how x is cut into them.

/// From this magnitude on, numbers are summed on a smaller scale, so that no sum overflows.
const HUGE: f64 = f64::from_bits((960 + 1023) << 52);

/// The smaller scale: 2^-64.
const SCALE: f64 = f64::from_bits((1023 - 64) << 52);

/// Buckets are at least 2 to this wide.
pub(crate) const MIN_EXPONENT: i32 = -1022;

/// At this width there are at most four buckets.
pub(crate) const MAX_EXPONENT: i32 = 1023;

/// Lower edge of the bucket of width 2^`exponent` that `x` is in; an edge is a multiple of the width.
///
/// The buckets of a larger exponent are unions of those of a smaller one. Where floats are further apart than the
/// width, each is a bucket of its own.
pub(crate) fn edge(x: f64, exponent: i32) -> f64 {
    if exponent + 53 < MAX_EXPONENT && x.abs() >= power_of_two(exponent + 53) {
        return x;
    }
    let floor = (x * power_of_two(-exponent)).floor();
    // A tiny negative quotient may have become -0.0.
    let floor = if x < 0.0 && floor == 0.0 { -1.0 } else { floor };
    floor * power_of_two(exponent) + 0.0
}

/// 2 to `exponent`, exactly, down to the least float.
fn power_of_two(exponent: i32) -> f64 {
    debug_assert!((-1074..=1023).contains(&exponent));
    f64::from_bits(if exponent < MIN_EXPONENT {
        1 << (exponent + 1074)
    } else {
        ((exponent + 1023) as u64) << 52
    })
}

/// What a column tells of its points.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bucket {
    /// Points of equal edge belong together.
    pub(crate) edge: f64,
    pub(crate) x_min: f64,
    pub(crate) x_max: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// The least x that has a finite y, and that y.
    pub(crate) first: (f64, f64),
    /// The greatest x that has a finite y, and that y.
    pub(crate) last: (f64, f64),
    pub(crate) sum: Sum,
    pub(crate) count: u32,
    pub(crate) n_nan: u32,
    pub(crate) n_pos_inf: u32,
    pub(crate) n_neg_inf: u32,
}

impl Bucket {
    pub(crate) fn new(edge: f64, x: f64) -> Self {
        Self {
            edge,
            x_min: x,
            x_max: x,
            min: f64::NAN,
            max: f64::NAN,
            first: (x, f64::NAN),
            last: (x, f64::NAN),
            sum: Sum::default(),
            count: 0,
            n_nan: 0,
            n_pos_inf: 0,
            n_neg_inf: 0,
        }
    }

    /// Takes in a point that was logged after those taken in before.
    pub(crate) fn add(&mut self, x: f64, y: f64) {
        self.x_min = self.x_min.min(x);
        self.x_max = self.x_max.max(x);
        if !y.is_finite() {
            let counter = if y.is_nan() {
                &mut self.n_nan
            } else if y > 0.0 {
                &mut self.n_pos_inf
            } else {
                &mut self.n_neg_inf
            };
            *counter = counter.saturating_add(1);
            return;
        }
        self.sum.add(y);
        if self.count == 0 {
            (self.min, self.max) = (y, y);
            (self.first, self.last) = ((x, y), (x, y));
        } else {
            self.min = least(self.min, y);
            self.max = greatest(self.max, y);
            if x < self.first.0 {
                self.first = (x, y);
            }
            if x >= self.last.0 {
                self.last = (x, y);
            }
        }
        self.count = self.count.saturating_add(1);
    }

    /// Takes in points that, where x is equal, were logged after those taken in before.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.x_min = self.x_min.min(other.x_min);
        self.x_max = self.x_max.max(other.x_max);
        self.n_nan = self.n_nan.saturating_add(other.n_nan);
        self.n_pos_inf = self.n_pos_inf.saturating_add(other.n_pos_inf);
        self.n_neg_inf = self.n_neg_inf.saturating_add(other.n_neg_inf);
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            (self.min, self.max) = (other.min, other.max);
            (self.first, self.last) = (other.first, other.last);
        } else {
            self.min = least(self.min, other.min);
            self.max = greatest(self.max, other.max);
            if other.first.0 < self.first.0 {
                self.first = other.first;
            }
            if other.last.0 >= self.last.0 {
                self.last = other.last;
            }
        }
        self.sum.merge(&other.sum);
        self.count = self.count.saturating_add(other.count);
    }

    /// How many points, finite or not.
    pub(crate) fn n_points(&self) -> u64 {
        [self.count, self.n_nan, self.n_pos_inf, self.n_neg_inf]
            .into_iter()
            .map(u64::from)
            .sum()
    }

    /// Whether it holds points whose y is not finite.
    pub(crate) fn has_non_finite(&self) -> bool {
        self.n_nan != 0 || self.n_pos_inf != 0 || self.n_neg_inf != 0
    }

    /// Mean of the finite y; NaN if there is none.
    pub(crate) fn mean(&self) -> f64 {
        if self.count == 0 {
            return f64::NAN;
        }
        let mean = self.sum.divided_by(f64::from(self.count));
        // Rounding may lead one unit outside.
        mean.clamp(self.min, self.max)
    }
}

/// The lesser of two finite numbers, -0.0 below 0.0.
fn least(a: f64, b: f64) -> f64 {
    if b.total_cmp(&a).is_lt() { b } else { a }
}

/// The greater of two finite numbers, -0.0 below 0.0.
fn greatest(a: f64, b: f64) -> f64 {
    if b.total_cmp(&a).is_gt() { b } else { a }
}

/// Brings buckets into the order of their edges and makes one of those of equal edge.
///
/// Buckets of one edge must come in line order.
pub(crate) fn merge_equal_edges(buckets: &mut Vec<Bucket>) {
    // Stable: buckets of one edge stay in line order.
    buckets.sort_by(|a, b| a.edge.total_cmp(&b.edge));
    buckets.dedup_by(|later, kept| {
        let is_repeated = is_same_edge(later.edge, kept.edge);
        if is_repeated {
            kept.merge(later);
        }
        is_repeated
    });
}

/// Whether two edges are one. None is -0.0.
pub(crate) fn is_same_edge(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

/// A sum that keeps what rounding drops (Neumaier 1974) and does not overflow.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sum {
    total: f64,
    dropped: f64,
    /// Sum of the huge ones on the smaller scale.
    huge: f64,
}

impl Sum {
    /// A sum that is known, rounded.
    pub(crate) fn of(total: f64) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    /// The sum, rounded; `None` if some of the numbers are so large that it might overflow.
    pub(crate) fn rounded(&self) -> Option<f64> {
        (self.huge == 0.0).then_some(self.total + self.dropped)
    }

    pub(crate) fn add(&mut self, value: f64) {
        if value.abs() >= HUGE {
            self.huge += value * SCALE;
            return;
        }
        let total = self.total + value;
        self.dropped += if self.total.abs() >= value.abs() {
            (self.total - total) + value
        } else {
            (value - total) + self.total
        };
        self.total = total;
    }

    fn merge(&mut self, other: &Self) {
        let huge = self.huge + other.huge;
        // Sums of numbers that are not huge stay far from overflow, so they add as they are.
        let total = self.total + other.total;
        self.dropped += if self.total.abs() >= other.total.abs() {
            (self.total - total) + other.total
        } else {
            (other.total - total) + self.total
        };
        self.dropped += other.dropped;
        self.total = total;
        self.huge = huge;
    }

    pub(crate) fn divided_by(&self, count: f64) -> f64 {
        (self.total + self.dropped) / count + self.huge / count / SCALE
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "figures are exact to the bit")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finite() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>().prop_filter("finite", |x| x.is_finite()),
            prop::sample::select(vec![
                0.0,
                5e-324,
                -5e-324,
                f64::MAX,
                f64::MIN,
                f64::MIN_POSITIVE,
                -f64::MIN_POSITIVE,
                1.0,
                -1.0,
            ]),
            -1e6..1e6,
        ]
    }

    proptest! {
        #[test]
        fn edges_are_below_and_within_a_width(x in finite(), exponent in MIN_EXPONENT..=MAX_EXPONENT) {
            let edge = edge(x, exponent);
            prop_assert!(edge <= x);
            let is_within = x - edge <= power_of_two(exponent);
            prop_assert!(is_within || edge == x || edge == f64::NEG_INFINITY);
        }

        #[test]
        fn edges_ascend_and_nest(
            xs in prop::collection::vec(finite(), 2..8),
            exponent in MIN_EXPONENT..MAX_EXPONENT,
        ) {
            let mut xs = xs;
            xs.sort_by(f64::total_cmp);
            for pair in xs.windows(2) {
                let at = |exponent| (edge(pair[0], exponent), edge(pair[1], exponent));
                let (fine, coarse) = (at(exponent), at(exponent + 1));
                prop_assert!(fine.0 <= fine.1);
                prop_assert!(fine.0 != fine.1 || coarse.0 == coarse.1);
            }
        }

        #[test]
        fn four_buckets_cover_all_floats(xs in prop::collection::vec(finite(), 0..20)) {
            let mut edges: Vec<_> = xs.iter().map(|&x| edge(x, MAX_EXPONENT) + 0.0).collect();
            edges.sort_by(f64::total_cmp);
            edges.dedup();
            prop_assert!(edges.len() <= 4);
        }
    }

    #[test]
    fn the_mean_of_huge_numbers_is_finite() {
        let mut bucket = Bucket::new(0.0, 0.0);
        for y in [f64::MAX, f64::MAX, f64::MAX] {
            bucket.add(0.0, y);
        }
        assert_eq!(bucket.mean(), f64::MAX);
        bucket.add(0.0, f64::MIN);
        bucket.add(0.0, 1.0);
        assert!((bucket.mean() / f64::MAX - 0.4).abs() < 1e-15);
    }

    #[test]
    fn small_numbers_are_not_lost_between_large_ones() {
        let mut bucket = Bucket::new(0.0, 0.0);
        for y in [1e100, 1.0, -1e100, 1.0] {
            bucket.add(0.0, y);
        }
        assert_eq!(bucket.mean(), 0.5);
    }
}
