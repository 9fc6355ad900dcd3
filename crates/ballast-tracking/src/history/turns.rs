//! Turns: who works on the same thing, such as the writers of one run, does so one after the other.

use tokio::sync::{Mutex, MutexGuard};

/// How many things can be worked on at once, about: two that share a lock wait for each other without need.
const LOCKS: usize = 1024;

/// Locks by storage key.
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

    /// Waits until no one else on this server works on `key`; the turn ends when the guard is dropped.
    pub(crate) async fn wait(&self, key: i64) -> MutexGuard<'_, ()> {
        self.locks[key.unsigned_abs() as usize % LOCKS].lock().await
    }
}
