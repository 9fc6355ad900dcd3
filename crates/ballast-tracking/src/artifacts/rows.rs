//! Rows of a file that is a table, for looking at it.

use super::VersionFile;
use super::commit::BodyReader;
use super::tables::{self, TableKind, TablePage};
use crate::{Result, Tracking, TrackingError};

/// Memory that reading a table may take, in bytes: two records of the largest size, and a page.
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
    /// [`TrackingError::Invalid`] if the file is not what its name says, or has too large a record;
    /// [`TrackingError::NotFound`] if it is gone meanwhile.
    pub async fn read_table(&self, file: &VersionFile, request: RowsRequest) -> Result<TablePage> {
        // Waits with manifests for memory, of which all share the same.
        let _permit = self.reserve_manifest(RESERVED_BYTES).await?;
        let body = self.open_version_file(file, None).await?.body;
        let path = file.path.clone();
        let reader = BodyReader::new(body);
        let reading = tokio::task::spawn_blocking(move || tables::read(reader, request));
        let read = reading.await.map_err(TrackingError::internal)?;
        read.map_err(|error| {
            TrackingError::Invalid(format!("file `{path}` cannot be read as a table: {error}"))
        })
    }
}
