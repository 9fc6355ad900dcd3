//! Rewinding a run to an earlier step.

use ballast_meta::{RunPatch, Stream};
use ballast_model::RunPath;

use super::Run;
use super::find::run_not_found;
use crate::history::chain;
use crate::{Access, Caller, Result, Tracking, TrackingError};

impl Tracking {
    /// Cuts a run's history after `step`. Later rows are masked, not erased, and the run is live again.
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::Invalid`] for a step beyond the last one;
    /// [`TrackingError::Conflict`] if rows were appended meanwhile.
    pub async fn rewind_run(&self, caller: &Caller, path: &RunPath, step: i64) -> Result<Run> {
        let run = self.run_for(caller, path, Access::Write).await?;
        let line = self.cut_line(&run, step).await?;
        let now = self.inner.clock.now();
        let lost_race = || {
            TrackingError::Conflict(format!(
                "run `{}` was written to while it was rewound",
                path.run
            ))
        };
        let not_found = run_not_found(path);
        let error = lost_race();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let Some(head) = tx.lock_run(run.key).await? else {
                        return Err(not_found);
                    };
                    if head.history_lines != run.n_history_rows {
                        return Err(error);
                    }
                    let inherited = tx.chain(run.key, Stream::History).await?;
                    chain::branch(tx, run.key, Stream::History, &inherited, line).await?;
                    let patch = RunPatch {
                        history_lines: Some(line),
                        state: Some(head.state.on_report()),
                        exit_code: Some(None),
                        ended_at: Some(None),
                        stop_requested: Some(false),
                        heartbeat_at: Some(now),
                        ..RunPatch::default()
                    };
                    tx.update_run(run.key, patch, now).await?;
                    Ok(())
                })
            })
            .await?;
        self.inner.live.poke();
        self.get_run(caller, path).await
    }
}
