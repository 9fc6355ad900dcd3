//! Chunks: a batch as bytes.

use std::ops::Range;

use ballast_model::MetricName;
use bytes::Bytes;

use crate::{FormatError, RowBatch};

/// No chunk's body is larger, unless one row alone is.
pub const MAX_CHUNK_BYTES: usize = 1 << 20;

/// Which keys to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// Every key.
    All,
    /// These keys, all kinds of each; a key that is not there is no error.
    Only(Vec<MetricName>),
}

/// A batch as bytes to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedChunk {
    /// What [`Engine::keys`](crate::Engine::keys) needs of the chunk.
    pub index: Bytes,
    /// The rows. Equal batches have equal bodies.
    pub body: Bytes,
}

/// Encodes a batch as one chunk, however large.
pub fn encode_chunk(batch: &RowBatch) -> EncodedChunk {
    let _ = batch;
    unimplemented!()
}

/// Encodes a batch as chunks of at most [`MAX_CHUNK_BYTES`], each with the rows it holds, in order.
///
/// A single row that needs more makes a larger chunk of its own.
pub fn encode_chunks(batch: &RowBatch) -> Vec<(Range<usize>, EncodedChunk)> {
    let _ = batch;
    unimplemented!()
}

/// Reads the rows of a chunk's body, and of them the columns `keys`.
///
/// # Errors
/// [`FormatError`] if the bytes are damaged or from a newer version.
pub fn decode_chunk(body: &[u8], keys: &Projection) -> Result<RowBatch, FormatError> {
    let _ = (body, keys);
    unimplemented!()
}
