//! Turns: the writers of one run take them one after the other.

use ballast_model::RunKey;
use tokio::sync::{Mutex, MutexGuard};

/// How many runs can be written at once, about: two runs that share a lock wait for each other without need.
const LOCKS: usize = 1024;

/// Locks by run.
#[derive(Debug)]
pub(crate) struct Turns {
    locks: Vec<Mutex<()>>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self {
            locks: (0..LOCKS).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Waits until no one else on this server writes the run; the turn ends when the guard is dropped.
    pub(crate) async fn wait(&self, run: RunKey) -> MutexGuard<'_, ()> {
        self.locks[run.0.unsigned_abs() as usize % LOCKS]
            .lock()
            .await
    }
}
