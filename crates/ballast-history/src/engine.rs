//! The query engine over parts.

use std::sync::Arc;

use ballast_model::MetricName;
use futures::stream::BoxStream;

use crate::keys::KeyInfo;
use crate::scan::{Scan, ScannedRows};
use crate::segment::FoldedSegment;
use crate::series::{Series, SeriesRequest};
use crate::{ChunkSource, FoldError, ObjectSource, Part, Projection, ReadError};

/// Reads and folds history. Cheap to clone; holds no state but a small cache.
#[derive(Clone)]
pub struct Engine {
    pub(crate) chunks: Arc<dyn ChunkSource>,
    pub(crate) objects: Arc<dyn ObjectSource>,
}

impl Engine {
    /// An engine over a chunk table and an object store.
    pub fn new(chunks: Arc<dyn ChunkSource>, objects: Arc<dyn ObjectSource>) -> Self {
        Self { chunks, objects }
    }

    /// Streams rows in line order, in batches of bounded size.
    pub fn scan(
        &self,
        view: &[Part],
        scan: Scan,
    ) -> BoxStream<'static, Result<ScannedRows, ReadError>> {
        let _ = (&self.chunks, &self.objects, view, scan);
        unimplemented!()
    }

    /// The last `n` rows that have values, in line order.
    pub async fn last_rows(
        &self,
        view: &[Part],
        n: usize,
        keys: &Projection,
    ) -> Result<ScannedRows, ReadError> {
        let _ = (view, n, keys);
        unimplemented!()
    }

    /// Every key of the view, sorted by name.
    pub async fn keys(&self, view: &[Part]) -> Result<Vec<KeyInfo>, ReadError> {
        let _ = view;
        unimplemented!()
    }

    /// Curves, one for each key asked, in that order.
    pub async fn series(
        &self,
        view: &[Part],
        request: &SeriesRequest,
    ) -> Result<Vec<Series>, ReadError> {
        let _ = (view, request);
        unimplemented!()
    }

    /// Writes the visible rows of `view` as a segment under `object_key`; `None` if no row has a value.
    pub async fn fold(
        &self,
        view: &[Part],
        object_key: &str,
    ) -> Result<Option<FoldedSegment>, FoldError> {
        let _ = (view, object_key, MetricName::from_key(""));
        unimplemented!()
    }

    /// Reads every object of a segment and compares it with the digests of its directory.
    ///
    /// # Errors
    /// [`ReadError`] naming the object that is missing or damaged.
    pub async fn verify_segment(
        &self,
        object_key: &str,
        index: &[u8],
        checksum: &[u8; 32],
    ) -> Result<(), ReadError> {
        let _ = (object_key, index, checksum);
        unimplemented!()
    }
}
