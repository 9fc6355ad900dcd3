//! Segments: many rows as Parquet.

use bytes::Bytes;

use crate::FormatError;

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
    let _ = (object_key, index);
    unimplemented!()
}
