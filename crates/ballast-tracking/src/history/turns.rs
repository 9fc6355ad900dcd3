//! Turns: who works on the same thing, such as the writers of one run, does so one after the other.

use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};

use crate::{Result, TrackingError};

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

/// How many answers from history are worked on at the same time, over all clients. More would not be quicker, since they
/// share the processors, but hold more memory.
const READS_AT_ONCE: usize = 8;

/// Turns at reading history.
#[derive(Debug)]
pub(crate) struct ReadTurns(Semaphore);

impl ReadTurns {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(READS_AT_ONCE))
    }

    /// Waits, first come, first served, until an answer can be worked on; the turn ends when the permit is dropped.
    /// Whoever has a turn must not wait for another.
    pub(crate) async fn wait(&self) -> Result<SemaphorePermit<'_>> {
        self.0.acquire().await.map_err(TrackingError::internal)
    }
}
