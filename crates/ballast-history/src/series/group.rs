//! Many runs as one curve.

use std::pin::pin;

use futures::stream::{self, StreamExt, TryStreamExt};

use super::curve::{MIN_COLUMNS, least_exponent};
use super::line::Drawn;
use super::statistics::Statistics;
use super::student::quantile_975;
use super::{Quantity, SeriesRequest};
use crate::bucket::{Bucket, edge, is_same_edge};
use crate::engine::{Engine, blocking};
use crate::{ReadError, View};

/// So many members are read at once.
const MEMBERS_AT_ONCE: usize = 4;

/// A group of runs as columns of ascending x that do not overlap; all vectors have one entry for each column.
///
/// Points and columns are those of a [`Series`](super::Series), of all members together: if they have at most
/// `max_columns` distinct x, each has its column; else all members share buckets of the least power-of-two width that gives
/// at most `max_columns` columns.
///
/// The value of a member in a column is the mean of its finite y there. `mean`, `median`, `sd`, `se` and the interval are
/// over these values, each member counting once, however many points it has. A member without a finite y in a column does
/// not count there. `min` and `max` are over all points instead.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSeries {
    /// What was drawn.
    pub quantity: Quantity,
    /// Whether the y of all members are smoothed, see [`Series::smoothed`](super::Series::smoothed).
    pub smoothed: bool,
    /// Least x of the column's points.
    pub x_min: Vec<f64>,
    /// Greatest x of the column's points.
    pub x_max: Vec<f64>,
    /// How many members have a value.
    pub n: Vec<u32>,
    /// Mean of the values; NaN if `n` is 0.
    pub mean: Vec<f64>,
    /// Middle of the values, of an even number the mean of the middle two; NaN if `n` is 0.
    pub median: Vec<f64>,
    /// Standard deviation of the values as a sample, with `n - 1` in the denominator; NaN if `n` is less than 2.
    pub sd: Vec<f64>,
    /// Standard error of the mean, `sd / sqrt(n)`; NaN if `n` is less than 2.
    pub se: Vec<f64>,
    /// Lower end of the 95 % interval of the mean, by Student's t distribution with `n - 1` degrees of freedom; NaN if `n`
    /// is less than 2.
    pub ci95_low: Vec<f64>,
    /// Upper end of that interval.
    pub ci95_high: Vec<f64>,
    /// Least finite y of all points; NaN if there is none.
    pub min: Vec<f64>,
    /// Greatest finite y of all points; NaN if there is none.
    pub max: Vec<f64>,
    /// How many points have a finite y.
    pub count: Vec<u64>,
    /// How many points have another.
    pub n_non_finite: Vec<u64>,
    /// How many points there are over all columns, finite or not.
    pub n_points: u64,
    /// How many members have a point.
    pub n_members: u32,
}

impl Engine {
    /// The curves of a group of runs, one for each quantity asked, in that order. A group without points gives an empty
    /// curve.
    ///
    /// Each member is read as for [`Engine::series`], and counts as often as it is given. Memory follows the members times
    /// `max_columns`, see [`SeriesRequest::bytes_to_group`].
    ///
    /// # Errors
    /// [`ReadError`] if a part of a member cannot be read.
    pub async fn group_series(
        &self,
        members: &[View],
        request: &SeriesRequest,
    ) -> Result<Vec<GroupSeries>, ReadError> {
        let quantities = request.quantities.iter().cloned();
        let mut groups: Vec<Gathered> = quantities
            .map(|quantity| Gathered::new(quantity, members.len(), request.max_columns))
            .collect();
        // Over places, not views: a closure over references makes a future that a caller cannot send to a thread.
        let drawn = stream::iter(0..members.len())
            .map(|member| self.draw(&members[member], request))
            .buffered(MEMBERS_AT_ONCE);
        let mut drawn = pin!(drawn);
        while let Some(curves) = drawn.try_next().await? {
            for (group, curve) in groups.iter_mut().zip(curves) {
                group.add(curve);
            }
        }
        blocking(move || groups.into_iter().map(Gathered::finish).collect()).await
    }
}

impl SeriesRequest {
    /// About how many bytes of memory it takes at most to sum up a group of `n_members`, what is read or smoothed not
    /// counted.
    pub fn bytes_to_group(&self, n_members: usize) -> usize {
        let columns = self.max_columns.max(MIN_COLUMNS);
        let gathered = n_members * self.quantities.len() * columns * size_of::<(u32, Bucket)>();
        gathered + MEMBERS_AT_ONCE.min(n_members) * self.bytes_to_draw()
    }

    /// About how many bytes of memory the [`GroupSeries`] of a group take at most.
    pub fn bytes_of_groups(&self) -> usize {
        let columns = self.max_columns.max(MIN_COLUMNS);
        self.quantities.len() * GroupSeries::bytes_of(columns)
    }
}

/// The curves of the members so far.
pub(super) struct Gathered {
    quantity: Quantity,
    max_columns: usize,
    /// Whether those of all members are smoothed.
    smoothed: bool,
    n_added: u32,
    /// How many have a point.
    n_members: u32,
    n_points: u64,
    /// The width of the widest buckets, 2 to this.
    exponent: Option<i32>,
    /// With the place of the member.
    buckets: Vec<(u32, Bucket)>,
}

