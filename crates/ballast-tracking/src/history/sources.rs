//! The two storage traits of the history engine, joined to the metadata database and the blob store.

use async_trait::async_trait;
use ballast_blobs::{BlobError, Blobs};
use ballast_history::{ChunkSource, ObjectSource, SourceError};
use ballast_meta::{ChunkKey, Meta};
use bytes::Bytes;
use std::collections::HashMap;
use std::ops::Range;

/// Chunks from the metadata database.
pub(crate) struct MetaChunks {
    meta: Meta,
}

impl MetaChunks {
    pub(crate) fn new(meta: Meta) -> Self {
        Self { meta }
    }
}

#[async_trait]
impl ChunkSource for MetaChunks {
    async fn bodies(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError> {
        let keys: Vec<ChunkKey> = keys.iter().copied().map(ChunkKey).collect();
        let found = self.meta.read().chunk_bodies(&keys).await;
        in_order(
            &keys,
            found.map_err(|error| SourceError::Store(error.into()))?,
        )
    }

    async fn indexes(&self, keys: &[i64]) -> Result<Vec<Bytes>, SourceError> {
        let keys: Vec<ChunkKey> = keys.iter().copied().map(ChunkKey).collect();
        let found = self.meta.read().chunk_indexes(&keys).await;
        in_order(
            &keys,
            found.map_err(|error| SourceError::Store(error.into()))?,
        )
    }
}

fn in_order(keys: &[ChunkKey], found: Vec<(ChunkKey, Bytes)>) -> Result<Vec<Bytes>, SourceError> {
    let mut found: HashMap<ChunkKey, Bytes> = found.into_iter().collect();
    keys.iter()
        .map(|key| {
            found.remove(key).ok_or_else(|| SourceError::Missing {
                key: key.0.to_string(),
            })
        })
        .collect()
}

/// Segment objects from the blob store.
pub(crate) struct StoredObjects {
    blobs: Blobs,
}

impl StoredObjects {
    pub(crate) fn new(blobs: Blobs) -> Self {
        Self { blobs }
    }
}

#[async_trait]
impl ObjectSource for StoredObjects {
    async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes, SourceError> {
        let end = range.end;
        let found = self.blobs.get_range(key, range).await;
        found.map_err(|error| match error {
            BlobError::InvalidRange { key, .. } => SourceError::TooShort { key, end },
            other => source_error(other),
        })
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), SourceError> {
        self.blobs.put(key, bytes).await.map_err(source_error)
    }
}

fn source_error(error: BlobError) -> SourceError {
    match error {
        BlobError::NotFound { key } => SourceError::Missing { key },
        other => SourceError::Store(other.into()),
    }
}
