//! Rows of a file that is a table, for looking at it.

use ballast_history::{PARQUET_FILE_MEMORY, ParquetFileError, SourceError};

use super::VersionFile;
use super::commit::BodyReader;
use super::tables::{self, TableKind, TablePage, TextTable};
use crate::{Result, Tracking, TrackingError};

/// Memory that reading a table in text may take, in bytes: two records of the largest size, and a page.
const RESERVED_BYTES: u64 = 16 << 20;

/// Which rows of a table to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsRequest {
    /// What the file is.
    pub kind: TableKind,
    /// How many rows to pass over.
    pub from: u64,
    /// At most so many.
    pub limit: usize,
}

impl Tracking {
    /// A page of the rows of a file that is a table. Wide rows come in smaller pages.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] if the file is not what its name says, has too large a record, or is a Parquet file that
    /// is not read here; [`TrackingError::NotFound`] if it is gone meanwhile.
    pub async fn read_table(&self, file: &VersionFile, request: RowsRequest) -> Result<TablePage> {
        match request.kind {
            TableKind::Text(kind) => self.read_text_table(file, kind, request).await,
            TableKind::Parquet => self.read_parquet_table(file, request).await,
        }
    }

    async fn read_text_table(
        &self,
        file: &VersionFile,
        kind: TextTable,
        request: RowsRequest,
    ) -> Result<TablePage> {
        // Waits with manifests for memory, of which all share the same.
        let _permit = self.reserve_manifest(RESERVED_BYTES).await?;
        let body = self.open_version_file(file, None).await?.body;
        let reader = BodyReader::new(body);
        let reading = tokio::task::spawn_blocking(move || tables::read(reader, kind, request));
        let read = reading.await.map_err(TrackingError::internal)?;
        read.map_err(|error| unreadable(file, error))
    }

    async fn read_parquet_table(
        &self,
        file: &VersionFile,
        request: RowsRequest,
    ) -> Result<TablePage> {
        let _permit = self.reserve_manifest(PARQUET_FILE_MEMORY).await?;
        let (from, limit) = (request.from, request.limit);
        let engine = &self.inner.engine;
        let reading = engine.read_parquet_file(file.object_key(), file.size_bytes(), from, limit);
        match reading.await {
            Ok(read) => Ok(tables::page_of(read, from)),
            Err(ParquetFileError::Source(SourceError::Missing { .. })) => {
                Err(TrackingError::not_found("file", &file.path))
            }
            Err(error @ ParquetFileError::Source(_)) => {
                Err(TrackingError::Unavailable(error.into()))
            }
            Err(error @ ParquetFileError::Cancelled) => Err(TrackingError::internal(error)),
            Err(error) => Err(unreadable(file, error)),
        }
    }
}

fn unreadable(file: &VersionFile, error: impl std::fmt::Display) -> TrackingError {
    let path = &file.path;
    TrackingError::Invalid(format!("file `{path}` cannot be read as a table: {error}"))
}
