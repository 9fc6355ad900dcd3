//! Folding chunks into segments, and small segments into larger ones, in the background.
//!
//! A segment becomes visible in the transaction that drops what it was made from, so a row is in exactly one place at
//! any time. Its objects are recorded as pending before they are written, so a crash between leaves nothing that the
//! janitor does not find.

mod layout;
mod stretch;

use std::time::Duration;

use ballast_history::{Part, segment_object_keys};
use ballast_meta::{
    ChunkHead, ChunkKey, FoldQuery, MetaError, NewSegment, SegmentKey, SegmentRecord, Stream, Tx,
};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::{GenerationKey, RunPath, Timestamp};

use super::chain;
use crate::lease::Lease;
use crate::{Result, Tracking, TrackingError};

pub(crate) use layout::is_segment;

/// A generation is folded once it has this many bytes of chunks, even while its run goes on.
const FOLD_BYTES: u64 = 4 << 20;

/// A generation with this many chunks is folded however small they are, since each is a read of its own.
const FOLD_CHUNKS: u64 = 256;

/// Generations that are looked up at once.
const CANDIDATES: u64 = 16;

/// How much a generation must have in chunks to be folded.
#[derive(Debug, Clone, Copy)]
struct Threshold {
    min_chunks: u64,
    min_bytes: u64,
    /// Runs that ended before this are folded whatever they have.
    ended_before: Timestamp,
}

/// A generation whose chunks or segments become one segment.
#[derive(Debug)]
struct Work {
    generation: GenerationKey,
    run: RunPath,
    stream: Stream,
    source: Source,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Chunks,
    Segments,
}

/// What a segment is made from.
enum Chosen {
    Chunks(Vec<ChunkHead>),
    Segments(Vec<SegmentRecord>),
}

impl Tracking {
    /// Folds generations that have grown or whose run ended a while ago, and merges small segments, until nothing is
    /// left. Returns how many segments were made.
    ///
    /// Several servers may call this at once; a lease keeps them off the same generation.
    pub async fn fold(&self) -> Result<usize> {
        self.fold_until_done(self.threshold(), |_| std::future::ready(true))
            .await
    }

    /// Folds everything, also of runs that go on.
    pub async fn fold_all(&self) -> Result<usize> {
        let threshold = Threshold {
            min_chunks: 1,
            min_bytes: 1,
            ended_before: self.inner.clock.now(),
        };
        self.fold_until_done(threshold, |_| std::future::ready(true))
            .await
    }

    /// As [`Tracking::fold`], but rests between segments: `rest` is told how long the last one took, and says whether
    /// to go on.
    pub(crate) async fn fold_at_rest<F>(&self, rest: impl Fn(Duration) -> F) -> Result<usize>
    where
        F: Future<Output = bool>,
    {
        self.fold_until_done(self.threshold(), rest).await
    }

    fn threshold(&self) -> Threshold {
        Threshold {
            min_chunks: FOLD_CHUNKS,
            min_bytes: FOLD_BYTES,
            ended_before: self.inner.clock.now() - self.inner.settings.fold_ended_after,
        }
    }

    async fn fold_until_done<F>(
        &self,
        threshold: Threshold,
        rest: impl Fn(Duration) -> F,
    ) -> Result<usize>
    where
        F: Future<Output = bool>,
    {
        let mut n_segments = 0;
        loop {
            let mut progress = false;
            for work in self.find_work(&threshold).await? {
                let started = tokio::time::Instant::now();
                if self.do_work(&work).await? {
                    n_segments += 1;
                    progress = true;
                    if !rest(started.elapsed()).await {
                        return Ok(n_segments);
                    }
                }
            }
            if !progress {
                return Ok(n_segments);
            }
        }
    }

    async fn find_work(&self, threshold: &Threshold) -> Result<Vec<Work>> {
        let query = FoldQuery {
            min_chunks: threshold.min_chunks,
            min_bytes: threshold.min_bytes,
            ended_before: threshold.ended_before,
            limit: CANDIDATES,
        };
        let db = self.inner.meta.read();
        let grown = db.fold_candidates(&query).await?;
        let crowded = db
            .merge_candidates(stretch::MIN_MERGED, stretch::SMALL_BYTES, CANDIDATES)
            .await?;
        let work = |source: Source| {
            move |found: ballast_meta::FoldCandidate| Work {
                generation: found.generation,
                run: RunPath {
                    entity: found.entity,
                    project: found.project,
                    run: found.run,
                },
                stream: found.stream,
                source,
            }
        };
        let grown = grown.into_iter().map(work(Source::Chunks));
        Ok(grown
            .chain(crowded.into_iter().map(work(Source::Segments)))
            .collect())
    }

