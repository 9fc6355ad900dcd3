//! Which buckets of pyramids stand in for rows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use ballast_model::MetricName;
use futures::FutureExt;
use futures::future::try_join_all;
use futures::stream::{self, StreamExt};

use super::curve::MIN_COLUMNS;
use super::drawing::PARTS_AHEAD;
use super::{Axis, Quantity, SeriesRequest};
use crate::bucket::{Bucket, edge};
use crate::engine::Engine;
use crate::pyramid::{Level, Pyramid, damaged_pyramid, warn_of_pyramid};
use crate::scan::part_directory;
use crate::{Part, PartSource, ReadError};

/// The buckets that a request reads.
pub(super) struct Levels {
    /// For each quantity, its key, if it can be drawn from buckets.
    keys: Vec<Option<MetricName>>,
    /// For each quantity, the width of buckets that are narrow enough, 2 to this; `None` if only rows are.
    pub(super) exponents: Vec<Option<i32>>,
    range: (f64, f64),
    /// For each part, its pyramid, if it can be used.
    pyramids: Vec<Option<Pyramid>>,
}

/// Parts that are read in one go.
pub(super) struct Work {
    pub(super) parts: Range<usize>,
    /// Places of the quantities whose rows are read.
    pub(super) row_keys: Vec<usize>,
    /// Places of the quantities whose buckets are read, of the one part, and their exponents.
    bucket_keys: Vec<usize>,
}

/// Places of quantities, and blocks of their buckets.
pub(super) type FetchedBuckets = Vec<(usize, Vec<Arc<Vec<Bucket>>>)>;

impl Engine {
    /// Opens the pyramids but for `damaged` ones, to which it adds, and chooses what to read of them.
    pub(super) async fn choose_levels(
        &self,
        view: &[Part],
        request: &SeriesRequest,
        quantities: &[Quantity],
        damaged: &mut BTreeSet<String>,
    ) -> Result<Levels, ReadError> {
        let range = request.range();
        let keys: Vec<Option<MetricName>> = quantities
            .iter()
            .map(|quantity| match quantity {
                Quantity::Metric(name) if request.axis == Axis::Step => Some(name.clone()),
                _ => None,
            })
            .map(|key| key.filter(|_| request.smoothing.is_none()))
            .collect();
        let pyramids = if keys.iter().any(Option::is_some) {
            let opening: Vec<_> = view
                .iter()
                .map(|part| self.pyramid_of(part, range).boxed())
                .collect();
            let mut opening = stream::iter(opening).buffered(PARTS_AHEAD);
            let mut pyramids = Vec::with_capacity(view.len());
            while let Some(opened) = opening.next().await {
                pyramids.push(sound(opened, damaged)?);
            }
            pyramids
        } else {
            vec![None; view.len()]
        };
        let exponents = keys
            .iter()
            .map(|key| exponent(&pyramids, key.as_ref()?, range, request.max_columns))
            .collect();
        Ok(Levels {
            keys,
            exponents,
            range,
            pyramids,
        })
    }

    /// The pyramid of a part that has steps in the range and no masked lines, if it is a segment with one.
    async fn pyramid_of(
        &self,
        part: &Part,
        (min, max): (f64, f64),
    ) -> Result<Option<Pyramid>, ReadError> {
        let PartSource::Segment { object_key, index } = &part.source else {
            return Ok(None);
        };
        let is_in_range = part
            .steps
            .is_some_and(|(least, greatest)| least as f64 <= max && min <= greatest as f64);
        if !is_in_range || !part.is_whole() {
            return Ok(None);
        }
        self.pyramid(object_key, &part_directory(object_key, index)?)
            .await
    }

    pub(super) async fn fetch_buckets(
        &self,
        levels: &Levels,
        work: &Work,
    ) -> Result<FetchedBuckets, ReadError> {
        let fetches = work.bucket_keys.iter().map(|&key| async move {
            let (pyramid, level) = levels
                .buckets_of(work.parts.start, key)
                .expect("planned where there are some");
            let range = whole_buckets(levels.range, levels.exponents[key]);
            let units = level.units(range.0, range.1);
            let blocks = self.pyramid_blocks(pyramid, level, units).await?;
            Ok::<_, ReadError>((key, blocks))
        });
        try_join_all(fetches).await
    }
}

