//! From rows to levels.

use ballast_model::MetricName;

use super::format::{self, KeyBlocks};
use super::index::PyramidIndex;
use super::{BUCKET_ROWS, LEVEL_EXPONENTS, MAX_LEVEL_EXPONENT, MAX_STEP, MIN_VALUES};
use crate::RowBatch;
use crate::bucket::{Bucket, edge, is_same_edge, merge_equal_edges};
use crate::rows::{Numbers, STEP, for_each_pair};
use crate::stats::ColumnStats;
use crate::wire::Compressor;

/// Buckets are brought into order when so many have gathered since they were last.
const COMPACT_AFTER: usize = 1 << 16;

/// Takes a segment's rows and makes its pyramid.
pub(crate) struct PyramidBuilder {
    compressor: Compressor,
    index: PyramidIndex,
    blocks: Vec<u8>,
    /// The keys whose rows are being taken in.
    open: Vec<OpenKey>,
}

/// The exponent of a level's width, and the level's buckets.
pub(super) type LevelBuckets = (i32, Vec<Bucket>);

/// The finest level of a key on its way.
struct OpenKey {
    name: MetricName,
    exponent: i32,
    /// Not sorted, and an edge may come several times, then in line order.
    buckets: Vec<Bucket>,
    /// How many there may be before they are brought into order.
    compact_at: usize,
    /// Whether a step was found that no bucket can hold.
    is_out_of_range: bool,
}

impl PyramidBuilder {
    pub(crate) fn new() -> Self {
        Self {
            compressor: Compressor::new(),
            index: PyramidIndex::default(),
            blocks: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Begins with the keys whose statistics these are: the kinds of one key next to each other.
    pub(crate) fn open<'a>(&mut self, stats: impl Iterator<Item = &'a ColumnStats>) {
        debug_assert!(self.open.is_empty(), "the keys before are closed");
        let mut keys: Vec<(MetricName, Density)> = Vec::new();
        for column in stats.filter(|column| column.kind.is_number()) {
            match keys.last_mut() {
                Some((name, density)) if *name == column.name => density.add(column),
                _ => {
                    let mut density = Density::default();
                    density.add(column);
                    keys.push((column.name.clone(), density));
                }
            }
        }
        self.open = keys
            .into_iter()
            .filter(|(name, _)| name.as_str() != STEP)
            .filter_map(|(name, density)| {
                Some(OpenKey {
                    name,
                    exponent: density.exponent()?,
                    buckets: Vec::new(),
                    compact_at: COMPACT_AFTER,
                    is_out_of_range: false,
                })
            })
            .collect();
    }

    /// Takes in rows of the open keys, with their steps, in line order.
    pub(crate) fn add(&mut self, batch: &RowBatch) {
        if self.open.is_empty() {
            return;
        }
        let steps = Numbers::integers(batch, &MetricName::from_key(STEP));
        for key in &mut self.open {
            key.add(&steps, &Numbers::of(batch, &key.name));
        }
    }

    /// Closes the open keys.
    pub(crate) fn close(&mut self) {
        for key in std::mem::take(&mut self.open) {
            let Some((name, levels)) = key.into_levels() else {
                continue;
            };
            let blocks = KeyBlocks::encode(&levels, &mut self.compressor);
            self.index
                .add(name, self.blocks.len() as u64, blocks.levels);
            self.blocks.extend_from_slice(&blocks.bytes);
        }
    }

    /// The whole object and the length of the index at its end; `None` if no key has a pyramid.
    pub(crate) fn finish(mut self) -> Option<(bytes::Bytes, u64)> {
        self.close();
        if self.index.is_empty() {
            return None;
        }
        Some(format::finish(
            self.blocks,
            self.index,
            &mut self.compressor,
        ))
    }
}

impl OpenKey {
    fn add(&mut self, steps: &Numbers<'_>, values: &Numbers<'_>) {
        for_each_pair(steps, values, |x, y| {
            if x.abs() > MAX_STEP {
                self.is_out_of_range = true;
                return;
            }
            let edge = edge(x, self.exponent);
            match self.buckets.last_mut() {
                Some(last) if is_same_edge(last.edge, edge) => last.add(x, y),
                _ => {
                    let mut bucket = Bucket::new(edge, x);
                    bucket.add(x, y);
                    self.buckets.push(bucket);
                }
            }
        });
        if self.buckets.len() >= self.compact_at {
            merge_equal_edges(&mut self.buckets);
            self.compact_at = self.buckets.len() + COMPACT_AFTER;
        }
    }

    /// The levels, the finest first; `None` if the key has no pyramid after all.
    fn into_levels(mut self) -> Option<(MetricName, Vec<LevelBuckets>)> {
        merge_equal_edges(&mut self.buckets);
        let is_storable = |bucket: &Bucket| bucket.sum.rounded().is_some();
        if self.is_out_of_range || self.buckets.is_empty() || !self.buckets.iter().all(is_storable)
        {
            return None;
        }
        let mut levels = Vec::new();
        let (mut exponent, mut buckets) = (self.exponent, self.buckets);
        loop {
            let coarser = exponent + LEVEL_EXPONENTS;
            if buckets.len() <= 2 || coarser > MAX_LEVEL_EXPONENT {
                levels.push((exponent, buckets));
                return Some((self.name, levels));
            }
            let mut next = buckets.clone();
            for bucket in &mut next {
                bucket.edge = edge(bucket.x_min, coarser);
            }
            merge_equal_edges(&mut next);
            levels.push((exponent, std::mem::replace(&mut buckets, next)));
            exponent = coarser;
        }
    }
}

/// How close together the values of a key are.
#[derive(Default)]
struct Density {
    count: u64,
    /// Least and greatest of the steps known.
    steps: Option<(i64, i64)>,
}

impl Density {
    fn add(&mut self, column: &ColumnStats) {
        self.count += column.count;
        for step in column.first_step.into_iter().chain(column.last_step) {
            let (least, greatest) = self.steps.unwrap_or((step, step));
            self.steps = Some((least.min(step), greatest.max(step)));
        }
    }

    /// Width of the finest buckets as a power of two; `None` if the key is to have no pyramid.
    fn exponent(&self) -> Option<i32> {
        if self.count < MIN_VALUES {
            return None;
        }
        let (least, greatest) = self.steps?;
        let span = greatest as f64 - least as f64 + 1.0;
        let width = BUCKET_ROWS * span / self.count as f64;
        Some((width.log2().floor() as i32).clamp(0, MAX_LEVEL_EXPONENT))
    }
}
