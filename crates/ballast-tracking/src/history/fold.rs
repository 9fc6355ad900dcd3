//! Folding chunks into segments, in the background.
//!
//! A segment becomes visible in the transaction that drops its chunks, so a row is in exactly one of them at any time.
//! Its objects are recorded as pending before they are written, so a crash between leaves nothing that the janitor
//! does not find.

use std::time::Duration;

use ballast_history::{Part, PartSource, segment_object_keys};
use ballast_meta::{ChunkHead, ChunkKey, FoldCandidate, NewSegment};
use ballast_model::clock::{ID_ALPHABET, random_text};

use crate::{Result, Tracking, TrackingError};

/// What the keys of segments begin with; the objects of a segment lie below its key.
pub(crate) const SEGMENT_PREFIX: &str = "history/";

/// A generation is folded once it has this many bytes of chunks: below that, Parquet would cost more than it saves.
const FOLD_BYTES: u64 = 4 << 20;

/// A generation with this many chunks is folded however small they are, since each is a read of its own.
const FOLD_CHUNKS: u64 = 256;

/// Most chunks in one segment, which bounds the memory of a fold.
const MAX_CHUNKS: usize = 1024;

/// Most bytes of chunks in one segment.
const MAX_BYTES: u64 = 64 << 20;

/// How long a fold holds its lease. One that takes longer loses its work to whoever takes the lease next.
const LEASE: Duration = Duration::from_mins(10);

impl Tracking {
    /// Folds generations that have grown, until none is left. Returns how many segments were made.
    ///
    /// Several servers may call this at once; a lease keeps them off the same generation.
    pub async fn fold(&self) -> Result<usize> {
        self.fold_beyond(FOLD_CHUNKS, FOLD_BYTES).await
    }

    /// As [`Tracking::fold`], for generations with at least so many chunks or bytes.
    pub async fn fold_beyond(&self, min_chunks: u64, min_bytes: u64) -> Result<usize> {
        let mut n_segments = 0;
        loop {
            let candidates = self
                .inner
                .meta
                .read()
                .fold_candidates(min_chunks, min_bytes, 16)
                .await?;
            let mut progress = false;
            for candidate in candidates {
                let folded = self.fold_generation(&candidate).await?;
                n_segments += folded;
                progress |= folded > 0;
            }
            if !progress {
                return Ok(n_segments);
            }
        }
    }

    async fn fold_generation(&self, candidate: &FoldCandidate) -> Result<usize> {
        let lease = format!("fold/{}", candidate.generation);
        let holder = random_text(&*self.inner.entropy, ID_ALPHABET, 16);
        let now = self.inner.clock.now();
        let until = now + LEASE;
        let (name, by) = (lease.clone(), holder.clone());
        let meta = &self.inner.meta;
        let taken = meta
            .write(move |tx| Box::pin(async move { tx.try_lease(&name, &by, now, until).await }))
            .await?;
        if !taken {
            return Ok(0);
        }
        let folded = self.fold_leased(candidate, &lease, &holder).await;
        meta.write(move |tx| Box::pin(async move { tx.release_lease(&lease, &holder).await }))
            .await?;
        folded
    }

    async fn fold_leased(
        &self,
        candidate: &FoldCandidate,
        lease: &str,
        holder: &str,
    ) -> Result<usize> {
        let generation = candidate.generation;
        let heads = self
            .inner
            .meta
            .read()
            .chunk_heads(&[generation], 0..u64::MAX)
            .await?;
        let chosen = first_stretch(heads);
        let view: Vec<Part> = chosen
            .iter()
            .map(|head| Part {
                source: PartSource::Chunk { key: head.key.0 },
                first_line: head.lines.start,
                end_line: head.lines.end,
                visible: head.lines.clone(),
                steps: head.steps,
            })
            .collect();
        let object_key = format!(
            "{SEGMENT_PREFIX}{}/{generation}-{}",
            candidate.run,
            random_text(&*self.inner.entropy, ID_ALPHABET, 12)
        );
        let now = self.inner.clock.now();
        let pending = object_key.clone();
        let meta = &self.inner.meta;
        meta.write(move |tx| Box::pin(async move { tx.add_pending_object(&pending, now).await }))
            .await?;
        let Some(segment) = self
            .inner
            .engine
            .fold(&view, &object_key)
            .await
            .map_err(TrackingError::internal)?
        else {
            return Ok(0);
        };
        let objects = segment_object_keys(&segment.object_key, &segment.index)
            .map_err(TrackingError::internal)?;
        let keys: Vec<ChunkKey> = chosen.iter().map(|head| head.key).collect();
        let (lease, holder) = (lease.to_owned(), holder.to_owned());
        let now = self.inner.clock.now();
        let committed = meta
            .write(move |tx| {
                Box::pin(async move {
                    // Renewing fails if the lease ran out and someone else took it; their segment has these rows then.
                    if !tx.try_lease(&lease, &holder, now, now + LEASE).await? {
                        return Ok(false);
                    }
                    if tx.delete_chunks(&keys).await? != keys.len() as u64 {
                        return Err(TrackingError::Conflict(
                            "chunks vanished while they were folded".to_owned(),
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
                Ok(1)
            }
            // The run was purged, or another server was faster: the objects go, the rows are safe.
            Ok(false) | Err(TrackingError::Conflict(_)) => {
                for object in objects {
                    self.inner.blobs.delete(&object).await?;
                }
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }
}

/// The chunks for one segment: the first ones, up to a gap, since a line that fills the gap later must not lie inside
/// a segment.
fn first_stretch(heads: Vec<ChunkHead>) -> Vec<ChunkHead> {
    let mut chosen: Vec<ChunkHead> = Vec::new();
    let mut n_bytes = 0;
    for head in heads.into_iter().take(MAX_CHUNKS) {
        n_bytes += head.n_bytes;
        let joins = chosen
            .last()
            .is_none_or(|last| last.lines.end == head.lines.start && n_bytes <= MAX_BYTES);
        if !joins {
            break;
        }
        chosen.push(head);
    }
    chosen
}
