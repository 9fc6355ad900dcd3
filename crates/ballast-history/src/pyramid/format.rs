//! Blocks of buckets as bytes.

use bytes::Bytes;

use super::BLOCK_BUCKETS;
use super::build::LevelBuckets;
use super::index::{Block, Level, PyramidIndex};
use crate::FormatError;
use crate::bucket::{Bucket, Sum};
use crate::wire::{
    Compressor, Envelope, Reader, decompress, put_floats, put_signed, put_varint, read_floats,
};

const BLOCK: Envelope = Envelope {
    magic: *b"BLPB",
    version: 1,
    what: "pyramid block",
};

const INDEX: Envelope = Envelope {
    magic: *b"BLPI",
    version: 1,
    what: "pyramid index",
};

/// Set in a block's first byte if some of its points are not finite.
const HAS_NON_FINITE: u8 = 1;

/// Figures of a bucket: least, greatest, first, last, sum.
const N_FIGURES: usize = 5;

/// The blocks of a key.
pub(super) struct KeyBlocks {
    pub(super) levels: Vec<Level>,
    pub(super) bytes: Vec<u8>,
}

impl KeyBlocks {
    /// Stores levels of sorted buckets. Blocks are counted from 0 on.
    pub(super) fn encode(levels: &[LevelBuckets], compressor: &mut Compressor) -> Self {
        let mut bytes = Vec::new();
        let levels = levels
            .iter()
            .map(|(exponent, buckets)| Level {
                exponent: *exponent,
                blocks: buckets
                    .chunks(BLOCK_BUCKETS)
                    .map(|buckets| {
                        let start = bytes.len() as u64;
                        bytes.extend_from_slice(&encode_block(buckets, *exponent, compressor));
                        let unit = |bucket: &Bucket| unit(bucket, *exponent);
                        Block {
                            first: unit(&buckets[0]),
                            last: unit(&buckets[buckets.len() - 1]),
                            n_buckets: buckets.len() as u64,
                            bytes: start..bytes.len() as u64,
                        }
                    })
                    .collect(),
            })
            .collect();
        Self { levels, bytes }
    }
}

/// The whole object, and the length of its index.
pub(super) fn finish(
    mut blocks: Vec<u8>,
    index: PyramidIndex,
    compressor: &mut Compressor,
) -> (Bytes, u64) {
    let raw = index.encode();
    let mut bytes = INDEX.begin();
    put_varint(&mut bytes, raw.len() as u64);
    bytes.extend_from_slice(&compressor.compress(&raw));
    let index = INDEX.seal(bytes);
    blocks.extend_from_slice(&index);
    (blocks.into(), index.len() as u64)
}

pub(super) fn decode_index(bytes: &[u8]) -> Result<PyramidIndex, FormatError> {
    let mut bytes = INDEX.open(bytes)?;
    let n_raw = bytes.varint()?;
    let raw = decompress(bytes.take(bytes.n_left() as u64)?, n_raw, INDEX.what)?;
    let mut raw = Reader::new(&raw, INDEX.what);
    let index = PyramidIndex::decode(&mut raw)?;
    raw.end()?;
    Ok(index)
}

/// The lower edge in units of the width, which is 2 to `exponent`. Steps are small enough that this is exact.
fn unit(bucket: &Bucket, exponent: i32) -> i64 {
    (bucket.edge * f64::from(-exponent).exp2()) as i64
}

fn width(exponent: i32) -> f64 {
    f64::from(exponent).exp2()
}

