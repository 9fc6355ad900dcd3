//! What can go wrong.

use ballast_model::MetricName;
use thiserror::Error;

/// Stored bytes that are not what this crate wrote.
///
/// A chunk or segment that gives one is damaged or was written by a newer version; the error names which part of the
/// bytes is wrong. Reading damaged bytes never panics and never allocates more than a sound part of that size could
/// hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// The bytes start with something else.
    #[error("{what} does not start with its magic bytes")]
    Magic {
        /// Which bytes.
        what: &'static str,
    },
    /// A version that this build does not read.
    #[error("{what} has version {found}, this build reads version {supported}")]
    Version {
        /// Which bytes.
        what: &'static str,
        /// The version found.
        found: u8,
        /// The version read here.
        supported: u8,
    },
    /// The bytes stop early.
    #[error("{what} is cut off")]
    Truncated {
        /// Which bytes.
        what: &'static str,
    },
    /// The stored checksum is another than that of the bytes.
    #[error("checksum of {what} does not match its bytes")]
    Checksum {
        /// Which bytes.
        what: String,
    },
    /// Sound by checksum, yet not well formed.
    #[error("{what} is malformed: {detail}")]
    Malformed {
        /// Which bytes.
        what: &'static str,
        /// What was expected and found.
        detail: String,
    },
}

/// Why a [`ChunkSource`](crate::ChunkSource) or [`ObjectSource`](crate::ObjectSource) gave no bytes.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A chunk or object that a part names is not stored.
    #[error("`{key}` is not stored")]
    Missing {
        /// The chunk's or object's key.
        key: String,
    },
    /// An object is shorter than when it was written.
    #[error("`{key}` ends before byte {end}")]
    TooShort {
        /// The object's key.
        key: String,
        /// Where the bytes that were asked for end.
        end: u64,
    },
    /// The store failed; its own error says how.
    #[error(transparent)]
    Store(Box<dyn std::error::Error + Send + Sync>),
}

/// Why history could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The chunk or object store failed.
    #[error("history could not be fetched")]
    Source(#[from] SourceError),
    /// A chunk is damaged.
    #[error("chunk {key} is damaged")]
    Chunk {
        /// The chunk's key.
        key: i64,
        /// What is wrong with it.
        #[source]
        source: FormatError,
    },
    /// A segment is damaged.
    #[error("segment object `{object_key}` is damaged")]
    Segment {
        /// The object's key.
        object_key: String,
        /// What is wrong with it.
        #[source]
        source: FormatError,
    },
    /// The runtime is shutting down and dropped the work.
    #[error("reading history was cancelled")]
    Cancelled,
}

impl ReadError {
    /// Which chunk or object is gone or damaged; `None` if it was not the bytes that failed. Reading again gives the
    /// same error, unless a fold has moved the rows meanwhile.
    pub fn damaged(&self) -> Option<String> {
        match self {
            Self::Chunk { key, .. } => Some(format!("chunk {key}")),
            Self::Segment { object_key, .. } => Some(format!("object `{object_key}`")),
            Self::Source(SourceError::Missing { key } | SourceError::TooShort { key, .. }) => {
                Some(match key.parse::<i64>() {
                    Ok(chunk) => format!("chunk {chunk}"),
                    Err(_) => format!("object `{key}`"),
                })
            }
            Self::Source(SourceError::Store(_)) | Self::Cancelled => None,
        }
    }
}

/// Why a segment could not be written.
#[derive(Debug, Error)]
pub enum FoldError {
    /// The parts could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An object could not be stored.
    #[error("segment object `{object_key}` could not be stored")]
    Store {
        /// The object's key.
        object_key: String,
        /// What the store said.
        #[source]
        source: SourceError,
    },
    /// The Parquet writer refused a column.
    #[error("Parquet could not be written for `{first_column}` and what follows it")]
    Parquet {
        /// The first column of the object.
        first_column: MetricName,
        /// What the writer said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
