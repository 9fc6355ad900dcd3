//! Folding chunks into segments, and small segments into larger ones, in the background. Rows that are masked for good
//! are left out; a segment that has some of them is written anew without.
//!
//! A segment becomes visible in the transaction that drops what it was made from, so a row is in exactly one place at
//! any time. Its objects are recorded as pending before they are written, so a crash between leaves nothing that the
//! janitor does not find.

mod layout;
mod stretch;

use std::time::Duration;

use ballast_history::{FoldError, Part};
use ballast_meta::{
    ChunkHead, ChunkKey, Db, FoldCandidate, FoldPage, FoldQuery, MetaError, NewSegment, SegmentKey,
    SegmentRecord, Stream, Tx,
};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::{GenerationKey, RunPath, Timestamp};

use super::masked::freed_if_noted_before;
use super::{chain, rows};
use crate::lease::Lease;
use crate::{Result, Tracking, TrackingError};

pub(crate) use layout::is_segment;

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
    /// Small segments.
    Segments,
    /// The segment of which some lines are masked.
    CutSegment,
}

/// What a segment is made from.
struct Chosen {
    parts: ChosenParts,
    /// Lines from here on are masked for good.
    end_line: u64,
}

enum ChosenParts {
    Chunks(Vec<ChunkHead>),
    Segments(Vec<SegmentRecord>),
}

impl Tracking {
    /// Folds generations that have grown or whose run ended a while ago, and merges small segments, until nothing is
    /// left. Returns how many segments were made.
    ///
    /// Several servers may call this at once; a lease keeps them off the same generation. One that cannot be folded
    /// holds back no other.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`] at once if a store does not answer or is full;
    /// [`TrackingError::Internal`], naming the run, of the first generation that is damaged, when all others are folded.
    pub async fn fold(&self) -> Result<usize> {
        self.fold_until_done(self.threshold(), |_| std::future::ready(true))
            .await
    }

    /// Folds everything, also of runs that go on.
    ///
    /// # Errors
    /// As [`Tracking::fold`].
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
        let settings = &self.inner.settings;
        Threshold {
            min_chunks: settings.fold_chunks,
            min_bytes: settings.fold_bytes,
            ended_before: self.inner.clock.now() - settings.fold_ended_after,
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
        let mut failure: Option<TrackingError> = None;
        let mut progress = true;
        while progress && failure.is_none() {
            progress = false;
            for source in [Source::Chunks, Source::Segments, Source::CutSegment] {
                // Page by page, so that generations that cannot be folded do not keep others waiting.
                let mut after = None;
                loop {
                    let found = self.candidates(source, &threshold, after).await?;
                    let Some(last) = found.last() else {
                        break;
                    };
                    after = Some((last.n_bytes, last.generation));
                    for work in found.into_iter().map(|found| Work::new(source, found)) {
                        let started = tokio::time::Instant::now();
                        match self.do_work(&work).await {
                            Ok(false) => {}
                            Ok(true) => {
                                n_segments += 1;
                                progress = true;
                                if !rest(started.elapsed()).await {
                                    return Ok(n_segments);
                                }
                            }
                            // No other would fare better.
                            Err(error @ TrackingError::Unavailable(_)) => return Err(error),
                            Err(error) => {
                                failure.get_or_insert(work.failed(error));
                            }
                        }
                    }
                }
            }
        }
        failure.map_or(Ok(n_segments), Err)
    }

