//! Stopping without losing anything.
//!
//! On SIGTERM or SIGINT the server stops accepting, finishes what it accepted, lets background tasks come to their
//! end, and closes the database. A second signal ends the process at once; so does anything that takes longer than
//! [`GRACE`]. Neither loses what was acknowledged: that is durable before it is answered.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long requests, and then tasks, may take to end.
pub(crate) const GRACE: Duration = Duration::from_secs(20);

/// What the parts of the server need to stop together. Clones are the same shutdown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shutdown {
    /// Cancelled when the server begins to stop. Whatever would go on for ever, such as a stream of live events or a
    /// loop in the background, ends then.
    pub(crate) stopping: CancellationToken,
    /// Background tasks, which are waited for.
    pub(crate) tasks: TaskTracker,
}

impl Shutdown {
    /// Begins to listen for signals.
    ///
    /// # Errors
    /// If the operating system does not let us.
    pub(crate) fn on_signal() -> Result<Self> {
        let shutdown = Self::default();
        let mut signals = Signals::listen()?;
        let stopping = shutdown.stopping.clone();
        tokio::spawn(async move {
            let name = signals.next().await;
            tracing::info!(signal = name, "stopping: finishing what was accepted");
            stopping.cancel();
            let name = signals.next().await;
            tracing::warn!(signal = name, "stopping at once");
            exit_at_once();
        });
        Ok(shutdown)
    }

    /// Waits until every background task has ended, but no longer than [`GRACE`].
    pub(crate) async fn finish_tasks(&self) {
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                n_tasks = self.tasks.len(),
                "background tasks did not end in time"
            );
        }
    }
}

#[expect(clippy::exit, reason = "whoever asks twice does not want to wait")]
fn exit_at_once() -> ! {
    std::process::exit(crate::failure::ExitStatus::Failure as i32)
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("could not listen for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("could not listen for SIGINT")?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
