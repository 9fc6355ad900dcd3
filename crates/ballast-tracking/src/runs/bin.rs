//! The bin: runs are deleted in two steps, so that a slip costs nothing.

use ballast_meta::{MetaError, RunPatch};
use ballast_model::RunPath;

use super::Run;
use super::find::run_not_found;
use crate::artifacts::delete_logged_versions;
use crate::{Access, Caller, Result, Tracking, TrackingError};

impl Tracking {
    /// Puts a run into the bin. Its rows, files and id stay until it is purged.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn delete_run(&self, caller: &Caller, path: &RunPath) -> Result<()> {
        let run = self.run_for(caller, path, Access::Write).await?;
        let now = self.inner.clock.now();
        let patch = RunPatch {
            deleted_at: Some(Some(now)),
            ..RunPatch::default()
        };
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { tx.update_run(run.key, patch, now).await }))
            .await
            .map_err(|error: MetaError| TrackingError::from(error))?;
        self.inner.live.poke();
        Ok(())
    }

    /// Puts a run into the bin, and deletes the versions that it logged with their aliases and links, even if other runs use
    /// them. Those that another run logged, too, stay. The versions do not come back with the run.
    ///
    /// # Errors
    /// As [`Tracking::get_run`], and as [`Tracking::delete_version`] for each of the versions. Then nothing is deleted.
    pub async fn delete_run_with_versions(&self, caller: &Caller, path: &RunPath) -> Result<()> {
        let run = self.run_for(caller, path, Access::Write).await?;
        let now = self.inner.clock.now();
        let caller = caller.clone();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    // Collections are locked before runs, as a commit does.
                    delete_logged_versions(tx, &caller, run.key, now).await?;
                    let patch = RunPatch {
                        deleted_at: Some(Some(now)),
                        ..RunPatch::default()
                    };
                    tx.update_run(run.key, patch, now).await?;
                    Ok::<_, TrackingError>(())
                })
            })
            .await?;
        self.inner.live.poke();
        Ok(())
    }

    /// Takes a run out of the bin. A run that is not in the bin stays as it is.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the run does not exist or is not the caller's.
    pub async fn restore_run(&self, caller: &Caller, path: &RunPath) -> Result<Run> {
        let run = self
            .lookup_any_run(caller, path, Access::Write)
            .await?
            .ok_or_else(|| run_not_found(path))?;
        let now = self.inner.clock.now();
        let patch = RunPatch {
            deleted_at: Some(None),
            ..RunPatch::default()
        };
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { tx.update_run(run.key, patch, now).await }))
            .await
            .map_err(|error: MetaError| TrackingError::from(error))?;
        self.inner.live.poke();
        self.get_run(caller, path).await
    }

    /// Deletes a run of the bin for good, with its rows and files; its id is free again.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the run does not exist or is not the caller's; [`TrackingError::Conflict`] if
    /// it is not in the bin.
    pub async fn purge_run(&self, caller: &Caller, path: &RunPath) -> Result<()> {
        let run = self
            .lookup_any_run(caller, path, Access::Write)
            .await?
            .ok_or_else(|| run_not_found(path))?;
        if run.deleted_at.is_none() {
            return Err(TrackingError::Conflict(format!(
                "run `{}` is not in the bin; delete it first",
                run.id
            )));
        }
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_run(run.key).await?;
                    for object in tx.run_object_keys(run.key).await? {
                        tx.doom_object(&object, now).await?;
                    }
                    tx.delete_run_rows(run.key).await
                })
            })
            .await
            .map_err(|error: MetaError| TrackingError::from(error))?;
        self.inner.live.poke();
        Ok(())
    }
}
