//! What to read: the parts of a run's history, and where their bytes come from.

use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;

use crate::SourceError;

/// Where the rows of a [`Part`] are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartSource {
    /// A chunk, by its key in the [`ChunkSource`].
    Chunk {
        /// The chunk's key.
        key: i64,
        /// The size of its body.
        n_bytes: u64,
    },
    /// A segment: some objects under one prefix in the [`ObjectSource`].
    Segment {
        /// The prefix, [`FoldedSegment::object_key`](crate::FoldedSegment::object_key).
        object_key: String,
        /// The segment's directory, [`FoldedSegment::index`](crate::FoldedSegment::index).
        index: Bytes,
    },
}

/// A stored stretch of lines, and how much of it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where its rows are.
    pub source: PartSource,
    /// The line of its first row.
    pub first_line: u64,
    /// One past the line of its last row.
    pub end_line: u64,
    /// Which of its lines count; the others are masked by a fork, a rewind or a restart. What lies outside
    /// `first_line..end_line` is ignored.
    pub visible: Range<u64>,
    /// Least and greatest `_step` of the whole part, both inclusive, if known. A scan of steps skips parts by it.
    pub steps: Option<(i64, i64)>,
}

impl Part {
    /// The visible lines that the part has.
    pub(crate) fn lines(&self) -> Range<u64> {
        let start = self.visible.start.max(self.first_line);
        start..self.visible.end.min(self.end_line).max(start)
    }

    /// The key, if this is a chunk.
    pub(crate) fn chunk_key(&self) -> Option<i64> {
        match self.source {
            PartSource::Chunk { key, .. } => Some(key),
            PartSource::Segment { .. } => None,
        }
    }

    /// Whether every line of the part counts.
    pub(crate) fn is_whole(&self) -> bool {
        self.lines() == (self.first_line..self.end_line)
    }
}

/// What a run's history consists of: parts in line order, their visible lines not overlapping. Gaps are fine.
pub type View = Vec<Part>;

/// The chunk table.
#[async_trait]
pub trait ChunkSource: Send + Sync {
    /// The [bodies](crate::EncodedChunk::body) of the chunks `keys`, in that order.
    ///
    /// # Errors
    /// [`SourceError::Missing`] if one is not stored; [`SourceError::Store`] if the table cannot be read.
    async fn bodies(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError>;

    /// The [indexes](crate::EncodedChunk::index) of the chunks `keys`, in that order.
    ///
    /// # Errors
    /// As of [`ChunkSource::bodies`].
    async fn indexes(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError>;
}

/// The object store that segments live in.
#[async_trait]
pub trait ObjectSource: Send + Sync {
    /// The bytes `range` of the object `key`.
    ///
    /// # Errors
    /// [`SourceError::Missing`] if there is no such object; [`SourceError::TooShort`] if it ends before the range does;
    /// [`SourceError::Store`] if it cannot be read.
    async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes, SourceError>;

    /// Stores the object `key`, durably. Each object of a segment is put once, under its own key.
    ///
    /// # Errors
    /// [`SourceError::Store`] if it cannot be written.
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), SourceError>;
}
