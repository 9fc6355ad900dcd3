//! What is stored of history, as plain records.

use std::ops::Range;

use ballast_model::{EntityName, GenerationKey, ProjectName, RunId, RunKey, Timestamp};
use bytes::Bytes;

use crate::MetaError;
use crate::row::{FromRow, Row};

/// The storage key of a chunk. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkKey(pub i64);

/// The storage key of a segment. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentKey(pub i64);

/// The storage key of a console chunk. Grows in the order of insertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsoleKey(pub i64);

/// The storage key of a console block. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsoleBlockKey(pub i64);

/// A stream of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Logged rows.
    History,
    /// Rows of system metrics.
    System,
    /// Console lines. They have no generations; writers and problems name this stream.
    Console,
    /// The summary. Only problems name this stream.
    Summary,
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

/// A console chunk or block to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsolePart {
    /// The run.
    pub run: RunKey,
    /// The console lines in it.
    pub lines: Range<u64>,
    /// The size of the lines before compression.
    pub n_bytes: u64,
    /// The lines' bytes, opaque.
    pub body: Bytes,
}

/// A stored console chunk without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleChunkHead {
    /// The storage key.
    pub key: ConsoleKey,
    /// The console lines in it. A later chunk overrides an earlier one, and any block, line by line.
    pub lines: Range<u64>,
    /// The size of the lines before compression.
    pub n_bytes: u64,
}

/// A stored console block, which chunks were folded into, without its bytes. Blocks of one run have no line in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleBlockHead {
    /// The storage key.
    pub key: ConsoleBlockKey,
    /// The console lines in it.
    pub lines: Range<u64>,
    /// The size of the lines before compression.
    pub n_bytes: u64,
}

/// A stored console chunk or block without its bytes, of any run, for checking the whole store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsolePlace<K> {
    /// The storage key.
    pub key: K,
    /// The run.
    pub run: RunKey,
    /// The console lines in it.
    pub lines: Range<u64>,
    /// How many lines the console of the run has.
    pub console_lines: u64,
}

/// Console lines as they are stored, in a block or a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsolePart {
    /// The console lines in it.
    pub lines: Range<u64>,
    /// The lines' bytes, opaque.
    pub body: Bytes,
}

/// Which consoles to fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleFoldQuery {
    /// Those with at least so many chunks,
    pub min_chunks: u64,
    /// those with at least so many lines in chunks,
    pub min_lines: u64,
    /// and those of runs that ended before this.
    pub ended_before: Timestamp,
    /// No more than these, most chunks first.
    pub limit: u64,
}

/// Which generations to fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldQuery {
    /// Those with at least so many chunks,
    pub min_chunks: u64,
    /// those with at least so many bytes in chunks,
    pub min_bytes: u64,
    /// and those of runs that ended before this.
    pub ended_before: Timestamp,
}

/// A part of a list of [`FoldCandidate`]s, most bytes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldPage {
    /// Only what comes behind the candidate with these bytes and this generation.
    pub after: Option<(u64, GenerationKey)>,
    /// No more than these.
    pub limit: u64,
}

/// A generation with chunks or segments to fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldCandidate {
    /// The generation.
    pub generation: GenerationKey,
    /// The owner of the project.
    pub entity: EntityName,
    /// The project of the run.
    pub project: ProjectName,
    /// The run that owns the generation.
    pub run: RunId,
    /// The stream.
    pub stream: Stream,
    /// How many chunks or segments it has that could be folded.
    pub n_parts: u64,
    /// Their size.
    pub n_bytes: u64,
}

/// The lines of a generation that no chain shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaskedLines {
    /// The generation.
    pub generation: GenerationKey,
    /// The first of them. All behind it are masked, too.
    pub first_line: u64,
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

impl Stream {
    /// The number in the database. Part of the schema.
    pub(super) fn code(self) -> i16 {
        match self {
            Self::History => 0,
            Self::System => 1,
            Self::Console => 2,
            Self::Summary => 3,
        }
    }

    fn read(row: &Row) -> Result<Self, MetaError> {
        match row.get::<i16>("stream")? {
            0 => Ok(Self::History),
            1 => Ok(Self::System),
            2 => Ok(Self::Console),
            3 => Ok(Self::Summary),
            other => Err(row.corrupt("stream", &format!("no stream has number {other}"))),
        }
    }
}

impl FromRow for Piece {
    const TABLE: &'static str = "pieces";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        let end_line = row
            .get::<Option<i64>>("end_line")?
            .map(|_| row.count("end_line"))
            .transpose()?;
        Ok(Self {
            generation: GenerationKey(row.get("generation_key")?),
            end_line,
        })
    }
}

impl FromRow for ChunkHead {
    const TABLE: &'static str = "chunks";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ChunkKey(row.get("chunk_key")?),
            generation: GenerationKey(row.get("generation_key")?),
            lines: row.lines()?,
            steps: row.steps()?,
            n_bytes: row.count("n_bytes")?,
        })
    }
}

impl FromRow for SegmentRecord {
    const TABLE: &'static str = "segments";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: SegmentKey(row.get("segment_key")?),
            generation: GenerationKey(row.get("generation_key")?),
            lines: row.lines()?,
            steps: row.steps()?,
            object_key: row.get("object_key")?,
            n_bytes: row.count("n_bytes")?,
            checksum: row.get::<Vec<u8>>("checksum")?.into(),
            index: row.get::<Vec<u8>>("index")?.into(),
        })
    }
}

impl FromRow for ConsoleChunkHead {
    const TABLE: &'static str = "console_chunks";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ConsoleKey(row.get("console_key")?),
            lines: row.lines()?,
            n_bytes: row.count("n_bytes")?,
        })
    }
}

impl FromRow for ConsoleBlockHead {
    const TABLE: &'static str = "console_blocks";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ConsoleBlockKey(row.get("block_key")?),
            lines: row.lines()?,
            n_bytes: row.count("n_bytes")?,
        })
    }
}

impl FromRow for FoldCandidate {
    const TABLE: &'static str = "generations";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            generation: GenerationKey(row.get("generation_key")?),
            entity: row.parse("entity_name")?,
            project: row.parse("project_name")?,
            run: row.parse("run_id")?,
            stream: Stream::read(row)?,
            n_parts: row.count("n_parts")?,
            n_bytes: row.count("n_bytes")?,
        })
    }
}

impl FromRow for MaskedLines {
    const TABLE: &'static str = "masked_lines";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            generation: GenerationKey(row.get("generation_key")?),
            first_line: row.count("first_line")?,
        })
    }
}

impl FromRow for ProblemRecord {
    const TABLE: &'static str = "problems";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            run: RunKey(row.get("run_key")?),
            stream: Stream::read(row)?,
            line: row.count("line")?,
            reason: row.get("reason")?,
            excerpt: row.get("excerpt")?,
            at: row.time("at")?,
        })
    }
}
