//! History: generations and their chains, chunks, batches, segments, writers, console, leases, problems.
//!
//! Line numbers count the rows of a stream from 0. A generation is an append-only log of rows; what a run shows of
//! its generations is its chain of [`Piece`]s. Chunks and segments hold rows as bytes that this crate never opens.

use std::ops::Range;

use ballast_model::{GenerationKey, RunKey, Timestamp};
use bytes::Bytes;

use crate::{Db, MetaError, Tx};

/// The storage key of a chunk. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkKey(pub i64);

/// The storage key of a segment. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentKey(pub i64);

/// The storage key of a console chunk. Grows in the order of insertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsoleKey(pub i64);

/// A stream of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Logged rows.
    History,
    /// Rows of system metrics.
    System,
    /// Console lines. They have no generations; writers and problems name this stream.
    Console,
}

/// A part of a run's chain: the lines of `generation` from the end of the piece before up to `end_line`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Piece {
    /// The generation.
    pub generation: GenerationKey,
    /// The line after the last visible one; `None` for the generation that is still appended to, always the last.
    pub end_line: Option<u64>,
}

/// A chunk to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChunk {
    /// The generation.
    pub generation: GenerationKey,
    /// The lines of the rows in the chunk.
    pub lines: Range<u64>,
    /// The smallest and the largest step in the chunk, if any row has a step.
    pub steps: Option<(i64, i64)>,
    /// The index of keys.
    pub index: Bytes,
    /// The rows.
    pub body: Bytes,
}

/// A stored chunk without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkHead {
    /// The storage key.
    pub key: ChunkKey,
    /// The generation.
    pub generation: GenerationKey,
    /// The lines of the rows in the chunk.
    pub lines: Range<u64>,
    /// The smallest and the largest step in the chunk, if any row has a step.
    pub steps: Option<(i64, i64)>,
    /// The size of the body.
    pub n_bytes: u64,
}

/// A segment to record; its object is in the blob store already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSegment {
    /// The generation.
    pub generation: GenerationKey,
    /// The lines of the rows in the segment.
    pub lines: Range<u64>,
    /// The smallest and the largest step in the segment, if any row has a step.
    pub steps: Option<(i64, i64)>,
    /// The object.
    pub object_key: String,
    /// The size of the object.
    pub n_bytes: u64,
    /// The checksum of the object, as the history engine made it.
    pub checksum: Bytes,
    /// The index of keys.
    pub index: Bytes,
}

/// A recorded segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRecord {
    /// The storage key.
    pub key: SegmentKey,
    /// The generation.
    pub generation: GenerationKey,
    /// The lines of the rows in the segment.
    pub lines: Range<u64>,
    /// The smallest and the largest step in the segment, if any row has a step.
    pub steps: Option<(i64, i64)>,
    /// The object.
    pub object_key: String,
    /// The size of the object.
    pub n_bytes: u64,
    /// The checksum of the object, as the history engine made it.
    pub checksum: Bytes,
    /// The index of keys.
    pub index: Bytes,
}

/// A console chunk to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsoleChunk {
    /// The run.
    pub run: RunKey,
    /// The console lines in it.
    pub lines: Range<u64>,
    /// The lines' bytes, opaque.
    pub body: Bytes,
}

/// A stored console chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleChunk {
    /// The storage key.
    pub key: ConsoleKey,
    /// The console lines in it. A later chunk overrides an earlier one line by line.
    pub lines: Range<u64>,
    /// The lines' bytes, opaque.
    pub body: Bytes,
}

/// A generation with many chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldCandidate {
    /// The generation.
    pub generation: GenerationKey,
    /// The run that owns it.
    pub run: RunKey,
    /// The stream.
    pub stream: Stream,
    /// How many chunks it has.
    pub n_chunks: u64,
    /// The size of their bodies.
    pub n_bytes: u64,
}

/// A line that was accepted but could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProblem {
    /// The run.
    pub run: RunKey,
    /// The stream.
    pub stream: Stream,
    /// The line.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
    /// The beginning of the line.
    pub excerpt: String,
    /// When it came.
    pub at: Timestamp,
}

/// A stored problem.
pub type ProblemRecord = NewProblem;

