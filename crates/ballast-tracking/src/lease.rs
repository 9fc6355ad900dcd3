//! Leases: which of several servers does a piece of background work.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ballast_meta::{MetaError, Tx};
use ballast_model::Timestamp;
use ballast_model::clock::{ID_ALPHABET, random_text};

use crate::{Result, Tracking};

/// How long a lease is held without being renewed: so long a piece of work waits after its server died. Less
/// [`RENEWAL`], it is also how much the clocks of servers on one database may differ.
const LEASE: Duration = Duration::from_mins(2);
/// How often a lease is renewed while the work goes on.
const RENEWAL: Duration = Duration::from_secs(30);

/// A lease that this call holds.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    name: String,
    holder: String,
}

impl Lease {
    /// Holds on to it; false if it ran out and someone else took it.
    pub(crate) async fn renew(&self, tx: &Tx<'_>, now: Timestamp) -> Result<bool, MetaError> {
        tx.try_lease(&self.name, &self.holder, now, now + LEASE)
            .await
    }
}

/// Leases whose work was dropped halfway.
#[derive(Debug, Default)]
pub(crate) struct AbandonedLeases(Mutex<Vec<Lease>>);

impl AbandonedLeases {
    fn add(&self, lease: Lease) {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        leases.push(lease);
    }

    fn take(&self) -> Vec<Lease> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A lease that counts as abandoned should this be dropped before it is released.
struct Held<'a> {
    lease: Option<Lease>,
    abandoned: &'a AbandonedLeases,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            self.abandoned.add(lease);
        }
    }
}

impl Tracking {
    /// Does `work` under the lease `name`; false, without doing it, if someone else has the lease.
    ///
    /// The lease is renewed as long as the work goes on. Should the server stand still for so long that it runs out,
    /// someone else may take it: work that must not be done twice renews it in its last transaction. If the caller stops
    /// waiting, the lease stays taken until it runs out or [`Tracking::release_abandoned_leases`] is called.
    pub(crate) async fn under_lease(
        &self,
        name: String,
        work: impl AsyncFnOnce(&Lease) -> Result<bool>,
    ) -> Result<bool> {
        self.under_renewed_lease(name, RENEWAL, work).await
    }

    async fn under_renewed_lease(
        &self,
        name: String,
        renewal: Duration,
        work: impl AsyncFnOnce(&Lease) -> Result<bool>,
    ) -> Result<bool> {
        let holder = random_text(&*self.inner.entropy, ID_ALPHABET, 16);
        let lease = Lease { name, holder };
        if !self.renew(&lease).await? {
            return Ok(false);
        }
        let mut held = Held {
            lease: Some(lease.clone()),
            abandoned: &self.inner.abandoned_leases,
        };
        let done = tokio::select! {
            biased;
            // Boxed, since whoever waits for this would carry all of it.
            done = Box::pin(work(&lease)) => done,
            never = self.keep_renewing(&lease, renewal) => match never {},
        };
        let released = self.release(lease).await;
        held.lease = None;
        // Why the work failed says more than why the lease stays, which runs out by itself.
        let done = done?;
        released?;
        Ok(done)
    }