/// A pyramid, if it was found to be sound.
fn sound(
    opened: Result<Option<Pyramid>, ReadError>,
    damaged: &mut BTreeSet<String>,
) -> Result<Option<Pyramid>, ReadError> {
    match opened {
        Ok(pyramid) => Ok(pyramid.filter(|pyramid| !damaged.contains(pyramid.object_key()))),
        Err(error) => match damaged_pyramid(&error) {
            Some(key) => {
                if damaged.insert(key.to_owned()) {
                    warn_of_pyramid(&error);
                }
                Ok(None)
            }
            None => Err(error),
        },
    }
}

impl Levels {
    /// What to read of `n_parts`, in order: rows of many parts at once where no buckets can be used.
    pub(super) fn work(&self, n_parts: usize) -> Vec<Work> {
        let mut all: Vec<Work> = Vec::new();
        for part in 0..n_parts {
            let (bucket_keys, row_keys): (Vec<usize>, Vec<usize>) =
                (0..self.keys.len()).partition(|&key| self.buckets_of(part, key).is_some());
            match all.last_mut() {
                Some(work) if bucket_keys.is_empty() && work.bucket_keys.is_empty() => {
                    work.parts.end = part + 1;
                }
                _ => all.push(Work {
                    parts: part..part + 1,
                    row_keys,
                    bucket_keys,
                }),
            }
        }
        all
    }

    /// The coarsest level of a part whose buckets are narrow enough for a quantity; `None` if only rows are.
    fn buckets_of(&self, part: usize, key: usize) -> Option<(&Pyramid, &Level)> {
        let exponent = self.exponents[key]?;
        let pyramid = self.pyramids[part].as_ref()?;
        let levels = pyramid.index.levels(self.keys[key].as_ref()?)?.iter();
        let level = levels.rev().find(|level| level.exponent <= exponent)?;
        Some((pyramid, level))
    }
}

/// The width of the widest buckets of which there are at least `max_columns`, as a power of two; `None` if only rows
/// are that many.
fn exponent(
    pyramids: &[Option<Pyramid>],
    key: &MetricName,
    range: (f64, f64),
    max_columns: usize,
) -> Option<i32> {
    let pyramids = pyramids.iter().flatten();
    let levels: Vec<&[Level]> = pyramids
        .filter_map(|pyramid| pyramid.index.levels(key))
        .collect();
    let mut exponents: Vec<i32> = levels
        .iter()
        .flat_map(|levels| levels.iter().map(|level| level.exponent))
        .collect();
    exponents.sort_unstable();
    exponents.dedup();
    let n_buckets = |exponent: i32| -> f64 {
        let levels = levels.iter();
        levels.map(|levels| estimate(levels, exponent, range)).sum()
    };
    let enough = max_columns.max(MIN_COLUMNS) as f64;
    let is_enough = |&exponent: &i32| n_buckets(exponent) >= enough;
    exponents.into_iter().rev().find(is_enough)
}

/// About how many buckets of a width, or of the next wider stored, are in a range.
fn estimate(levels: &[Level], exponent: i32, (min, max): (f64, f64)) -> f64 {
    let wide_enough = levels.iter().find(|level| level.exponent >= exponent);
    wide_enough
        .or(levels.last())
        .map_or(0.0, |level| level.estimate(min, max))
}

/// The least range of whole buckets of a width that holds a range.
pub(super) fn whole_buckets((min, max): (f64, f64), exponent: Option<i32>) -> (f64, f64) {
    let Some(exponent) = exponent else {
        return (min, max);
    };
    let first = if min.is_finite() {
        edge(min, exponent)
    } else {
        min
    };
    let last = if max.is_finite() {
        // Steps are integers.
        edge(max, exponent) + (f64::from(exponent).exp2() - 1.0)
    } else {
        max
    };
    (first, last)
}