impl Gathered {
    pub(super) fn new(quantity: Quantity, n_members: usize, max_columns: usize) -> Self {
        let max_columns = max_columns.max(MIN_COLUMNS);
        Self {
            quantity,
            max_columns,
            smoothed: true,
            n_added: 0,
            n_members: 0,
            n_points: 0,
            exponent: None,
            // All at once, so that growing does not copy. Memory that is not written to is not taken.
            buckets: Vec::with_capacity(n_members.saturating_mul(max_columns)),
        }
    }

    /// Takes in the curve of the next member.
    pub(super) fn add(&mut self, drawn: Drawn) {
        let Drawn { columns, smoothed } = drawn;
        self.smoothed &= smoothed;
        self.n_members += u32::from(columns.n_points > 0);
        self.n_points += columns.n_points;
        self.exponent = self.exponent.max(columns.exponent);
        let member = self.n_added;
        self.n_added += 1;
        let buckets = columns.buckets.into_iter();
        self.buckets.extend(buckets.map(|bucket| (member, bucket)));
    }

    /// Sums the members up on the least common width at which they have at most `max_columns` columns together.
    pub(super) fn finish(self) -> GroupSeries {
        let mut group = GroupSeries::empty(self.quantity, self.smoothed && self.n_added > 0);
        group.n_points = self.n_points;
        group.n_members = self.n_members;
        let mut buckets = self.buckets;
        // No width below that of a member can do, as the member alone would have too many columns.
        if let Some(exponent) = self.exponent {
            bring_to_width(&mut buckets, exponent);
        }
        sort(&mut buckets);
        let columns = buckets.chunk_by(is_same_column);
        let xs: Vec<f64> = columns.map(|column| column[0].1.x_min).collect();
        if let Some(exponent) = least_exponent(&xs, self.exponent, self.max_columns) {
            bring_to_width(&mut buckets, exponent);
            sort(&mut buckets);
        }
        let quantiles: Vec<f64> = (0..group.n_members).map(quantile_975).collect();
        let mut values = Vec::new();
        for column in buckets.chunk_by(is_same_column) {
            group.push(column, &mut values, &quantiles);
        }
        group
    }
}

fn bring_to_width(buckets: &mut [(u32, Bucket)], exponent: i32) {
    for (_, bucket) in buckets {
        bucket.edge = edge(bucket.x_min, exponent);
    }
}

/// By columns, by members within, and of each member by x, of which its buckets have none in common.
fn sort(buckets: &mut [(u32, Bucket)]) {
    // Not stable: that would take half as much memory again.
    buckets.sort_unstable_by(|(a_member, a), (b_member, b)| {
        let by_edge = a.edge.total_cmp(&b.edge);
        let by_member = by_edge.then(a_member.cmp(b_member));
        by_member.then(a.x_min.total_cmp(&b.x_min))
    });
}

fn is_same_column((_, a): &(u32, Bucket), (_, b): &(u32, Bucket)) -> bool {
    is_same_edge(a.edge, b.edge)
}

impl GroupSeries {
    /// About how many bytes of memory it takes.
    pub fn n_bytes(&self) -> usize {
        Self::bytes_of(self.x_min.len())
    }

    fn bytes_of(n_columns: usize) -> usize {
        const BYTES_PER_COLUMN: usize =
            10 * size_of::<f64>() + 2 * size_of::<u64>() + size_of::<u32>();
        size_of::<Self>() + n_columns * BYTES_PER_COLUMN
    }

    fn empty(quantity: Quantity, smoothed: bool) -> Self {
        Self {
            quantity,
            smoothed,
            x_min: Vec::new(),
            x_max: Vec::new(),
            n: Vec::new(),
            mean: Vec::new(),
            median: Vec::new(),
            sd: Vec::new(),
            se: Vec::new(),
            ci95_low: Vec::new(),
            ci95_high: Vec::new(),
            min: Vec::new(),
            max: Vec::new(),
            count: Vec::new(),
            n_non_finite: Vec::new(),
            n_points: 0,
            n_members: 0,
        }
    }

    /// Adds a column of buckets that are sorted by members. `quantiles` are those of t by degrees of freedom.
    fn push(&mut self, column: &[(u32, Bucket)], values: &mut Vec<f64>, quantiles: &[f64]) {
        values.clear();
        let mut all: Option<Bucket> = None;
        let (mut count, mut n_points) = (0, 0);
        for of_member in column.chunk_by(|a, b| a.0 == b.0) {
            let mut buckets = of_member.iter().map(|(_, bucket)| bucket);
            let mut member = buckets.next().expect("chunks are not empty").clone();
            for bucket in buckets {
                member.merge(bucket);
            }
            if member.count > 0 {
                values.push(member.mean());
            }
            count += u64::from(member.count);
            n_points += member.n_points();
            match &mut all {
                Some(all) => all.merge(&member),
                None => all = Some(member),
            }
        }
        let all = all.expect("columns are not empty");
        let statistics = Statistics::of(values);
        let degrees = values.len().saturating_sub(1);
        let half_width = quantiles
            .get(degrees)
            .map_or(f64::NAN, |t| t * statistics.se);
        self.x_min.push(all.x_min);
        self.x_max.push(all.x_max);
        self.n.push(values.len() as u32);
        self.mean.push(statistics.mean);
        self.median.push(statistics.median);
        self.sd.push(statistics.sd);
        self.se.push(statistics.se);
        self.ci95_low.push(statistics.mean - half_width);
        self.ci95_high.push(statistics.mean + half_width);
        self.min.push(all.min);
        self.max.push(all.max);
        self.count.push(count);
        self.n_non_finite.push(n_points - count);
    }
}