    async fn keep_renewing(&self, lease: &Lease, renewal: Duration) -> Infallible {
        loop {
            tokio::time::sleep(renewal).await;
            // Work whose lease is lost comes to nothing by itself.
            if let Err(error) = self.renew(lease).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "lease `{}` was not renewed",
                    lease.name
                );
            }
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<bool, MetaError> {
        let now = self.inner.clock.now();
        let lease = lease.clone();
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { lease.renew(tx, now).await }))
            .await
    }

    async fn release(&self, Lease { name, holder }: Lease) -> Result<(), MetaError> {
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { tx.release_lease(&name, &holder).await }))
            .await
    }

    /// Gives back the leases of work that was dropped halfway, so that another server may go on with it at once. For a
    /// server that stops, when nothing works any more.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`](crate::TrackingError::Unavailable) if the metadata database does not answer.
    pub async fn release_abandoned_leases(&self) -> Result<()> {
        for lease in self.inner.abandoned_leases.take() {
            self.release(lease).await?;
        }
        Ok(())
    }

    /// Frees all leases, so that work that another server left goes on at once. For a server that starts and knows that
    /// it is the only one on its database; were it not, work might be done twice, of which the second comes to nothing.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`](crate::TrackingError::Unavailable) if the metadata database does not answer.
    pub async fn free_leases(&self) -> Result<()> {
        let meta = &self.inner.meta;
        meta.write(|tx| Box::pin(async move { tx.release_all_leases().await }))
            .await
            .map_err(|error: MetaError| error.into())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ballast_blobs::{BlobOptions, BlobUrl, Blobs};
    use ballast_meta::{DatabaseUrl, Meta, OpenOptions};
    use ballast_testing::clock::TestClock;
    use ballast_testing::entropy::SeededEntropy;

    use super::*;
    use crate::Settings;

    async fn server(folder: &tempfile::TempDir, clock: &Arc<TestClock>, seed: u64) -> Tracking {
        let url = DatabaseUrl::Sqlite(folder.path().join("meta.db"));
        let meta = Meta::open(&url, &OpenOptions::default()).await;
        let url = BlobUrl::folder(folder.path().join("blobs"));
        let blobs = Blobs::open(&url, &BlobOptions::new());
        let opened = Tracking::open(
            meta.expect("the database opens"),
            blobs.expect("a folder opens"),
            Settings::default(),
            [],
            clock.clone(),
            Arc::new(SeededEntropy::new(seed)),
        );
        opened.await.expect("the stores answer")
    }

    /// Whether `tracking` could do the work now.
    async fn is_free(tracking: &Tracking) -> bool {
        let taken = tracking.under_lease("work".to_owned(), async |_| Ok(true));
        taken.await.expect("the database answers")
    }

    #[tokio::test]
    async fn long_work_keeps_its_lease() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(TestClock::default());
        let (one, other) = (
            server(&folder, &clock, 1).await,
            server(&folder, &clock, 2).await,
        );
        let done = one.under_renewed_lease(
            "work".to_owned(),
            Duration::from_millis(1),
            async |lease: &Lease| {
                // Ten times as long as the lease.
                for _ in 0..20 {
                    clock.advance(LEASE / 2);
                    let now = one.inner.clock.now();
                    // Until it was renewed. Nobody else may take it before.
                    let is_renewed = async || {
                        let later = now + LEASE / 2 + Duration::from_secs(1);
                        let stranger = Lease {
                            name: lease.name.clone(),
                            holder: "stranger".to_owned(),
                        };
                        let meta = &other.inner.meta;
                        let taken: Result<bool, MetaError> = meta
                            .write(move |tx| {
                                Box::pin(async move {
                                    let taken = stranger.renew(tx, later).await?;
                                    if taken {
                                        // What was just looked at stays as it was.
                                        return Err(MetaError::Conflict { what: "lease" });
                                    }
                                    Ok(taken)
                                })
                            })
                            .await;
                        taken.is_ok()
                    };
                    while !is_renewed().await {
                        tokio::task::yield_now().await;
                    }
                    assert!(!is_free(&other).await);
                }
                Ok(true)
            },
        );
        assert!(done.await.expect("done"));
        assert!(is_free(&other).await, "given back");
    }

    #[tokio::test]
    async fn a_server_that_stops_gives_back_what_it_dropped() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(TestClock::default());
        let (one, other) = (
            server(&folder, &clock, 1).await,
            server(&folder, &clock, 2).await,
        );
        let started = tokio::sync::Notify::new();
        tokio::select! {
            _ = one.under_lease("work".to_owned(), async |_| {
                started.notify_one();
                std::future::pending::<()>().await;
                Ok(true)
            }) => unreachable!("it does not end"),
            () = started.notified() => {}
        }
        assert!(!is_free(&other).await, "nobody gave it back yet");
        one.release_abandoned_leases()
            .await
            .expect("the database answers");
        assert!(is_free(&other).await);
        // What was given back in time is not given back again.
        assert!(is_free(&one).await);
        assert!(one.inner.abandoned_leases.take().is_empty());
    }

    #[tokio::test]
    async fn the_only_server_frees_what_a_dead_one_left() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(TestClock::default());
        let dead = server(&folder, &clock, 1).await;
        let left = Lease {
            name: "work".to_owned(),
            holder: "dead".to_owned(),
        };
        assert!(dead.renew(&left).await.expect("the database answers"));
        let next = server(&folder, &clock, 2).await;
        assert!(!is_free(&next).await);
        next.free_leases().await.expect("the database answers");
        assert!(is_free(&next).await);
        // Without that, it takes as long as a lease.
        assert!(dead.renew(&left).await.expect("the database answers"));
        clock.advance(LEASE / 2);
        assert!(!is_free(&next).await);
        clock.advance(LEASE / 2);
        assert!(is_free(&next).await);
    }
}
