//! What has served its purpose: digests of batches, runs that were purged, and rows that no run shows any more.

use ballast_meta::MetaError;
use jiff::SignedDuration;

use crate::{Result, Tracking};

/// How long after the end of a run the digests of its batches are kept.
///
/// They let a batch that arrives a second time change nothing, even after a rewind. A client sends a batch again for
/// hours at most. What comes later, as a synchronization of files that were kept, is compared row by row.
const DIGESTS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the feed of changes tells that a run was purged. Those who follow it look every second; one that could not
/// read for so long has an old list of runs until it is read anew.
const PURGED_RUNS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Generations that are looked up at once.
const GENERATIONS: u64 = 64;
/// Records that one transaction gives up, few enough that writers hardly wait.
const PER_TRANSACTION: u64 = 1000;
/// Transactions of one call for each kind of record; what is left waits for the next one.
const MAX_TRANSACTIONS: u64 = 500;

/// How much was given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Digests of batches.
    pub n_batches: u64,
    /// Purged runs.
    pub n_purged_runs: u64,
    /// Chunks and segments of which no run shows a row.
    pub n_masked_parts: u64,
}

impl Tracking {
    /// Gives up digests of batches of runs that ended more than 7 days ago, and what tells of runs that were purged more
    /// than a day ago: up to some 500,000 records of each, in small transactions. Also frees rows that no run has shown for
    /// a day, after rewinds and restarts: the first call after it notes them, a later one frees them.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`](crate::TrackingError::Unavailable) if the metadata database does not answer.
    pub async fn forget(&self) -> Result<Forgotten> {
        Ok(Forgotten {
            n_batches: self.forget_batches().await?,
            n_purged_runs: self.forget_purged_runs().await?,
            n_masked_parts: self.free_masked_rows().await?,
        })
    }

    async fn forget_batches(&self) -> Result<u64> {
        let meta = &self.inner.meta;
        let ended_before = self.inner.clock.now() - DIGESTS_KEPT;
        let mut n_batches = 0;
        let mut n_transactions = 0;
        let mut after = None;
        loop {
            let found = meta
                .read()
                .generations_with_old_batches(ended_before, after, GENERATIONS)
                .await?;
            let Some(last) = found.last() else {
                return Ok(n_batches);
            };
            after = Some(*last);
            for generation in found {
                let mut has_more = true;
                while has_more {
                    if n_transactions == MAX_TRANSACTIONS {
                        return Ok(n_batches);
                    }
                    n_transactions += 1;
                    let deleted: Result<u64, MetaError> = meta
                        .write(move |tx| {
                            Box::pin(async move {
                                tx.delete_old_batches(generation, ended_before, PER_TRANSACTION)
                                    .await
                            })
                        })
                        .await;
                    let deleted = deleted?;
                    n_batches += deleted;
                    has_more = deleted >= PER_TRANSACTION;
                }
            }
        }
    }

    async fn forget_purged_runs(&self) -> Result<u64> {
        let now = self.inner.clock.now();
        let mut n_purged_runs = 0;
        for _ in 0..MAX_TRANSACTIONS {
            let written: Result<(u64, u64), MetaError> = self
                .inner
                .meta
                .write(move |tx| {
                    Box::pin(async move {
                        let noted = tx.note_purged_runs(now, PER_TRANSACTION).await?;
                        let shown_before = now - PURGED_RUNS_KEPT;
                        let forgotten =
                            tx.forget_purged_runs(shown_before, PER_TRANSACTION).await?;
                        Ok((noted, forgotten))
                    })
                })
                .await;
            let (noted, forgotten) = written?;
            n_purged_runs += forgotten;
            if noted < PER_TRANSACTION && forgotten < PER_TRANSACTION {
                break;
            }
        }
        Ok(n_purged_runs)
    }
}
