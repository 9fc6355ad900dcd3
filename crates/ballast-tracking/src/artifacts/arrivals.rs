//! Recording contents whose bytes have arrived: those that come at the same time in one transaction.

use std::collections::HashSet;

use ballast_meta::artifacts::NewBlob;
use ballast_meta::{Meta, MetaError, Tx};
use ballast_model::{EntityKey, Timestamp};
use tokio::sync::{mpsc, oneshot};

use crate::{Result, TrackingError};

/// Most contents of one transaction. As many may wait; who comes later waits for a place.
const TOGETHER: usize = 256;

/// Where contents wait to be recorded. A task records them, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Arrivals(mpsc::Sender<Waiting>);

enum Waiting {
    /// A content, and who waits for what comes of it, if anyone does.
    Content(NewBlob, Option<oneshot::Sender<Result<()>>>),
    /// Someone who waits until what came before is recorded.
    Flush(oneshot::Sender<()>),
}

impl Arrivals {
    pub(super) fn new(meta: Meta) -> Self {
        let (sender, receiver) = mpsc::channel(TOGETHER);
        tokio::spawn(record(meta, receiver));
        Self(sender)
    }

    /// Records a content whose object is pending and durable. If the entity has the content already, its first bytes stay
    /// and these go.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity is gone; [`TrackingError::Conflict`] if the object waited so long that it
    /// was given up.
    pub(super) async fn take_in(&self, blob: NewBlob) -> Result<()> {
        let (reply, recorded) = oneshot::channel();
        self.send(Waiting::Content(blob, Some(reply))).await?;
        recorded.await.map_err(TrackingError::internal)?
    }

    /// The same, later. Whoever needs to know what has arrived [flushes](Self::flush) first. What a crash keeps from being
    /// recorded is still an object with the MD5 in its name, which a commit that misses it finds.
    pub(super) async fn take_in_later(&self, blob: NewBlob) -> Result<()> {
        self.send(Waiting::Content(blob, None)).await
    }

    /// Waits until everything that was handed over before is recorded, or could not be.
    pub(super) async fn flush(&self) -> Result<()> {
        let (reply, flushed) = oneshot::channel();
        self.send(Waiting::Flush(reply)).await?;
        flushed.await.map_err(TrackingError::internal)
    }

    async fn send(&self, waiting: Waiting) -> Result<()> {
        let sent = self.0.send(waiting).await;
        sent.map_err(|_| TrackingError::internal("nobody records contents any more"))
    }
}

async fn record(meta: Meta, mut waiting: mpsc::Receiver<Waiting>) {
    let mut received = Vec::new();
    while waiting.recv_many(&mut received, TOGETHER).await > 0 {
        let (mut blobs, mut replies, mut flushed) = (Vec::new(), Vec::new(), Vec::new());
        for waiting in received.drain(..) {
            match waiting {
                Waiting::Content(blob, reply) => {
                    blobs.push(blob);
                    replies.push(reply);
                }
                Waiting::Flush(reply) => flushed.push(reply),
            }
        }
        let outcomes = if blobs.is_empty() {
            Vec::new()
        } else {
            let recorded: Result<Vec<Result<()>>, MetaError> = meta
                .write(move |tx| Box::pin(async move { take_in(tx, blobs).await }))
                .await;
            match recorded {
                Ok(outcomes) => outcomes,
                Err(error) => replies.iter().map(|_| Err(error.clone().into())).collect(),
            }
        };
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            match (reply, outcome) {
                // Who sent the bytes may be gone.
                (Some(reply), outcome) => drop(reply.send(outcome)),
                (None, Ok(())) => {}
                (None, Err(error)) => tracing::warn!(%error, "a content is not recorded yet"),
            }
        }
        for reply in flushed {
            let _ = reply.send(());
        }
    }
}

/// Records contents whose objects are pending. Returns what came of each, as [`Arrivals::take_in`].
pub(super) async fn take_in(
    tx: &Tx<'_>,
    blobs: Vec<NewBlob>,
) -> Result<Vec<Result<()>>, MetaError> {
    let mut entities: HashSet<EntityKey> = HashSet::new();
    for entity in blobs.iter().map(|blob| blob.entity).collect::<HashSet<_>>() {
        if tx.entity(entity).await?.is_some() {
            entities.insert(entity);
        }
    }
    let object_keys: Vec<&str> = blobs.iter().map(|blob| &*blob.object_key).collect();
    let settled = tx.settle_pending_objects(&object_keys).await?;
    let has_place =
        |blob: &&NewBlob| settled.contains(&blob.object_key) && entities.contains(&blob.entity);
    let placed: Vec<NewBlob> = blobs.iter().filter(has_place).cloned().collect();
    let inserted = tx.insert_blobs_if_absent(&placed).await?;
    let mut outcomes = Vec::with_capacity(blobs.len());
    for blob in &blobs {
        outcomes.push(if inserted.contains(&blob.object_key) {
            Ok(())
        } else if entities.contains(&blob.entity) {
            is_there_already(
                tx,
                blob,
                settled.contains(&blob.object_key),
                blob.created_at,
            )
            .await?
        } else {
            tx.doom_object(&blob.object_key, blob.created_at).await?;
            Err(TrackingError::not_found("entity", blob.entity))
        });
    }
    Ok(outcomes)
}

/// What came of a content that was not recorded. Its object goes, unless it is the recorded one.
async fn is_there_already(
    tx: &Tx<'_>,
    blob: &NewBlob,
    was_pending: bool,
    now: Timestamp,
) -> Result<Result<()>, MetaError> {
    let found = tx.blobs_by_md5(blob.entity, &[blob.md5]).await?;
    let found = found.into_iter().next();
    if found
        .as_ref()
        .is_some_and(|found| found.object_key == blob.object_key)
    {
        return Ok(Ok(()));
    }
    tx.doom_object(&blob.object_key, now).await?;
    Ok(if was_pending || found.is_some() {
        Ok(())
    } else {
        Err(TrackingError::Conflict(
            "the file took so long that it was given up; ask for a new address".to_owned(),
        ))
    })
}
