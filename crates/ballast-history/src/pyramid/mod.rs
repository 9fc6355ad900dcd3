//! The pyramid of a segment: buckets of each numeric key by step, so that the cost of a curve follows its columns and not
//! its points. `docs/formats/pyramid.md` describes the bytes.
//!
//! A level holds the points of a key in buckets `[m * w, (m + 1) * w)` of `_step`, `w` a power of two. The buckets of the
//! finest level hold about [`BUCKET_ROWS`] rows; each further level is four times coarser. Buckets are aligned on zero,
//! so those of all runs, segments and levels nest.

mod build;
mod format;
mod index;
mod read;
#[cfg(test)]
mod tests;

pub(crate) use build::PyramidBuilder;
pub(crate) use index::{Level, PyramidIndex};
pub(crate) use read::{Pyramid, damaged_pyramid, warn_of_pyramid};

/// Rows that a bucket of the finest level holds, about. A bucket takes some 40 bytes, all levels together a third more,
/// which is the better part of a byte a value.
const BUCKET_ROWS: f64 = 64.0;

/// A level is 2 to this coarser than the one before.
const LEVEL_EXPONENTS: i32 = 2;

/// A key with fewer values in a segment has no pyramid: its rows are read as fast.
const MIN_VALUES: u64 = 512;

/// A block holds so many buckets at most. Blocks are what is fetched, checked and cached.
const BLOCK_BUCKETS: usize = 1024;

/// Steps beyond this magnitude have no pyramid: floats no longer tell them apart.
const MAX_STEP: f64 = (1_u64 << 52) as f64;

/// No level is coarser: it has at most two buckets of steps that may be in a pyramid.
const MAX_LEVEL_EXPONENT: i32 = 52;
