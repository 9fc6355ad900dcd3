//! Fetching what a curve needs of a pyramid.

use std::sync::Arc;

use futures::future::try_join_all;

use super::format::{decode_block, decode_index};
use super::index::{Block, Level, PyramidIndex};
use crate::bucket::Bucket;
use crate::cache::{CacheKey, Cached};
use crate::engine::{Engine, blocking};
use crate::segment::{Directory, damaged, is_pyramid, pyramid_key};
use crate::{ReadError, SourceError};

/// Blocks closer together than this are fetched as one.
const FETCH_GAP: u64 = 32 << 10;

/// A pyramid whose index is at hand.
#[derive(Clone)]
pub(crate) struct Pyramid {
    object_key: Arc<str>,
    pub(crate) index: Arc<PyramidIndex>,
}

impl Pyramid {
    pub(crate) fn object_key(&self) -> &str {
        &self.object_key
    }
}

/// The pyramid that an error says is gone or damaged.
pub(crate) fn damaged_pyramid(error: &ReadError) -> Option<&str> {
    let key = match error {
        ReadError::Segment { object_key, .. } => object_key,
        ReadError::Source(SourceError::Missing { key } | SourceError::TooShort { key, .. }) => key,
        _ => return None,
    };
    is_pyramid(key).then_some(key)
}

/// Tells the operator that curves cost more than they need to.
pub(crate) fn warn_of_pyramid(error: &ReadError) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "a damaged pyramid is not used"
    );
}

impl Engine {
    /// The pyramid of a segment; `None` if it has none.
    pub(crate) async fn pyramid(
        &self,
        segment_key: &str,
        directory: &Directory,
    ) -> Result<Option<Pyramid>, ReadError> {
        let Some(entry) = &directory.pyramid else {
            return Ok(None);
        };
        let object_key: Arc<str> = pyramid_key(segment_key).into();
        let start = entry.side.n_bytes - entry.n_index_bytes;
        let cache_key = CacheKey::new(&object_key, start);
        if let Some(Cached::Index(index)) = self.cache.get(&cache_key).await {
            return Ok(Some(Pyramid { object_key, index }));
        }
        let bytes = self
            .objects
            .get_range(&object_key, start..entry.side.n_bytes)
            .await?;
        let index = blocking(move || decode_index(&bytes)).await?;
        let index = Arc::new(index.map_err(|source| damaged(&object_key, source))?);
        let cached = Cached::Index(Arc::clone(&index));
        self.cache.insert(cache_key, cached).await;
        Ok(Some(Pyramid { object_key, index }))
    }

    /// The blocks of a level with the buckets whose edges, in units of their width, are within `range`, both inclusive.
    /// They hold others, too.
    pub(crate) async fn pyramid_blocks(
        &self,
        pyramid: &Pyramid,
        level: &Level,
        range: (i64, i64),
    ) -> Result<Vec<Arc<Vec<Bucket>>>, ReadError> {
        let blocks = level.blocks_in(range);
        let mut found: Vec<Option<Arc<Vec<Bucket>>>> = Vec::with_capacity(blocks.len());
        for block in blocks {
            let key = CacheKey::new(&pyramid.object_key, block.bytes.start);
            found.push(match self.cache.get(&key).await {
                Some(Cached::Buckets(buckets)) => Some(buckets),
                _ => None,
            });
        }
        let missing: Vec<usize> = (0..blocks.len())
            .filter(|&at| found[at].is_none())
            .collect();
        let together = missing.chunk_by(|&a, &b| {
            blocks[b].bytes.start.saturating_sub(blocks[a].bytes.end) <= FETCH_GAP
        });
        let fetches =
            together.map(|places| self.fetch_blocks(pyramid, level.exponent, blocks, places));
        for (at, buckets) in try_join_all(fetches).await?.into_iter().flatten() {
            found[at] = Some(buckets);
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Fetches the blocks at `places`, which are not empty, in one go, and keeps them.
    async fn fetch_blocks(
        &self,
        pyramid: &Pyramid,
        exponent: i32,
        blocks: &[Block],
        places: &[usize],
    ) -> Result<Vec<(usize, Arc<Vec<Bucket>>)>, ReadError> {
        let start = blocks[places[0]].bytes.start;
        let end = blocks[places[places.len() - 1]].bytes.end;
        let bytes = self
            .objects
            .get_range(&pyramid.object_key, start..end)
            .await?;
        let ranges: Vec<_> = places
            .iter()
            .map(|&at| {
                let range = &blocks[at].bytes;
                (range.start - start) as usize..(range.end - start) as usize
            })
            .collect();
        let decoded = blocking(move || {
            let blocks = ranges.into_iter();
            let blocks = blocks.map(|range| Ok(Arc::new(decode_block(&bytes[range], exponent)?)));
            blocks.collect::<Result<Vec<_>, _>>()
        });
        let decoded = decoded
            .await?
            .map_err(|source| damaged(&pyramid.object_key, source))?;
        for (buckets, &at) in decoded.iter().zip(places) {
            let key = CacheKey::new(&pyramid.object_key, blocks[at].bytes.start);
            let cached = Cached::Buckets(Arc::clone(buckets));
            self.cache.insert(key, cached).await;
        }
        Ok(places.iter().copied().zip(decoded).collect())
    }
}
