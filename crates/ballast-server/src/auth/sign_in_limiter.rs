//! How often someone may try to sign in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use ballast_model::Timestamp;

/// Attempts that may follow one another at once.
const BURST: f64 = 10.0;
/// Time after which one more attempt is granted.
const SECONDS_PER_ATTEMPT: f64 = 6.0;
/// Pairs that are remembered. Beyond, those that may try most are forgotten, which favours nobody who was held up.
const MAX_BUCKETS: usize = 10_000;

/// Limits attempts to sign in, per username and address, by token buckets. Lives in memory: a restart forgives.
#[derive(Debug, Default)]
pub(crate) struct SignInLimiter {
    buckets: Mutex<HashMap<Attempt, Bucket>>,
}

/// Whose attempts are counted together. The address is missing where the server was not told it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Attempt {
    username: String,
    address: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    attempts: f64,
    at: Timestamp,
}

impl Bucket {
    /// The bucket as refilled until `now`.
    fn refilled(self, now: Timestamp) -> Self {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        let attempts = (self.attempts + passed / SECONDS_PER_ATTEMPT).min(BURST);
        Self { attempts, at: now }
    }
}

impl SignInLimiter {
    /// Takes one attempt.
    ///
    /// # Errors
    /// The time until the next attempt, if none is left.
    pub(crate) fn attempt(
        &self,
        username: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<(), Duration> {
        let attempt = Attempt {
            username: username_key(username),
            address,
        };
        let mut buckets = self.buckets.lock().expect("no holder of the lock panics");
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&attempt) {
            forget_least_limited(&mut buckets, now);
        }
        let bucket = buckets.entry(attempt).or_insert(Bucket {
            attempts: BURST,
            at: now,
        });
        *bucket = bucket.refilled(now);
        if bucket.attempts < 1.0 {
            return Err(Duration::from_secs_f64(
                (1.0 - bucket.attempts) * SECONDS_PER_ATTEMPT,
            ));
        }
        bucket.attempts -= 1.0;
        Ok(())
    }

    /// Forgets the failures of someone who signed in.
    pub(crate) fn succeeded(&self, username: &str, address: Option<IpAddr>) {
        let attempt = Attempt {
            username: username_key(username),
            address,
        };
        self.buckets
            .lock()
            .expect("no holder of the lock panics")
            .remove(&attempt);
    }
}

/// Usernames are found without regard to case, so they are counted so; and no caller may fill memory with long ones.
fn username_key(username: &str) -> String {
    username
        .chars()
        .take(64)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Makes room: drops every full bucket, and the fuller half if none is full.
fn forget_least_limited(buckets: &mut HashMap<Attempt, Bucket>, now: Timestamp) {
    buckets.retain(|_, bucket| bucket.refilled(now).attempts < BURST);
    if buckets.len() >= MAX_BUCKETS {
        let mut levels: Vec<f64> = buckets
            .values()
            .map(|bucket| bucket.refilled(now).attempts)
            .collect();
        let (_, median, _) = levels.select_nth_unstable_by(MAX_BUCKETS / 2, f64::total_cmp);
        let median = *median;
        buckets.retain(|_, bucket| bucket.refilled(now).attempts < median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("in range")
    }

    fn exhaust(limiter: &SignInLimiter, username: &str, address: Option<IpAddr>) {
        for _ in 0..10 {
            limiter
                .attempt(username, address, second(0))
                .expect("within the burst");
        }
    }

    #[test]
    fn attempts_run_out_and_come_back() {
        let limiter = SignInLimiter::default();
        exhaust(&limiter, "ada", None);
        assert_eq!(
            limiter.attempt("Ada", None, second(0)),
            Err(Duration::from_secs(6))
        );
        assert_eq!(
            limiter.attempt("ada", None, second(4)),
            Err(Duration::from_secs(2))
        );
        assert_eq!(limiter.attempt("ada", None, second(6)), Ok(()));
        assert!(limiter.attempt("ada", None, second(6)).is_err());
    }

    #[test]
    fn other_users_and_addresses_are_not_held_up() {
        let limiter = SignInLimiter::default();
        let address = |last| Some(IpAddr::from([10, 0, 0, last]));
        exhaust(&limiter, "ada", address(1));
        assert!(limiter.attempt("ada", address(1), second(0)).is_err());
        assert_eq!(limiter.attempt("ada", address(2), second(0)), Ok(()));
        assert_eq!(limiter.attempt("bob", address(1), second(0)), Ok(()));
    }

    #[test]
    fn success_forgives() {
        let limiter = SignInLimiter::default();
        exhaust(&limiter, "ada", None);
        limiter.succeeded("ada", None);
        assert_eq!(limiter.attempt("ada", None, second(0)), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_the_held_up_stay_so() {
        let limiter = SignInLimiter::default();
        exhaust(&limiter, "ada", None);
        for number in 0..3 * MAX_BUCKETS {
            let _ = limiter.attempt(&format!("user-{number}"), None, second(1));
        }
        assert!(limiter.buckets.lock().expect("not poisoned").len() <= MAX_BUCKETS);
        assert!(limiter.attempt("ada", None, second(1)).is_err());
    }
}
