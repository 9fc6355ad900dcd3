//! Why a Parquet file cannot be shown.

use thiserror::Error;

use crate::SourceError;

/// Why the rows of a Parquet file could not be read.
#[derive(Debug, Error)]
pub enum ParquetFileError {
    /// The store gave no bytes. All others are about the file, and reading it again gives the same.
    #[error("the file could not be fetched")]
    Source(#[from] SourceError),
    /// It does not begin and end as Parquet files do.
    #[error("it is no Parquet file")]
    NotParquet,
    /// It is encrypted, wholly or its footer.
    #[error("it is encrypted")]
    Encrypted,
    /// A column is compressed with something that is not read here.
    #[error(
        "column `{column}` is compressed with {codec}; read are files without compression and with SNAPPY or ZSTD"
    )]
    Compression {
        /// The column, its path joined by dots.
        column: String,
        /// The name that Parquet has for the compression.
        codec: String,
    },
    /// A column is encoded in a way that is not read here.
    #[error("column `{column}` is encoded as {encoding}, which is not read here")]
    Encoding {
        /// The column, its path joined by dots.
        column: String,
        /// The name that Parquet has for the encoding.
        encoding: String,
    },
    /// Reading would take more memory than it may.
    #[error("reading {what} would take more than {} MiB of memory", limit >> 20)]
    Memory {
        /// What of it.
        what: String,
        /// How much there is, in bytes.
        limit: u64,
    },
    /// So much would have to be read to find the rows that it is not done.
    #[error("more than {} MiB would have to be read to reach its row {row}", limit >> 20)]
    Distant {
        /// The row, counted from 0.
        row: u64,
        /// How much is read at most, in bytes.
        limit: u64,
    },
    /// What it says of itself cannot be.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// The runtime is shutting down and dropped the work.
    #[error("reading was cancelled")]
    Cancelled,
}

impl ParquetFileError {
    pub(super) fn damaged(detail: impl std::fmt::Display) -> Self {
        Self::Damaged(detail.to_string())
    }
}
