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
pub(super) struct Arrivals(mpsc::Sender<Arrival>);

struct Arrival {
    blob: NewBlob,
    reply: oneshot::Sender<Result<()>>,
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
        let arrival = Arrival { blob, reply };
        let sent = self.0.send(arrival).await;
        sent.map_err(TrackingError::internal)?;
        recorded.await.map_err(TrackingError::internal)?
    }
}

async fn record(meta: Meta, mut arriving: mpsc::Receiver<Arrival>) {
    let mut arrived = Vec::new();
    while arriving.recv_many(&mut arrived, TOGETHER).await > 0 {
        let (blobs, replies): (Vec<NewBlob>, Vec<_>) = arrived
            .drain(..)
            .map(|arrival| (arrival.blob, arrival.reply))
            .unzip();
        let recorded: Result<Vec<Result<()>>, MetaError> = meta
            .write(move |tx| Box::pin(async move { take_in(tx, blobs).await }))
            .await;
        let outcomes = match recorded {
            Ok(outcomes) => outcomes,
            Err(error) => replies.iter().map(|_| Err(error.clone().into())).collect(),
        };
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Who sent the bytes may be gone.
            let _ = reply.send(outcome);
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
