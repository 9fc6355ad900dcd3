//! Leases: which of several servers does a piece of background work.

use std::time::Duration;

use ballast_meta::{MetaError, Tx};
use ballast_model::Timestamp;
use ballast_model::clock::{ID_ALPHABET, random_text};

use crate::{Result, Tracking};

/// How long a lease is held. Work that takes longer is lost to whoever takes the lease next.
const LEASE: Duration = Duration::from_mins(10);

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

impl Tracking {
    /// Does `work` under the lease `name`; false, without doing it, if someone else has the lease.
    ///
    /// If the caller stops waiting, the lease stays taken until it runs out.
    pub(crate) async fn under_lease(
        &self,
        name: String,
        work: impl AsyncFnOnce(&Lease) -> Result<bool>,
    ) -> Result<bool> {
        let holder = random_text(&*self.inner.entropy, ID_ALPHABET, 16);
        let lease = Lease { name, holder };
        let now = self.inner.clock.now();
        let meta = &self.inner.meta;
        let wanted = lease.clone();
        let taken = meta
            .write(move |tx| Box::pin(async move { wanted.renew(tx, now).await }))
            .await?;
        if !taken {
            return Ok(false);
        }
        let done = work(&lease).await;
        let Lease { name, holder } = lease;
        let released = meta
            .write(move |tx| Box::pin(async move { tx.release_lease(&name, &holder).await }))
            .await;
        // Why the work failed says more than why the lease stays, which runs out by itself.
        let done = done?;
        released?;
        Ok(done)
    }
}
