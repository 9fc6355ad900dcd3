//! What was read lately and never changes.

use std::sync::Arc;

use moka::future::Cache;

use crate::Column;
use crate::bucket::Bucket;
use crate::pyramid::PyramidIndex;
use crate::segment::Footer;

/// Parts of objects, decoded, within a limit of memory. Objects never change, so nothing here grows old.
pub(crate) type ReadCache = Cache<CacheKey, Cached>;

/// Which part of which object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    object_key: Arc<str>,
    /// Where the part begins.
    start: u64,
}

impl CacheKey {
    pub(crate) fn new(object_key: &Arc<str>, start: u64) -> Self {
        Self {
            object_key: Arc::clone(object_key),
            start,
        }
    }
}

/// What a part of an object says.
#[derive(Clone)]
pub(crate) enum Cached {
    Footer(Arc<Footer>),
    Index(Arc<PyramidIndex>),
    Buckets(Arc<Vec<Bucket>>),
    /// The line of each row of a row group.
    Lines(Arc<Vec<u64>>),
    /// A column of a row group; `None` if no row has a value in it.
    Column(Option<Arc<Column>>),
}

impl Cached {
    /// About how many bytes of memory it takes.
    fn weight(&self) -> usize {
        match self {
            Self::Footer(footer) => footer.weight(),
            Self::Index(index) => index.weight(),
            Self::Buckets(buckets) => buckets.len() * size_of::<Bucket>(),
            Self::Lines(lines) => lines.len() * size_of::<u64>(),
            Self::Column(column) => column.as_ref().map_or(0, |column| column.n_bytes()),
        }
    }
}

/// A cache that takes at most about `max_bytes` of memory. Half of them are for what the allocator and the cache itself add to what
/// is counted.
pub(crate) fn read_cache(max_bytes: u64) -> ReadCache {
    const ENTRY_BYTES: usize = 200;
    Cache::builder()
        .max_capacity(max_bytes / 2)
        .weigher(|key: &CacheKey, cached: &Cached| {
            let weight = cached.weight() + key.object_key.len() + ENTRY_BYTES;
            u32::try_from(weight).unwrap_or(u32::MAX)
        })
        .build()
}
