//! Turns: who works on the same thing, such as the writers of one run, does so one after the other.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, OwnedSemaphorePermit, Semaphore};

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

/// Memory that answers from history may take together, in bytes.
pub(crate) const ANSWER_BYTES: usize = 48 << 20;

/// What an answer counts for at least while it is worked on. So at most eight are at the same time: more would not be quicker,
/// since they share the processors.
pub(crate) const LEAST_BYTES: usize = ANSWER_BYTES / 8;

/// What a permit stands for, in bytes.
const UNIT: usize = 64 << 10;

/// Turns at reading history.
#[derive(Debug)]
pub(crate) struct ReadTurns(Arc<Semaphore>);

impl ReadTurns {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(ANSWER_BYTES / UNIT)))
    }

    /// Waits, first come, first served, until an answer that takes about `n_bytes` of memory can be worked on; the turn ends
    /// when the memory is dropped. Whoever has a turn must not wait for another.
    pub(crate) async fn wait(&self, n_bytes: usize) -> Result<AnswerMemory> {
        let n_bytes = n_bytes.clamp(LEAST_BYTES, ANSWER_BYTES);
        let permits = Arc::clone(&self.0).acquire_many_owned(n_bytes.div_ceil(UNIT) as u32);
        let permits = permits.await.map_err(TrackingError::internal)?;
        Ok(AnswerMemory(Some(permits)))
    }
}

/// Memory that is set aside for an answer, and given back when this is dropped: once the answer is sent.
#[derive(Debug, Default)]
pub struct AnswerMemory(Option<OwnedSemaphorePermit>);

impl AnswerMemory {
    /// Gives back what is more than `n_bytes`.
    pub(crate) fn shrink_to(&mut self, n_bytes: usize) {
        if let Some(permits) = &mut self.0 {
            let spare = permits.num_permits().saturating_sub(n_bytes.div_ceil(UNIT));
            drop(permits.split(spare));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_wait_for_the_memory_of_others() {
        let turns = ReadTurns::new();
        let is_free = |n_permits: usize| turns.0.available_permits() * UNIT == n_permits;
        let mut large = turns.wait(usize::MAX).await.expect("open");
        assert!(is_free(0));
        large.shrink_to(ANSWER_BYTES - LEAST_BYTES);
        let small = turns.wait(0).await.expect("open");
        assert!(is_free(0));
        large.shrink_to(ANSWER_BYTES);
        large.shrink_to(1);
        assert!(is_free(ANSWER_BYTES - LEAST_BYTES - UNIT));
        drop((large, small));
        assert!(is_free(ANSWER_BYTES));
    }
}