fn encode_block(buckets: &[Bucket], exponent: i32, compressor: &mut Compressor) -> Bytes {
    let has_non_finite = buckets.iter().any(Bucket::has_non_finite);
    let mut raw = vec![u8::from(has_non_finite) * HAS_NON_FINITE];
    let mut before = 0;
    for bucket in buckets {
        let unit = unit(bucket, exponent);
        put_signed(&mut raw, unit - before);
        before = unit;
    }
    let last_step = |bucket: &Bucket| bucket.edge + (width(exponent) - 1.0);
    for bucket in buckets {
        put_varint(&mut raw, (bucket.x_min - bucket.edge) as u64);
    }
    for bucket in buckets {
        put_varint(&mut raw, (last_step(bucket) - bucket.x_max) as u64);
    }
    for bucket in buckets {
        put_varint(&mut raw, u64::from(bucket.count));
    }
    if has_non_finite {
        for bucket in buckets {
            for count in [bucket.n_nan, bucket.n_pos_inf, bucket.n_neg_inf] {
                put_varint(&mut raw, u64::from(count));
            }
            if bucket.count > 0 {
                put_varint(&mut raw, (bucket.first.0 - bucket.x_min) as u64);
                put_varint(&mut raw, (bucket.x_max - bucket.last.0) as u64);
            }
        }
    }
    let figures: [fn(&Bucket) -> f64; N_FIGURES] = [
        |bucket| bucket.min,
        |bucket| bucket.max,
        |bucket| bucket.first.1,
        |bucket| bucket.last.1,
        |bucket| {
            bucket
                .sum
                .rounded()
                .expect("checked before levels are made")
        },
    ];
    for figure in figures {
        let values: Vec<f64> = buckets.iter().map(figure).collect();
        put_floats(&mut raw, &values);
    }
    let mut bytes = BLOCK.begin();
    put_varint(&mut bytes, buckets.len() as u64);
    put_varint(&mut bytes, raw.len() as u64);
    bytes.extend_from_slice(&compressor.compress(&raw));
    BLOCK.seal(bytes)
}

/// Reads a block of a level of this exponent.
pub(super) fn decode_block(bytes: &[u8], exponent: i32) -> Result<Vec<Bucket>, FormatError> {
    let mut bytes = BLOCK.open(bytes)?;
    let n_buckets = bytes.varint()?;
    let n_raw = bytes.varint()?;
    let raw = decompress(bytes.take(bytes.n_left() as u64)?, n_raw, BLOCK.what)?;
    let mut raw = Reader::new(&raw, BLOCK.what);
    if n_buckets > BLOCK_BUCKETS as u64 || n_buckets * (4 + 8 * N_FIGURES as u64) > n_raw {
        return Err(raw.malformed(format!("{n_buckets} buckets in {n_raw} bytes")));
    }
    let has_non_finite = raw.byte()? & HAS_NON_FINITE != 0;
    let mut unit = 0_i64;
    let mut buckets = Vec::with_capacity(n_buckets as usize);
    for _ in 0..n_buckets {
        unit = unit.wrapping_add(raw.signed()?);
        let edge = unit as f64 * width(exponent);
        buckets.push(Bucket::new(edge, edge));
    }
    for bucket in &mut buckets {
        bucket.x_min = bucket.edge + raw.varint()? as f64;
    }
    for bucket in &mut buckets {
        bucket.x_max = bucket.edge + (width(exponent) - 1.0) - raw.varint()? as f64;
    }
    for bucket in &mut buckets {
        bucket.count = count(&mut raw)?;
        bucket.first.0 = bucket.x_min;
        bucket.last.0 = bucket.x_max;
    }
    if has_non_finite {
        for bucket in &mut buckets {
            bucket.n_nan = count(&mut raw)?;
            bucket.n_pos_inf = count(&mut raw)?;
            bucket.n_neg_inf = count(&mut raw)?;
            if bucket.count > 0 {
                bucket.first.0 += raw.varint()? as f64;
                bucket.last.0 -= raw.varint()? as f64;
            }
        }
    }
    let set: [fn(&mut Bucket, f64); N_FIGURES] = [
        |bucket, value| bucket.min = value,
        |bucket, value| bucket.max = value,
        |bucket, value| bucket.first.1 = value,
        |bucket, value| bucket.last.1 = value,
        |bucket, value| bucket.sum = Sum::of(value),
    ];
    for set in set {
        let values = read_floats(raw.take(n_buckets * 8)?, buckets.len());
        for (bucket, value) in buckets.iter_mut().zip(values) {
            set(bucket, value);
        }
    }
    raw.end()?;
    Ok(buckets)
}

fn count(raw: &mut Reader<'_>) -> Result<u32, FormatError> {
    u32::try_from(raw.varint()?).map_err(|_| raw.malformed("a count does not fit 32 bits"))
}
