//! Proposals of the search: what the results so far suggest to try next.
//!
//! One is computed at a time for each sweep and server, so that agents that ask at the same time wait for each other instead
//! of being told the same. When one was taken, the next is prepared.

use std::sync::Arc;

use ballast_meta::SweepRecord;
use ballast_model::SweepKey;
use ballast_sweep::{Method, propose};
use moka::future::Cache;
use tokio::sync::Mutex;

use super::ledger::Proposed;
use super::plan::Plan;
use crate::{Result, Tracking, TrackingError};

/// So many sweeps have a place for what was prepared.
const MAX_SWEEPS: u64 = 1_000;

/// The place of each sweep. Whoever holds the lock is the one who computes.
pub(super) type Proposals = Cache<SweepKey, Arc<Mutex<Option<Proposed>>>>;

pub(super) fn proposals() -> Proposals {
    Cache::builder().max_capacity(MAX_SWEEPS).build()
}

impl Tracking {
    /// The place for a sweep's next proposal.
    pub(super) async fn proposal_place(&self, sweep: SweepKey) -> Arc<Mutex<Option<Proposed>>> {
        let places = &self.inner.sweeps.proposals;
        places.get_with(sweep, async { Arc::default() }).await
    }

    /// What to try next as the ledger is now.
    pub(super) async fn propose(&self, sweep: SweepKey) -> Result<Option<Proposed>> {
        let Some(record) = self.inner.meta.read().sweep(sweep).await? else {
            return Ok(None);
        };
        let plan = self.plan_of(&record).await?;
        if plan.config.method != Method::Bayes {
            return Ok(None);
        }
        self.propose_for(&record, &plan).await.map(Some)
    }

    async fn propose_for(&self, sweep: &SweepRecord, plan: &Arc<Plan>) -> Result<Proposed> {
        // The ledger's version was read before its trials: at worst the proposal knows more than it says.
        let trials = self.trials_to_search(sweep, plan).await?;
        let (plan, seed) = (Arc::clone(plan), sweep.seed.cast_unsigned());
        let number = sweep.next_number - 1;
        let proposal =
            tokio::task::spawn_blocking(move || propose(&plan.config, &trials, seed, number))
                .await
                .map_err(TrackingError::internal)?;
        Ok(Proposed {
            ledger_version: sweep.ledger_version,
            proposal,
        })
    }

    /// Computes the next proposal of a sweep behind the request that took the last one.
    pub(super) fn prepare_proposal(&self, sweep: SweepKey) {
        let tracking = self.clone();
        tokio::spawn(async move {
            let place = tracking.proposal_place(sweep).await;
            // Somebody who computes already leaves it here, too.
            let Ok(mut prepared) = place.try_lock() else {
                return;
            };
            match tracking.propose(sweep).await {
                Ok(proposed) => *prepared = proposed,
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a proposal was not prepared"
                ),
            }
        });
    }
}
