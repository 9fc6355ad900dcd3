//! The query engine over parts.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::cache::{ReadCache, read_cache};
use crate::{ChunkSource, MAX_SMOOTHED_POINTS, ObjectSource, ReadError};

/// Memory that row groups may take while they are read, over all reads, in bytes. One that needs more waits until nothing
/// else is read.
const READ_BYTES: u64 = 32 << 20;

/// What a permit of the reads stands for, in bytes.
const READ_UNIT: u64 = 4 << 10;

/// Memory that was set aside for a read, until it is dropped.
pub(crate) type ReadMemory = OwnedSemaphorePermit;

/// Reads and folds history.
///
/// Cheap to clone; clones share a cache of footers and pyramids, which never change. Work on the CPU is done on
/// tokio's blocking threads, so that the async threads stay free.
#[derive(Clone)]
pub struct Engine {
    pub(crate) chunks: Arc<dyn ChunkSource>,
    pub(crate) objects: Arc<dyn ObjectSource>,
    pub(crate) cache: ReadCache,
    /// A permit for each [`READ_UNIT`] that may be held by reads.
    pub(crate) reading: Arc<Semaphore>,
    /// A permit for each point that may be held in memory to be smoothed.
    pub(crate) smoothing: Arc<Semaphore>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over a chunk table and an object store, which keeps at most about `cache_bytes` of what it read.
    pub fn new(
        chunks: Arc<dyn ChunkSource>,
        objects: Arc<dyn ObjectSource>,
        cache_bytes: u64,
    ) -> Self {
        Self {
            chunks,
            objects,
            cache: read_cache(cache_bytes),
            reading: Arc::new(Semaphore::new((READ_BYTES / READ_UNIT) as usize)),
            smoothing: Arc::new(Semaphore::new(MAX_SMOOTHED_POINTS)),
        }
    }
}

impl Engine {
    /// Waits until a read may take `n_bytes` of memory.
    ///
    /// Who holds such memory must not wait for more of it.
    pub(crate) async fn reserve(&self, n_bytes: u64) -> Result<ReadMemory, ReadError> {
        let n_units = n_bytes.min(READ_BYTES).div_ceil(READ_UNIT) as u32;
        let memory = Arc::clone(&self.reading).acquire_many_owned(n_units);
        memory.await.map_err(|_| ReadError::Cancelled)
    }
}

/// Does work that goes through `n_buckets`: at once if they are few, since handing it over would take longer.
pub(crate) async fn brief_or_blocking<T: Send + 'static>(
    n_buckets: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ReadError> {
    /// Some 200 microseconds of work.
    const FEW: usize = 8192;
    if n_buckets <= FEW {
        Ok(work())
    } else {
        blocking(work).await
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
