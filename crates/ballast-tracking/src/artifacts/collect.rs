//! Giving back what no version needs: versions that were never committed or have outlived their time, staged bytes, and
//! contents that nothing uses.
//!
//! A content is freed when no version uses it and nobody has wanted it for [`GRACE`]. Who is told that a content need
//! not be uploaded wants it; so does a version that is deleted. A commit uses contents in the transaction that makes
//! the version visible, and fails if one has gone; so whatever the order of the two, a committed version has all of its
//! contents.

use std::collections::HashMap;

use ballast_meta::MetaError;
use ballast_meta::artifacts::{ArtifactState, BlobKey};
use ballast_model::{ArtifactKey, Timestamp};
use futures::TryStreamExt as _;
use jiff::SignedDuration;

use super::change::delete;
use super::events::Author;
use super::{hex, staging};
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

/// A stored content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredContent {
    /// The storage key.
    pub key: BlobKey,
    /// The MD5 of its bytes, in hexadecimal.
    pub md5: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// What a collection does with it.
    pub fate: Fate,
}

/// What a collection does with a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Keeps it, because versions use it.
    Used {
        /// How many.
        n_versions: u64,
        /// The name of the first, unless that is being deleted.
        first: Option<String>,
    },
    /// Keeps it until then: somebody was told that it need not be sent, or a version that had it was deleted.
    WantedUntil(Timestamp),
    /// Frees it.
    Freed,
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

    /// What [`Tracking::collect_artifacts`] would do now.
    ///
    /// Contents of versions that are deleted by it are kept for [`GRACE`] from then on, so they do not count.
    pub async fn plan_collection(&self) -> Result<Collected> {
        let mut planned = Collected::default();
        let now = self.inner.clock.now();
        let db = self.inner.meta.read();
        // One round of a collection deletes as many.
        planned.n_expired = db.expired_artifacts(now, PER_ROUND).await?.len() as u64;
        let before = now - ABANDONED_AFTER;
        let abandoned = db.pending_artifacts_before(before, PER_ROUND).await?;
        planned.n_abandoned = abandoned.len() as u64;
        let mut after: Option<BlobKey> = None;
        loop {
            let unused = db.unused_blobs(now - GRACE, after, PER_ROUND).await?;
            let Some(last) = unused.last() else {
                return Ok(planned);
            };
            after = Some(last.key);
            planned.n_contents += unused.len() as u64;
            planned.n_bytes += unused.iter().map(|blob| blob.size_bytes).sum::<u64>();
        }
    }

    /// A page of the stored contents of all entities, by key, with why each is kept. `after` is the last one of the page
    /// before.
    pub async fn list_stored_contents(
        &self,
        after: Option<BlobKey>,
        limit: usize,
    ) -> Result<Vec<StoredContent>> {
        let now = self.inner.clock.now();
        let db = self.inner.meta.read();
        let blobs = db.all_blobs(after, limit as u64).await?;
        let keys: Vec<BlobKey> = blobs.iter().map(|blob| blob.key).collect();
        let uses = db.uses_of_blobs(&keys).await?;
        let mut users: Vec<ArtifactKey> = uses.values().map(|(_, first)| *first).collect();
        users.sort_unstable();
        users.dedup();
        let names: HashMap<ArtifactKey, String> = db
            .artifact_references(&users)
            .await?
            .into_iter()
            .map(|user| {
                let name = format!(
                    "{}/{}/{}:v{}",
                    user.entity_name, user.project_name, user.collection_name, user.version
                );
                (user.key, name)
            })
            .collect();
        Ok(blobs
            .into_iter()
            .map(|blob| StoredContent {
                key: blob.key,
                md5: hex(blob.md5),
                size_bytes: blob.size_bytes,
                fate: match uses.get(&blob.key) {
                    Some((n_versions, first)) => Fate::Used {
                        n_versions: *n_versions,
                        first: names.get(first).cloned(),
                    },
                    None if blob.wanted_at < now - GRACE => Fate::Freed,
                    None => Fate::WantedUntil(blob.wanted_at + GRACE),
                },
            })
            .collect())
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
