//! Freeing the rows that no chain shows any more, after a rewind, a restart, or the purge of what showed them.
//!
//! Such rows are noted, and freed a day later, because a download reads on along the chain with which it began. Chunks
//! and segments that have nothing else are deleted here; one that also has rows that are shown is cut when it is folded.

use ballast_meta::{MaskedLines, MetaError};
use ballast_model::Timestamp;
use jiff::SignedDuration;

use crate::{Result, Tracking};

/// How long masked rows are kept after they were noted.
const MASKED_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a read may rely on a chain that it looked up, whatever the clocks of several servers say.
const CHAIN_RELIED_ON: SignedDuration = SignedDuration::from_hours(12);

/// Generations that are looked up at once.
const GENERATIONS: u64 = 64;
/// Chunks that one transaction deletes, few enough that writers hardly wait: up to 64 MiB.
const CHUNKS: u64 = 64;
/// Segments that one transaction deletes.
const SEGMENTS: u64 = 256;
/// Transactions of one call that free rows; what is left waits for the next one.
const MAX_TRANSACTIONS: u64 = 500;

/// Masked rows that were noted before this may be freed at `now`.
pub(super) fn freed_if_noted_before(now: Timestamp) -> Timestamp {
    now - MASKED_KEPT
}

/// Whether rows of a chain that was looked up at `began` may be freed at `now`.
pub(super) fn may_be_freed(began: Timestamp, now: Timestamp) -> bool {
    now - CHAIN_RELIED_ON > began
}

impl Tracking {
    /// Frees masked rows, and notes those that became masked since the last call. Returns how many chunks and segments
    /// were deleted.
    pub(crate) async fn free_masked_rows(&self) -> Result<u64> {
        let now = self.inner.clock.now();
        self.note_masked_lines(now).await?;
        let meta = &self.inner.meta;
        let mut n_parts = 0;
        let mut n_transactions = 0;
        let mut after = None;
        loop {
            let found = meta
                .read()
                .masked_lines(freed_if_noted_before(now), after, GENERATIONS)
                .await?;
            let Some(last) = found.last() else {
                return Ok(n_parts);
            };
            after = Some(last.generation);
            for masked in found {
                loop {
                    if n_transactions == MAX_TRANSACTIONS {
                        return Ok(n_parts);
                    }
                    n_transactions += 1;
                    let n_deleted = self.free_some(masked, now).await?;
                    if n_deleted == 0 {
                        break;
                    }
                    n_parts += n_deleted;
                }
            }
        }
    }

    async fn note_masked_lines(&self, now: Timestamp) -> Result<()> {
        let meta = &self.inner.meta;
        let mut after = None;
        loop {
            let found = meta.read().unnoted_masked_lines(after, GENERATIONS).await?;
            let Some(last) = found.last() else {
                return Ok(());
            };
            after = Some(last.generation);
            // One transaction each, since each locks the run of its generation.
            for masked in found {
                let noted: Result<(), MetaError> = meta
                    .write(move |tx| {
                        Box::pin(async move { tx.note_masked_lines(masked, now).await })
                    })
                    .await;
                noted?;
            }
        }
    }

    async fn free_some(&self, masked: MaskedLines, now: Timestamp) -> Result<u64> {
        let freed: Result<u64, MetaError> = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let n_segments = tx.delete_masked_segments(masked, SEGMENTS, now).await?;
                    let n_chunks = tx.delete_masked_chunks(masked, CHUNKS).await?;
                    tx.settle_masked_lines(masked).await?;
                    Ok(n_segments + n_chunks)
                })
            })
            .await;
        Ok(freed?)
    }
}
