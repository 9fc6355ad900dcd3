//! Segments: many rows as Parquet. `docs/formats/segment.md` describes them.

mod directory;
mod name;
mod object;
mod read;
#[cfg(test)]
mod tests;
mod write;

use bytes::Bytes;

use crate::FormatError;

pub(crate) use directory::{Directory, ObjectEntry, PyramidEntry, SideEntry};
pub(crate) use object::{Footer, damaged};
pub(crate) use read::{SegmentScan, line_windows};
pub(crate) use write::{ColumnPlan, ObjectWriter, columns_by_object, encoded, is_special};

/// A segment that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldedSegment {
    /// Prefix of its objects; see [`segment_object_keys`].
    pub object_key: String,
    /// Line of its first row.
    pub first_line: u64,
    /// One past the line of its last row.
    pub end_line: u64,
    /// Least and greatest integer `_step`, both inclusive.
    pub steps: Option<(i64, i64)>,
    /// Bytes of all its objects.
    pub n_bytes: u64,
    /// BLAKE3 of `index`, which holds the digests of the objects.
    pub checksum: [u8; 32],
    /// The directory: small, to be stored with the segment's row and given back in
    /// [`PartSource::Segment`](crate::PartSource::Segment).
    pub index: Bytes,
}

/// The full keys of a segment's objects.
///
/// # Errors
/// [`FormatError`] if `index` is damaged.
pub fn segment_object_keys(object_key: &str, index: &[u8]) -> Result<Vec<String>, FormatError> {
    let directory = Directory::decode(index)?;
    let parquet = (0..directory.objects.len()).map(|object| parquet_key(object_key, object));
    let pyramid = directory.pyramid.map(|_| pyramid_key(object_key));
    Ok(parquet
        .chain([keys_key(object_key)])
        .chain(pyramid)
        .collect())
}

/// Key of a Parquet object of the segment under `object_key`.
pub(crate) fn parquet_key(object_key: &str, object: usize) -> String {
    format!("{object_key}/{object}.parquet")
}

/// Key of the object that holds the statistics of every column.
pub(crate) fn keys_key(object_key: &str) -> String {
    format!("{object_key}/_keys")
}

/// Key of the object that holds the buckets of numeric columns.
pub(crate) fn pyramid_key(object_key: &str) -> String {
    format!("{object_key}{PYRAMID}")
}

/// Whether it is a [`pyramid_key`].
pub(crate) fn is_pyramid(key: &str) -> bool {
    key.ends_with(PYRAMID)
}

const PYRAMID: &str = "/_pyramid";
