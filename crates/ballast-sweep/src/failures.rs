//! Trials that failed: which are tried again, and when a sweep gives up.

use std::collections::HashMap;

use serde_json::Value;

use crate::config::SweepConfig;
use crate::grid::key;
use crate::trial::{Outcome, Trial};

/// How many of the last trials failed in a row.
///
/// Trials are in the order they were issued. Those that still run are passed over, and a trial that ended otherwise than by
/// a failure ends the row. Earlier runs do not count.
pub fn failures_in_a_row(trials: &[Trial]) -> u32 {
    let ended = trials
        .iter()
        .rev()
        .filter(|trial| !trial.is_prior && !trial.outcome.is_open());
    ended
        .take_while(|trial| trial.outcome.is_failure())
        .count()
        .try_into()
        .unwrap_or(u32::MAX)
}

/// The first failed or lost trial whose parameters are to be tried again, as an index.
///
/// Its parameters failed at most [`max_retries`](crate::OnFailure::max_retries) times, and no trial with the same
/// parameters runs or ended in another way.
pub fn next_retry(config: &SweepConfig, trials: &[Trial]) -> Option<usize> {
    let max_retries = config.on_failure.max_retries;
    if max_retries == 0 {
        return None;
    }
    let mut attempts: HashMap<String, Attempts> = HashMap::new();
    let own = || {
        trials
            .iter()
            .enumerate()
            .filter(|(_, trial)| !trial.is_prior)
    };
    for (_, trial) in own() {
        let seen = attempts
            .entry(parameters_key(config, trial))
            .or_insert(Attempts {
                n_failures: 0,
                is_settled: false,
            });
        if trial.outcome.is_failure() {
            seen.n_failures += 1;
        } else {
            seen.is_settled = true;
        }
    }
    own()
        .filter(|(_, trial)| matches!(trial.outcome, Outcome::Failed | Outcome::Lost))
        .find(|(_, trial)| {
            let seen = &attempts[&parameters_key(config, trial)];
            !seen.is_settled && seen.n_failures <= max_retries
        })
        .map(|(index, _)| index)
}

/// What became of some parameters.
struct Attempts {
    n_failures: u32,
    is_settled: bool,
}

/// A text that trials with the same parameters share.
fn parameters_key(config: &SweepConfig, trial: &Trial) -> String {
    let values = config.space.values_in(&trial.config);
    let listed = values
        .into_iter()
        .map(|value| value.cloned().unwrap_or(Value::Null));
    key(&Value::Array(listed.collect()))
}
