//! The query engine over parts.

use std::sync::Arc;

use moka::future::Cache;

use crate::segment::ObjectCache;
use crate::{ChunkSource, ObjectSource, ReadError};

/// Memory that footers of Parquet objects may take.
const FOOTER_CACHE_BYTES: u64 = 16 << 20;

/// Reads and folds history.
///
/// Cheap to clone; clones share a small cache of Parquet footers, which never change. Work on the CPU is done on
/// tokio's blocking threads, so that the async threads stay free.
#[derive(Clone)]
pub struct Engine {
    pub(crate) chunks: Arc<dyn ChunkSource>,
    pub(crate) objects: Arc<dyn ObjectSource>,
    pub(crate) footers: ObjectCache,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over a chunk table and an object store.
    pub fn new(chunks: Arc<dyn ChunkSource>, objects: Arc<dyn ObjectSource>) -> Self {
        let footers = Cache::builder()
            .max_capacity(FOOTER_CACHE_BYTES)
            .weigher(|key: &String, footer: &Arc<crate::segment::Footer>| {
                footer.weight().saturating_add(key.len() as u32)
            })
            .build();
        Self {
            chunks,
            objects,
            footers,
        }
    }
}

/// Does work that takes a while without holding up the async threads. A panic goes on in the caller.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ReadError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(ReadError::Cancelled),
        },
    }
}
