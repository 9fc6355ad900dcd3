//! A clock that moves only when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ballast_model::{Clock, Timestamp};

/// A clock that stands still until it is set or advanced. Clones are the same clock. Precise to microseconds.
#[derive(Debug, Clone)]
pub struct TestClock {
    now_us: Arc<AtomicI64>,
}

impl TestClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now_us: Arc::new(AtomicI64::new(now.as_microsecond())),
        }
    }

    /// Makes the clock show `now`, which may be earlier than before.
    pub fn set(&self, now: Timestamp) {
        self.now_us.store(now.as_microsecond(), Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by_us = i64::try_from(by.as_micros()).expect("a duration below 292,000 years");
        self.now_us.fetch_add(by_us, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    /// Midnight UTC on 1 January 2026.
    fn default() -> Self {
        Self::at(Timestamp::constant(1_767_225_600, 0))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now_us.load(Ordering::SeqCst))
            .expect("the clock was advanced beyond the year 9999")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_move_together() {
        let clock = TestClock::default();
        let clone = clock.clone();
        assert_eq!(clone.now().to_string(), "2026-01-01T00:00:00Z");
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clone.now().to_string(), "2026-01-01T00:00:01.5Z");
        clone.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
