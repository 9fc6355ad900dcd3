//! Chunks: a batch as bytes. `docs/formats/chunk.md` describes them byte by byte.

mod column;
mod decode;
mod encode;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use ballast_model::MetricName;
use bytes::Bytes;

use crate::ValueKind;
use crate::wire::Envelope;

pub use decode::decode_chunk;
pub use encode::{encode_chunk, encode_chunks};

/// No chunk's body is larger, unless one row alone is.
pub const MAX_CHUNK_BYTES: usize = 1 << 20;

/// No chunk has more rows. Bounds what a damaged count can make a reader allocate.
const MAX_CHUNK_ROWS: usize = 1 << 24;

/// Columns share a compressed block until it has this many bytes before compression.
const BLOCK_BYTES: usize = 16 << 10;

const CHUNK: Envelope = Envelope {
    magic: *b"BLCK",
    version: 1,
    what: "chunk",
};

/// Which keys to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// Every key.
    All,
    /// These keys, all kinds of each; a key that is not there is no error.
    Only(HashSet<MetricName>),
}

impl Projection {
    /// These keys.
    pub fn only(names: impl IntoIterator<Item = MetricName>) -> Self {
        Self::Only(names.into_iter().collect())
    }

    /// Whether the key is read.
    pub fn contains(&self, name: &MetricName) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }

    /// This and `names` too.
    pub(crate) fn with<'a>(&self, names: impl IntoIterator<Item = &'a MetricName>) -> Self {
        match self {
            Self::All => Self::All,
            Self::Only(mine) => {
                let mut all = mine.clone();
                all.extend(names.into_iter().cloned());
                Self::Only(all)
            }
        }
    }
}

/// A batch as bytes to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedChunk {
    /// What [`Engine::keys`](crate::Engine::keys) needs of the chunk.
    pub index: Bytes,
    /// The rows. Equal batches have equal bodies.
    pub body: Bytes,
}

/// A column as the directory of a chunk lists it.
struct Entry {
    name: MetricName,
    kind: ValueKind,
    n_values: usize,
    /// Bytes in its block, before compression.
    n_bytes: u64,
}
