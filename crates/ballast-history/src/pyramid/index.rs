//! Where the blocks of each key and level are.

use std::ops::Range;

use ballast_model::MetricName;

use crate::FormatError;
use crate::wire::{Reader, put_name, put_signed, put_varint};

/// What a pyramid consists of: its keys by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PyramidIndex {
    keys: Vec<KeyEntry>,
}

#[derive(Debug, Clone, PartialEq)]
struct KeyEntry {
    name: MetricName,
    /// Where the first block begins.
    start: u64,
    levels: Vec<Level>,
}

/// A level of a key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    /// Buckets are 2 to this wide.
    pub(crate) exponent: i32,
    /// Ascending; not empty.
    pub(crate) blocks: Vec<Block>,
}

/// Buckets that are stored together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    /// Lower edge of the first bucket, in units of the width.
    pub(crate) first: i64,
    /// Lower edge of the last bucket, in units of the width.
    pub(crate) last: i64,
    pub(crate) n_buckets: u64,
    /// Where it is, counted from the start of the object.
    pub(crate) bytes: Range<u64>,
}

impl Level {
    /// The blocks that hold buckets whose edges, in units of the width, are within `range`, both inclusive.
    pub(crate) fn blocks_in(&self, range: (i64, i64)) -> &[Block] {
        let start = self.blocks.partition_point(|block| block.last < range.0);
        let end = self.blocks.partition_point(|block| block.first <= range.1);
        &self.blocks[start..end.max(start)]
    }

    /// About how many buckets overlap steps from `min` to `max`.
    pub(crate) fn estimate(&self, min: f64, max: f64) -> f64 {
        let range = self.units(min, max);
        self.blocks_in(range)
            .iter()
            .map(|block| {
                let span = (block.last - block.first) as f64 + 1.0;
                let inside = block.last.min(range.1) as f64 - block.first.max(range.0) as f64 + 1.0;
                block.n_buckets as f64 * (inside / span).clamp(0.0, 1.0)
            })
            .sum()
    }

    /// The edges of the first and last bucket that can overlap steps from `min` to `max`, in units of the width.
    pub(crate) fn units(&self, min: f64, max: f64) -> (i64, i64) {
        let width = f64::from(self.exponent).exp2();
        // Casts saturate: what is out of range is beyond every bucket.
        ((min / width).floor() as i64, (max / width).floor() as i64)
    }
}

impl PyramidIndex {
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The levels of a key, the finest first; `None` if it has no pyramid.
    pub(crate) fn levels(&self, name: &MetricName) -> Option<&[Level]> {
        let at = self.keys.binary_search_by(|key| key.name.cmp(name)).ok()?;
        Some(&self.keys[at].levels)
    }

    /// About how much memory it takes.
    pub(crate) fn weight(&self) -> usize {
        self.keys
            .iter()
            .map(|key| {
                let blocks: usize = key.levels.iter().map(|level| level.blocks.len()).sum();
                key.name.as_str().len() + 80 + key.levels.len() * 32 + blocks * 40
            })
            .sum()
    }

    /// Adds a key whose blocks, numbered from 0 on, begin at `start`.
    pub(super) fn add(&mut self, name: MetricName, start: u64, mut levels: Vec<Level>) {
        for block in levels.iter_mut().flat_map(|level| &mut level.blocks) {
            block.bytes = block.bytes.start + start..block.bytes.end + start;
        }
        self.keys.push(KeyEntry {
            name,
            start,
            levels,
        });
    }

    pub(super) fn encode(mut self) -> Vec<u8> {
        // Keys come object by object, the special ones first.
        self.keys.sort_by(|a, b| a.name.cmp(&b.name));
        let mut bytes = Vec::new();
        put_varint(&mut bytes, self.keys.len() as u64);
        let mut before = "";
        for key in &self.keys {
            put_name(&mut bytes, before, key.name.as_str());
            before = key.name.as_str();
            put_varint(&mut bytes, key.start);
            put_varint(&mut bytes, key.levels.len() as u64);
            for level in &key.levels {
                bytes.push(level.exponent as u8);
                put_varint(&mut bytes, level.blocks.len() as u64);
                let mut edge = 0;
                for block in &level.blocks {
                    put_signed(&mut bytes, block.first - edge);
                    put_varint(&mut bytes, (block.last - block.first) as u64);
                    put_varint(&mut bytes, block.n_buckets);
                    put_varint(&mut bytes, block.bytes.end - block.bytes.start);
                    edge = block.last;
                }
            }
        }
        bytes
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> Result<Self, FormatError> {
        let n_keys = bytes.count()?;
        let mut keys: Vec<KeyEntry> = Vec::with_capacity(n_keys.min(1024));
        for _ in 0..n_keys {
            let before = keys.last().map_or("", |key| key.name.as_str());
            let name = MetricName::from_stored(bytes.name(before)?);
            let start = bytes.varint()?;
            let mut at = start;
            let n_levels = bytes.count()?;
            let levels = (0..n_levels)
                .map(|_| read_level(bytes, &mut at))
                .collect::<Result<_, _>>()?;
            keys.push(KeyEntry {
                name,
                start,
                levels,
            });
        }
        Ok(Self { keys })
    }
}

fn read_level(bytes: &mut Reader<'_>, at: &mut u64) -> Result<Level, FormatError> {
    let exponent = i32::from(bytes.byte()?);
    if exponent > super::MAX_LEVEL_EXPONENT {
        return Err(bytes.malformed(format!("a level has buckets of width 2^{exponent}")));
    }
    let n_blocks = bytes.count()?;
    let mut blocks = Vec::with_capacity(n_blocks.min(1024));
    let mut edge = 0_i64;
    for _ in 0..n_blocks {
        let first = edge.checked_add(bytes.signed()?);
        let span = bytes.varint()?;
        let n_buckets = bytes.varint()?;
        let end = at.checked_add(bytes.varint()?);
        let last = first.and_then(|first| first.checked_add(i64::try_from(span).ok()?));
        let (Some(first), Some(last), Some(end)) = (first, last, end) else {
            return Err(bytes.malformed("an edge or a length does not fit 64 bits"));
        };
        blocks.push(Block {
            first,
            last,
            n_buckets,
            bytes: *at..end,
        });
        *at = end;
        edge = last;
    }
    Ok(Level { exponent, blocks })
}
