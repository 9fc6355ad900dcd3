//! What trials achieved, by the summaries of their runs.

use std::sync::Arc;

use ballast_meta::{Revision, SweepRecord, TrialEnd, TrialRecord, Tx};
use ballast_model::json::{Map, Value};
use ballast_model::{RunKey, RunState, SweepKey};
use ballast_sweep::{Goal, Measurement, Outcome, SweepConfig, Trial};
use moka::future::Cache;

use super::TrialOutcome;
use super::ledger::parse_config;
use super::plan::Plan;
use crate::runs::filter::find_dotted;
use crate::{Result, Tracking, TrackingError};

/// So many measured runs are remembered.
const MAX_MEASURED: u64 = 100_000;
/// So many trials of a sweep are read at a time.
const TRIALS_AT_ONCE: u64 = 5_000;
/// A search looks at the newest trials, at most so many.
const MAX_TRIALS: usize = 50_000;

/// What runs reported, as of their last change. A config that is edited may name other metrics.
pub(super) type Measured = Cache<(SweepKey, i64, RunKey), (Revision, Arc<[Measurement]>)>;

pub(super) fn measured() -> Measured {
    Cache::builder().max_capacity(MAX_MEASURED).build()
}

/// The values of the objectives in a summary. Keys may be nested, and may hold aggregates such as `min` instead of a number.
pub(super) fn measure(config: &SweepConfig, summary: &Map) -> Vec<Measurement> {
    let objectives = config.objectives.iter();
    objectives
        .map(|metric| {
            let path: Vec<String> = metric.name.split('.').map(str::to_owned).collect();
            let value = find_dotted(summary, &path);
            if let Some(value) = number(&value) {
                return Measurement::single(value);
            }
            let aggregate = |key: &str| value.get(key).and_then(number);
            let best = match metric.goal {
                Goal::Minimize => aggregate("min"),
                Goal::Maximize => aggregate("max"),
            };
            Measurement {
                latest: aggregate("last").or_else(|| aggregate("mean")),
                best: best.or_else(|| aggregate("best")),
            }
        })
        .collect()
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| number.is_finite())
}

/// What became of a trial, also if nobody has noted its end yet.
pub(super) fn outcome_of(trial: &TrialRecord) -> TrialOutcome {
    let state = trial.run.as_ref().map(|run| run.state);
    match (trial.outcome, state) {
        (Some(end), _) => outcome_of_end(end),
        (None, None) => TrialOutcome::Deleted,
        (None, Some(_)) if trial.run.as_ref().is_some_and(|run| run.is_deleted) => {
            TrialOutcome::Deleted
        }
        (None, Some(state)) => outcome_of_state(state, trial.stopping),
    }
}

pub(super) fn outcome_of_end(end: TrialEnd) -> TrialOutcome {
    match end {
        TrialEnd::Finished => TrialOutcome::Finished,
        TrialEnd::Stopped => TrialOutcome::Stopped,
        TrialEnd::Failed => TrialOutcome::Failed,
        TrialEnd::Lost => TrialOutcome::Lost,
        TrialEnd::Killed => TrialOutcome::Killed,
        TrialEnd::Deleted => TrialOutcome::Deleted,
    }
}

pub(super) fn outcome_of_state(state: RunState, stopping: bool) -> TrialOutcome {
    match state {
        RunState::Pending | RunState::Preempted => TrialOutcome::Pending,
        RunState::Running | RunState::Preempting => TrialOutcome::Running,
        _ if stopping => TrialOutcome::Stopped,
        RunState::Finished => TrialOutcome::Finished,
        RunState::Failed => TrialOutcome::Failed,
        RunState::Killed => TrialOutcome::Killed,
        RunState::Crashed => TrialOutcome::Lost,
    }
}

/// Whether a run reached every target that the config has; false if it has none.
pub(super) async fn reaches_targets(
    tx: &Tx<'_>,
    config: &SweepConfig,
    run: RunKey,
) -> Result<bool> {
    if config
        .objectives
        .iter()
        .all(|metric| metric.target.is_none())
    {
        return Ok(false);
    }
    let Some(record) = tx.run(run).await? else {
        return Ok(false);
    };
    let measurements = measure(config, &parse_summary(run, &record.documents.summary)?);
    Ok(config
        .objectives
        .iter()
        .zip(&measurements)
        .filter_map(|(metric, measured)| Some((metric, measured, metric.target?)))
        .all(|(metric, measured, target)| {
            let value = measured.best.or(measured.latest);
            value.is_some_and(|value| match metric.goal {
                Goal::Minimize => value <= target,
                Goal::Maximize => value >= target,
            })
        }))
}

fn parse_summary(run: RunKey, text: &str) -> Result<Map> {
    if text.is_empty() {
        return Ok(Map::new());
    }
    match Value::parse(text.as_bytes()) {
        Ok(Value::Map(summary)) => Ok(summary),
        _ => Err(TrackingError::internal(format!(
            "column `summary` of run {run} is unreadable"
        ))),
    }
}

