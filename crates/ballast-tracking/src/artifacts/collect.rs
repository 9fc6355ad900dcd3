//! Giving back what no version needs: versions that were never committed or have outlived their time, staged bytes, and
//! contents that nothing uses.
//!
//! A content is freed when no version uses it and nobody has wanted it for [`GRACE`]. Who is told that a content need
//! not be uploaded wants it; so does a version that is deleted. A commit uses contents in the transaction that makes
//! the version visible, and fails if one has gone; so whatever the order of the two, a committed version has all of its
//! contents.

use ballast_meta::MetaError;
use ballast_meta::artifacts::{ArtifactState, BlobKey};
use ballast_model::ArtifactKey;
use futures::TryStreamExt as _;
use jiff::SignedDuration;

use super::change::delete;
use super::events::Author;
use super::staging;
use crate::{Result, Tracking};

/// How long a content is kept that nothing uses. Longer than any address for its upload is valid, so that a version can
/// be committed long after its first file was sent.
pub const GRACE: SignedDuration = SignedDuration::from_hours(72);
/// How old a version must be that was announced and never committed, before it is given up.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(72);
/// How many versions or contents are looked at in one go.
const PER_ROUND: u64 = 1000;

/// What collecting freed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    /// Versions whose time to live was over.
    pub n_expired: u64,
    /// Versions that were announced and never committed.
    pub n_abandoned: u64,
    /// Contents that no version used.
    pub n_contents: u64,
    /// The sizes of these contents together, in bytes.
    pub n_bytes: u64,
}

impl Tracking {
    /// Deletes versions that have outlived their time or were given up, and frees contents that nothing uses. Their
    /// objects are deleted by the next [`Tracking::clean_up`].
    pub async fn collect_artifacts(&self) -> Result<Collected> {
        let mut collected = Collected::default();
        let now = self.inner.clock.now();
        let meta = &self.inner.meta;
        for key in meta.read().expired_artifacts(now, PER_ROUND).await? {
            meta.write(move |tx| {
                Box::pin(async move { delete(tx, key, Author::server(now)).await })
            })
            .await?;
            collected.n_expired += 1;
        }
        let before = now - ABANDONED_AFTER;
        for key in meta
            .read()
            .pending_artifacts_before(before, PER_ROUND)
            .await?
        {
            let abandoned = meta
                .write(move |tx| {
                    Box::pin(async move {
                        // It may have been committed since.
                        let found = tx.lock_artifact(key).await?;
                        let pending =
                            found.is_some_and(|found| found.state == ArtifactState::Pending);
                        if pending {
                            delete(tx, key, Author::server(now)).await?;
                        }
                        Ok::<_, MetaError>(pending)
                    })
                })
                .await?;
            collected.n_abandoned += u64::from(abandoned);
        }
        let before = now - GRACE;
        let mut after: Option<BlobKey> = None;
        loop {
            let unused = meta.read().unused_blobs(before, after, PER_ROUND).await?;
            let Some(last) = unused.last() else {
                break;
            };
            after = Some(last.key);
            let keys: Vec<BlobKey> = unused.iter().map(|blob| blob.key).collect();
            let freed = meta
                .write(move |tx| {
                    Box::pin(async move {
                        let freed = tx.delete_unused_blobs(&keys, before).await?;
                        for (object_key, _) in &freed {
                            tx.doom_object(object_key, now).await?;
                        }
                        Ok::<_, MetaError>(freed)
                    })
                })
                .await?;
            collected.n_contents += freed.len() as u64;
            collected.n_bytes += freed.iter().map(|(_, size)| size).sum::<u64>();
        }
        Ok(collected)
    }

    /// Deletes staged objects whose version is not pending any more. Returns how many there were.
    pub async fn clear_staging(&self) -> Result<usize> {
        let mut staged = self.inner.blobs.list(staging::STAGING);
        let (mut known, mut n_deleted): (Option<(ArtifactKey, bool)>, usize) = (None, 0);
        while let Some(listed) = staged.try_next().await? {
            let Some(artifact) = staging::artifact_of(&listed.key) else {
                continue;
            };
            let is_pending = match known {
                Some((known, is_pending)) if known == artifact => is_pending,
                _ => {
                    let found = self.inner.meta.read().artifact(artifact).await?;
                    found.is_some_and(|found| found.state == ArtifactState::Pending)
                }
            };
            known = Some((artifact, is_pending));
            if !is_pending {
                self.inner.blobs.delete(&listed.key).await?;
                n_deleted += 1;
            }
        }
        Ok(n_deleted)
    }
}