    async fn candidates(
        &self,
        source: Source,
        threshold: &Threshold,
        after: Option<(u64, GenerationKey)>,
    ) -> Result<Vec<FoldCandidate>> {
        let db = self.inner.meta.read();
        let page = FoldPage {
            after,
            limit: CANDIDATES,
        };
        let found = match source {
            Source::Chunks => {
                let query = FoldQuery {
                    min_chunks: threshold.min_chunks,
                    min_bytes: threshold.min_bytes,
                    ended_before: threshold.ended_before,
                };
                db.fold_candidates(&query, page).await
            }
            Source::Segments => {
                let (min_segments, below_bytes) = (stretch::MIN_MERGED, stretch::SMALL_BYTES);
                db.merge_candidates(min_segments, below_bytes, page).await
            }
            Source::CutSegment => {
                let noted_before = freed_if_noted_before(self.inner.clock.now());
                db.cut_candidates(noted_before, page).await
            }
        };
        Ok(found?)
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
        let segment = match folded {
            Ok(Some(segment)) => segment,
            // No row has a value, so nothing was written.
            Ok(None) => {
                self.discard(object_key).await?;
                return Ok(false);
            }
            Err(error) => {
                self.discard_if_possible(object_key).await;
                let has_moved = matches!(&error, FoldError::Read(error) if rows::has_moved(error));
                if has_moved && !chosen.is_there(&meta.read()).await? {
                    // The run was purged, or another server was faster.
                    return Ok(false);
                }
                return Err(error.into());
            }
        };
        let (generation, lease) = (work.generation, lease.clone());
        let now = self.inner.clock.now();
        let committed = meta
            .write(move |tx| {
                Box::pin(async move {
                    // Whoever purges the run waits, or is done and took the rows along.
                    if tx.lock_generation(generation).await?.is_none() {
                        return Ok(false);
                    }
                    // Renewing fails if the lease ran out and someone else took it; their segment has these rows then.
                    if !lease.renew(tx, now).await? {
                        return Ok(false);
                    }
                    // The janitor has given the objects up if this took days.
                    if !tx.settle_pending_object(&segment.object_key).await? {
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
                self.discard(object_key).await?;
                Ok(false)
            }
            Err(error) => {
                // It may have been committed all the same, if the connection broke on the way. Only if the objects are
                // still announced have they found no place.
                let doomed = object_key.clone();
                let is_unused = meta.write(move |tx| {
                    Box::pin(async move { tx.doom_pending_object(&doomed, now).await })
                });
                if is_unused.await.is_ok_and(|is_unused| is_unused) {
                    self.discard_if_possible(object_key).await;
                }
                Err(error)
            }
        }
    }

    /// Deletes what was stored of a segment that came to nothing.
    async fn discard(&self, object_key: String) -> Result<()> {
        let now = self.inner.clock.now();
        let meta = &self.inner.meta;
        let doomed = object_key.clone();
        meta.write(move |tx| {
            Box::pin(async move {
                tx.doom_object(&doomed, now).await?;
                tx.settle_pending_object(&doomed).await
            })
        })
        .await?;
        self.delete_object(&object_key).await?;
        meta.write(move |tx| Box::pin(async move { tx.forget_doomed(&[object_key]).await }))
            .await?;
        Ok(())
    }

    /// As [`Tracking::discard`], after something failed; what fails again is left to the janitor.
    async fn discard_if_possible(&self, object_key: String) {
        if let Err(error) = self.discard(object_key.clone()).await {
            tracing::debug!(
                object = object_key,
                error = &error as &dyn std::error::Error,
                "objects under `{object_key}` are left to the janitor"
            );
        }
    }

    /// What the next segment is made from; `None` if there is too little.
    async fn choose(&self, work: &Work) -> Result<Option<Chosen>> {
        let db = self.inner.meta.read();
        let noted_before = freed_if_noted_before(self.inner.clock.now());
        let first_masked = db.first_masked_line(work.generation, noted_before).await?;
        // What is stored wholly behind it is deleted elsewhere.
        let end_line = first_masked.unwrap_or(u64::MAX);
        let generation = [work.generation];
        let parts = match work.source {
            Source::Chunks => {
                let chunks = db.chunk_heads(&generation, 0..end_line).await?;
                let chunks = stretch::first_chunks(chunks);
                (!chunks.is_empty()).then_some(ChosenParts::Chunks(chunks))
            }
            Source::Segments => {
                let segments = db.segments(&generation, 0..end_line).await?;
                stretch::small_segments(&segments).map(ChosenParts::Segments)
            }
            Source::CutSegment => {
                let mut segments = db.segments(&generation, 0..end_line).await?;
                segments.retain(|segment| segment.lines.end > end_line);
                (!segments.is_empty()).then_some(ChosenParts::Segments(segments))
            }
        };
        Ok(parts.map(|parts| Chosen { parts, end_line }))
    }
}

impl Work {
    fn new(source: Source, found: FoldCandidate) -> Self {
        Self {
            generation: found.generation,
            run: RunPath {
                entity: found.entity,
                project: found.project,
                run: found.run,
            },
            stream: found.stream,
            source,
        }
    }

    fn failed(&self, error: TrackingError) -> TrackingError {
        TrackingError::internal(Unfolded {
            run: self.run.clone(),
            generation: self.generation,
            source: match error {
                TrackingError::Internal(source) => source,
                other => other.into(),
            },
        })
    }
}

/// A generation that cannot be folded.
#[derive(Debug, thiserror::Error)]
#[error("rows of run `{run}` (generation {generation}) cannot be folded")]
struct Unfolded {
    run: RunPath,
    generation: GenerationKey,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Chosen {
    fn view(&self) -> Vec<Part> {
        let mut view: Vec<Part> = match &self.parts {
            ChosenParts::Chunks(chunks) => chunks.iter().map(chain::chunk_part).collect(),
            ChosenParts::Segments(segments) => segments.iter().map(chain::segment_part).collect(),
        };
        for part in &mut view {
            part.visible.end = part.visible.end.min(self.end_line);
        }
        view
    }

    /// Whether all of it is still recorded.
    async fn is_there(&self, db: &Db<'_>) -> Result<bool, MetaError> {
        match &self.parts {
            ChosenParts::Chunks(chunks) => {
                let keys: Vec<ChunkKey> = chunks.iter().map(|chunk| chunk.key).collect();
                let found = db.chunk_indexes(&keys).await?;
                Ok(found.len() == keys.len())
            }
            ChosenParts::Segments(segments) => {
                let generation = segments.first().map(|segment| segment.generation);
                let found = db.segments(generation.as_slice(), 0..u64::MAX).await?;
                let is_found =
                    |segment: &SegmentRecord| found.iter().any(|found| found.key == segment.key);
                Ok(segments.iter().all(is_found))
            }
        }
    }

    /// Drops what was folded; false if some of it is gone already.
    async fn delete(&self, tx: &Tx<'_>, now: Timestamp) -> Result<bool, MetaError> {
        match &self.parts {
            ChosenParts::Chunks(chunks) => {
                let keys: Vec<ChunkKey> = chunks.iter().map(|chunk| chunk.key).collect();
                Ok(tx.delete_chunks(&keys).await? == keys.len() as u64)
            }
            ChosenParts::Segments(segments) => {
                let keys: Vec<SegmentKey> = segments.iter().map(|segment| segment.key).collect();
                for segment in segments {
                    tx.doom_object(&segment.object_key, now).await?;
                }
                Ok(tx.delete_segments(&keys).await? == keys.len() as u64)
            }
        }
    }
}