// ---- queries
impl Db<'_> {
    /// The chain of a run's stream, in order of lines; empty if nothing was ever logged.
    pub async fn chain(&self, run: RunKey, stream: Stream) -> Result<Vec<Piece>, MetaError> {
        todo!()
    }

    /// The chunks of `generation` that overlap `lines`, by first line.
    pub async fn chunk_heads(
        &self,
        generation: GenerationKey,
        lines: Range<u64>,
    ) -> Result<Vec<ChunkHead>, MetaError> {
        todo!()
    }

    /// The bodies of chunks, in no particular order; keys that are gone are missing.
    pub async fn chunk_bodies(
        &self,
        keys: &[ChunkKey],
    ) -> Result<Vec<(ChunkKey, Bytes)>, MetaError> {
        todo!()
    }

    /// The indexes of chunks, in no particular order; keys that are gone are missing.
    pub async fn chunk_indexes(
        &self,
        keys: &[ChunkKey],
    ) -> Result<Vec<(ChunkKey, Bytes)>, MetaError> {
        todo!()
    }

    /// Up to `limit` chunks of all runs after `after`, by key, for checking the whole store.
    pub async fn all_chunks(
        &self,
        after: Option<ChunkKey>,
        limit: u64,
    ) -> Result<Vec<ChunkHead>, MetaError> {
        todo!()
    }

    /// The digest of the batch stored at exactly these lines.
    pub async fn lookup_batch(
        &self,
        generation: GenerationKey,
        first_line: u64,
        n_lines: u64,
    ) -> Result<Option<[u8; 16]>, MetaError> {
        todo!()
    }

    /// The segments of `generation` that overlap `lines`, by first line.
    pub async fn segments(
        &self,
        generation: GenerationKey,
        lines: Range<u64>,
    ) -> Result<Vec<SegmentRecord>, MetaError> {
        todo!()
    }

    /// Up to `limit` segments of all runs after `after`, by key, for checking the whole store.
    pub async fn all_segments(
        &self,
        after: Option<SegmentKey>,
        limit: u64,
    ) -> Result<Vec<SegmentRecord>, MetaError> {
        todo!()
    }

    /// The next line that `writer` may send, if it ever wrote.
    pub async fn writer_offset(
        &self,
        run: RunKey,
        stream: Stream,
        writer: &str,
    ) -> Result<Option<u64>, MetaError> {
        todo!()
    }

    /// The console chunks of `run` that overlap `lines`, in the order of insertion.
    pub async fn console_chunks(
        &self,
        run: RunKey,
        lines: Range<u64>,
    ) -> Result<Vec<ConsoleChunk>, MetaError> {
        todo!()
    }

    /// Up to `limit` generations with at least `min_chunks` chunks or `min_bytes` bytes in chunks, most bytes first.
    pub async fn fold_candidates(
        &self,
        min_chunks: u64,
        min_bytes: u64,
        limit: u64,
    ) -> Result<Vec<FoldCandidate>, MetaError> {
        todo!()
    }

    /// The newest `limit` problems of `run`, newest first.
    pub async fn list_problems(
        &self,
        run: RunKey,
        limit: u64,
    ) -> Result<Vec<ProblemRecord>, MetaError> {
        todo!()
    }
}

impl Tx<'_> {
    /// Makes a generation of `run` whose first own line is `first_line`. It is in no chain yet.
    pub async fn start_generation(
        &self,
        run: RunKey,
        stream: Stream,
        first_line: u64,
    ) -> Result<GenerationKey, MetaError> {
        todo!()
    }

    /// Replaces the chain of a run's stream. Generations that fall out of it keep their rows.
    pub async fn replace_chain(
        &self,
        run: RunKey,
        stream: Stream,
        pieces: &[Piece],
    ) -> Result<(), MetaError> {
        todo!()
    }

    /// Stores a chunk.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the generation has a chunk with the same first line.
    pub async fn insert_chunk(&self, chunk: NewChunk) -> Result<ChunkKey, MetaError> {
        todo!()
    }

    /// Deletes chunks. Returns how many were there.
    pub async fn delete_chunks(&self, keys: &[ChunkKey]) -> Result<u64, MetaError> {
        todo!()
    }

    /// Records the digest of the batch stored at these lines.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if a batch with the same lines is recorded.
    pub async fn insert_batch(
        &self,
        generation: GenerationKey,
        first_line: u64,
        n_lines: u64,
        digest: [u8; 16],
    ) -> Result<(), MetaError> {
        todo!()
    }

    /// Records a segment.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the object is a segment already.
    pub async fn insert_segment(&self, segment: NewSegment) -> Result<SegmentKey, MetaError> {
        todo!()
    }

    /// Records the next line that `writer` may send.
    pub async fn set_writer_offset(
        &self,
        run: RunKey,
        stream: Stream,
        writer: &str,
        next_line: u64,
    ) -> Result<(), MetaError> {
        todo!()
    }

    /// Forgets the offsets of all writers of a run's stream.
    pub async fn clear_writer_offsets(&self, run: RunKey, stream: Stream) -> Result<(), MetaError> {
        todo!()
    }

    /// Stores a console chunk.
    pub async fn insert_console_chunk(
        &self,
        chunk: NewConsoleChunk,
    ) -> Result<ConsoleKey, MetaError> {
        todo!()
    }

    /// Deletes console chunks. Returns how many were there.
    pub async fn delete_console_chunks(&self, keys: &[ConsoleKey]) -> Result<u64, MetaError> {
        todo!()
    }

    /// Deletes the whole console of a run.
    pub async fn clear_console(&self, run: RunKey) -> Result<(), MetaError> {
        todo!()
    }

    /// Takes the lease `name` for `holder` until `until`, if it is free, expired at `now`, or already `holder`'s.
    /// Returns whether `holder` has it now.
    pub async fn try_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, MetaError> {
        todo!()
    }

    /// Gives the lease `name` back if `holder` has it.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), MetaError> {
        todo!()
    }

    /// Stores a problem. The run's own count is the caller's to raise.
    pub async fn insert_problem(&self, problem: NewProblem) -> Result<(), MetaError> {
        todo!()
    }
}