impl Tracking {
    /// All trials of a sweep, by number.
    pub(super) async fn all_trials(&self, sweep: SweepKey) -> Result<Vec<TrialRecord>> {
        let db = self.inner.meta.read();
        let (mut trials, mut after) = (Vec::new(), 0);
        loop {
            let page = db.list_trials(sweep, after, TRIALS_AT_ONCE).await?;
            let is_last = (page.len() as u64) < TRIALS_AT_ONCE;
            if let Some(last) = page.last() {
                after = last.number;
            }
            trials.extend(page);
            if is_last {
                return Ok(trials);
            }
        }
    }

    /// What each trial reported, in their order; nothing for one without a run.
    pub(super) async fn measurements(
        &self,
        sweep: &SweepRecord,
        plan: &Plan,
        trials: &[TrialRecord],
    ) -> Result<Vec<Arc<[Measurement]>>> {
        let measured = &self.inner.sweeps.measured;
        let nothing: Arc<[Measurement]> = Arc::new([]);
        let mut found = vec![nothing; trials.len()];
        if plan.config.objectives.is_empty() {
            return Ok(found);
        }
        let key_of = |run: RunKey| (sweep.key, sweep.config_version, run);
        let mut unknown = Vec::new();
        for (index, trial) in trials.iter().enumerate() {
            let Some(run) = &trial.run else { continue };
            if run.state == RunState::Pending {
                continue;
            }
            match measured.get(&key_of(run.key)).await {
                Some((revision, values)) if revision == run.revision => found[index] = values,
                _ => unknown.push((index, run.key)),
            }
        }
        for part in unknown.chunks(500) {
            let keys: Vec<RunKey> = part.iter().map(|(_, run)| *run).collect();
            let mut records = self.inner.meta.read().runs_by_keys(&keys).await?;
            records.sort_by_key(|record| record.head.key);
            for (index, run) in part {
                let Ok(place) = records.binary_search_by_key(run, |record| record.head.key) else {
                    continue;
                };
                let record = &records[place];
                let summary = parse_summary(*run, &record.documents.summary)?;
                let values: Arc<[Measurement]> = measure(&plan.config, &summary).into();
                found[*index] = Arc::clone(&values);
                measured
                    .insert(key_of(*run), (record.head.revision, values))
                    .await;
            }
        }
        Ok(found)
    }

    /// The trials as the search library wants them.
    pub(super) async fn trials_to_search(
        &self,
        sweep: &SweepRecord,
        plan: &Plan,
    ) -> Result<Vec<Trial>> {
        let mut records = self.all_trials(sweep.key).await?;
        records.retain(|trial| outcome_of(trial) != TrialOutcome::Deleted);
        if records.len() > MAX_TRIALS {
            records.drain(..records.len() - MAX_TRIALS);
        }
        let measurements = self.measurements(sweep, plan, &records).await?;
        records
            .iter()
            .zip(measurements)
            .map(|(record, measurements)| {
                Ok(Trial {
                    config: parse_config(record)?,
                    outcome: match outcome_of(record) {
                        TrialOutcome::Pending => Outcome::Pending,
                        TrialOutcome::Running => Outcome::Running,
                        TrialOutcome::Finished => Outcome::Finished,
                        TrialOutcome::Stopped => Outcome::Stopped,
                        TrialOutcome::Failed => Outcome::Failed,
                        TrialOutcome::Lost => Outcome::Lost,
                        TrialOutcome::Killed | TrialOutcome::Deleted => Outcome::Killed,
                    },
                    measurements: measurements.to_vec(),
                    is_prior: record.prior,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(goal: &str, name: &str, summary: &str) -> Measurement {
        let config = format!(
            "{{method: random, metric: {{name: \"{name}\", goal: {goal}}}, parameters: {{x: {{value: 1}}}}}}"
        );
        let config = SweepConfig::parse_yaml(&config).expect("a config").config;
        let Ok(Value::Map(summary)) = Value::parse(summary.as_bytes()) else {
            panic!("an object: {summary}")
        };
        measure(&config, &summary)[0]
    }

    #[test]
    fn summaries_are_read_in_every_form() {
        let single = |value| (Some(value), Some(value));
        for (name, summary, expected) in [
            ("loss", r#"{"loss": 2}"#, single(2.0)),
            ("val.loss", r#"{"val": {"loss": 0.5}}"#, single(0.5)),
            (
                "val.loss",
                r#"{"val.loss": 1, "val": {"loss": 2}}"#,
                single(1.0),
            ),
            ("loss.min", r#"{"loss": {"min": 3}}"#, single(3.0)),
            (
                "loss",
                r#"{"loss": {"min": 3, "max": 9}}"#,
                (None, Some(3.0)),
            ),
            (
                "loss",
                r#"{"loss": {"last": 4, "min": 3}}"#,
                (Some(4.0), Some(3.0)),
            ),
            ("loss", r#"{"loss": NaN}"#, (None, None)),
            ("loss", r#"{"loss": "low"}"#, (None, None)),
            ("loss", "{}", (None, None)),
        ] {
            let found = of("minimize", name, summary);
            assert_eq!((found.latest, found.best), expected, "{name} in {summary}");
        }
        let found = of("maximize", "acc", r#"{"acc": {"min": 3, "max": 9}}"#);
        assert_eq!(found.best, Some(9.0));
    }
}
