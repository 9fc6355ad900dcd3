//! What a server does by itself: declare silent runs crashed, note the ends of trials, fold history and consoles, and clean
//! up after crashes.

use std::time::Duration;

use ballast_meta::{MetaError, RunPatch};
use futures::TryStreamExt as _;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::history::is_segment;
use crate::{Result, Tracking};

/// How often silent runs are looked for, at most.
const MAX_SWEEP_INTERVAL: Duration = Duration::from_secs(15);
/// How often history and consoles are looked through for what can be folded.
const FOLD_INTERVAL: Duration = Duration::from_secs(20);
/// How often leftovers are looked for.
const CLEAN_INTERVAL: Duration = Duration::from_mins(1);
/// How often records are looked for that have served their purpose.
const FORGET_INTERVAL: Duration = Duration::from_hours(1);

/// How often artifacts are looked through for what can go.
const COLLECT_INTERVAL: Duration = Duration::from_mins(10);

/// How old an object must be that was announced but never found its place, before it counts as left over from a
/// crash: longer than any transfer may take.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(48);
/// How old a direct upload must be before it is taken in without word from its client.
const UNANNOUNCED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// Empty space that the database file may keep for the rows to come.
const SPARE_BYTES: u64 = 32 << 20;
/// Empty pages that are given back in one go, few enough that writers hardly wait.
const PAGES_PER_ROUND: u64 = 1000;
/// Objects that are cleaned up in one go.
const OBJECTS_PER_ROUND: u64 = 1000;

impl Tracking {
    /// Runs the background jobs until `stop` is cancelled, then finishes the one under way.
    pub async fn run_jobs(&self, stop: CancellationToken) {
        let sweep_interval = (self.inner.settings.heartbeat_limit / 4)
            .clamp(Duration::from_millis(250), MAX_SWEEP_INTERVAL);
        tokio::join!(
            every("declare silent runs", sweep_interval, &stop, || self
                .sweep_silent_runs()),
            every("settle sweeps", sweep_interval, &stop, || self
                .settle_sweeps()),
            every("fold history", FOLD_INTERVAL, &stop, || self
                .fold_at_rest(|took| rest(took, &stop))),
            every("fold consoles", FOLD_INTERVAL, &stop, || self
                .fold_consoles_at_rest(|took| rest(took, &stop))),
            every("clean up", CLEAN_INTERVAL, &stop, || self.clean_up()),
            every("clear staging", CLEAN_INTERVAL, &stop, || self
                .clear_staging()),
            every("collect artifacts", COLLECT_INTERVAL, &stop, || self
                .collect_artifacts()),
            every("forget", FORGET_INTERVAL, &stop, || async {
                self.forget().await.map(drop)
            }),
            every("give space back", CLEAN_INTERVAL, &stop, || self
                .give_space_back(&stop)),
        );
    }

    /// Declares the runs crashed (or preempted) whose process has been silent beyond the heartbeat limit. Returns how
    /// many there were.
    pub async fn sweep_silent_runs(&self) -> Result<usize> {
        let now = self.inner.clock.now();
        let limit = now - self.inner.settings.heartbeat_limit;
        let silent = self.inner.meta.read().silent_runs(limit).await?;
        let mut swept = 0;
        for head in silent {
            let changed = self
                .inner
                .meta
                .write(move |tx| {
                    Box::pin(async move {
                        // It may have reported since.
                        let Some(head) = tx.lock_run(head.key).await? else {
                            return Ok(false);
                        };
                        if !head.state.is_live() || head.heartbeat_at >= limit {
                            return Ok(false);
                        }
                        let patch = RunPatch {
                            state: Some(head.state.on_silence()),
                            ended_at: Some(Some(head.heartbeat_at)),
                            ..RunPatch::default()
                        };
                        tx.update_run(head.key, patch, now).await
                    })
                })
                .await
                .map_err(|error: MetaError| crate::TrackingError::from(error))?;
            if changed {
                swept += 1;
                tracing::info!(run.id = %head.run_id, "run `{}` fell silent", head.run_id);
            }
        }
        if swept > 0 {
            self.inner.live.poke();
        }
        Ok(swept)
    }

    /// Deletes what nothing names any more: objects of deleted things, leftovers of crashed transfers, expired
    /// sessions. Takes in direct uploads whose client never said that they were complete. Returns how many objects
    /// were deleted.
    pub async fn clean_up(&self) -> Result<usize> {
        let now = self.inner.clock.now();
        let meta = &self.inner.meta;
        meta.write(move |tx| Box::pin(async move { tx.delete_expired(now).await }))
            .await?;
        for upload in meta
            .read()
            .uploads_before(now - UNANNOUNCED_AFTER, OBJECTS_PER_ROUND)
            .await?
        {
            let (object_key, created_at) = (upload.object_key.clone(), upload.created_at);
            let arrived = self.settle_upload(upload).await?;
            if !arrived && created_at < now - ABANDONED_AFTER {
                meta.write(move |tx| Box::pin(async move { tx.delete_upload(&object_key).await }))
                    .await?;
            }
        }
        let abandoned = meta
            .read()
            .pending_objects_before(now - ABANDONED_AFTER, OBJECTS_PER_ROUND)
            .await?;
        meta.write(move |tx| {
            Box::pin(async move {
                for object_key in abandoned {
                    tx.doom_pending_object(&object_key, now).await?;
                }
                Ok::<_, MetaError>(())
            })
        })
        .await?;
        let doomed = meta.read().doomed_objects(OBJECTS_PER_ROUND).await?;
        let n_doomed = doomed.len();
        for object_key in &doomed {
            self.delete_object(object_key).await?;
        }
        meta.write(move |tx| Box::pin(async move { tx.forget_doomed(&doomed).await }))
            .await?;
        Ok(n_doomed)
    }

    /// Gives the space of deleted rows back to the file system, a little at a time.
    async fn give_space_back(&self, stop: &CancellationToken) -> Result<()> {
        let meta = &self.inner.meta;
        while !stop.is_cancelled() {
            let free_bytes = meta.read().free_bytes().await?;
            if free_bytes <= SPARE_BYTES {
                break;
            }
            meta.write(|tx| Box::pin(async move { tx.give_back_pages(PAGES_PER_ROUND).await }))
                .await?;
            if meta.read().free_bytes().await? >= free_bytes {
                // A file of an early build cannot shrink.
                break;
            }
        }
        Ok(())
    }

    /// Deletes an object; for a segment, all its objects, which lie below its key.
    pub(crate) async fn delete_object(&self, object_key: &str) -> Result<()> {
        let blobs = &self.inner.blobs;
        if !is_segment(object_key) {
            return Ok(blobs.delete(object_key).await?);
        }
        let parts: Vec<_> = blobs.list(object_key).try_collect().await?;
        for part in parts {
            blobs.delete(&part.key).await?;
        }
        Ok(())
    }
}

/// Waits as long as the last piece of work took, so that a job of folding takes half of one processor at most. Returns
/// whether to go on.
async fn rest(took: Duration, stop: &CancellationToken) -> bool {
    stop.run_until_cancelled(tokio::time::sleep(took))
        .await
        .is_some()
}

/// Runs `job` at an interval until `stop` is cancelled. A failure is logged and tried again the next time.
async fn every<T, F>(
    name: &'static str,
    interval: Duration,
    stop: &CancellationToken,
    job: impl Fn() -> F,
) where
    F: Future<Output = Result<T>>,
{
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = job().await {
            tracing::warn!(
                job = name,
                error = &error as &dyn std::error::Error,
                "background job `{name}` failed"
            );
        }
    }
}