    /// Makes one segment under a lease; false if there was nothing to do or someone else has the lease.
    async fn do_work(&self, work: &Work) -> Result<bool> {
        let name = format!("fold/{}", work.generation);
        self.under_lease(name, async |lease| self.do_leased(work, lease).await)
            .await
    }

    async fn do_leased(&self, work: &Work, lease: &Lease) -> Result<bool> {
        let Some(chosen) = self.choose(work).await? else {
            return Ok(false);
        };
        let object_key = layout::object_key(
            &work.run,
            work.stream,
            work.generation,
            &random_text(&*self.inner.entropy, ID_ALPHABET, 12),
        );
        let now = self.inner.clock.now();
        let pending = object_key.clone();
        let meta = &self.inner.meta;
        meta.write(move |tx| Box::pin(async move { tx.add_pending_object(&pending, now).await }))
            .await?;
        let folded = self.inner.engine.fold(&chosen.view(), &object_key).await;
        let Some(segment) = folded.map_err(TrackingError::internal)? else {
            // No row has a value, so nothing was written.
            meta.write(move |tx| {
                Box::pin(async move { tx.settle_pending_object(&object_key).await })
            })
            .await?;
            return Ok(false);
        };
        let objects = segment_object_keys(&segment.object_key, &segment.index)
            .map_err(TrackingError::internal)?;
        let (generation, lease) = (work.generation, lease.clone());
        let now = self.inner.clock.now();
        let committed = meta
            .write(move |tx| {
                Box::pin(async move {
                    // Renewing fails if the lease ran out and someone else took it; their segment has these rows then.
                    if !lease.renew(tx, now).await? {
                        return Ok(false);
                    }
                    if !chosen.delete(tx, now).await? {
                        return Err(TrackingError::Conflict(
                            "rows moved while they were folded".to_owned(),
                        ));
                    }
                    tx.insert_segment(NewSegment {
                        generation,
                        lines: segment.first_line..segment.end_line,
                        steps: segment.steps,
                        object_key: segment.object_key.clone(),
                        n_bytes: segment.n_bytes,
                        checksum: bytes::Bytes::copy_from_slice(&segment.checksum),
                        index: segment.index,
                    })
                    .await?;
                    tx.settle_pending_object(&segment.object_key).await?;
                    Ok(true)
                })
            })
            .await;
        match committed {
            Ok(true) => {
                metrics::counter!("ballast.history.segments").increment(1);
                Ok(true)
            }
            // The run was purged, or another server was faster: the objects go, the rows are safe.
            Ok(false) | Err(TrackingError::Conflict(_)) => {
                for object in objects {
                    self.inner.blobs.delete(&object).await?;
                }
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// What the next segment is made from; `None` if there is too little.
    async fn choose(&self, work: &Work) -> Result<Option<Chosen>> {
        let db = self.inner.meta.read();
        let generation = [work.generation];
        match work.source {
            Source::Chunks => {
                let heads = db.chunk_heads(&generation, 0..u64::MAX).await?;
                let chunks = stretch::first_chunks(heads);
                Ok((!chunks.is_empty()).then_some(Chosen::Chunks(chunks)))
            }
            Source::Segments => {
                let segments = db.segments(&generation, 0..u64::MAX).await?;
                Ok(stretch::small_segments(&segments).map(Chosen::Segments))
            }
        }
    }
}

impl Chosen {
    fn view(&self) -> Vec<Part> {
        match self {
            Self::Chunks(chunks) => chunks.iter().map(chain::chunk_part).collect(),
            Self::Segments(segments) => segments.iter().map(chain::segment_part).collect(),
        }
    }

    /// Drops what was folded; false if some of it is gone already.
    async fn delete(&self, tx: &Tx<'_>, now: Timestamp) -> Result<bool, MetaError> {
        match self {
            Self::Chunks(chunks) => {
                let keys: Vec<ChunkKey> = chunks.iter().map(|chunk| chunk.key).collect();
                Ok(tx.delete_chunks(&keys).await? == keys.len() as u64)
            }
            Self::Segments(segments) => {
                let keys: Vec<SegmentKey> = segments.iter().map(|segment| segment.key).collect();
                for segment in segments {
                    tx.doom_object(&segment.object_key, now).await?;
                }
                Ok(tx.delete_segments(&keys).await? == keys.len() as u64)
            }
        }
    }
}
