//! Early stopping: which running trials are not worth going on.
//!
//! For each run that counts, a server remembers what the rule needs to know of its course, and reads only the rows that came
//! since. A sweep is judged when its agents report, by one request at a time and not all the time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ballast_history::{Projection, Scan};
use ballast_meta::{Stream, SweepRecord, TrialPatch, TrialRecord};
use ballast_model::{MetricName, RunKey, RunState, SweepKey};
use ballast_sweep::early_stopping::Progress;
use futures::TryStreamExt as _;
use moka::future::Cache;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::TrialOutcome;
use super::measure::outcome_of;
use super::plan::Plan;
use crate::{Result, Tracking, TrackingError};

/// So many sweeps are remembered.
const MAX_SWEEPS: u64 = 200;
/// A sweep is not judged again within this time,
const REST: Duration = Duration::from_millis(500);
/// nor within this many times what judging it took.
const REST_FACTOR: u32 = 10;

/// What is known of each sweep. Whoever holds the lock judges.
pub(super) type Judges = Cache<SweepKey, Arc<Mutex<Judge>>>;

pub(super) fn judges() -> Judges {
    Cache::builder().max_capacity(MAX_SWEEPS).build()
}

/// What is known of the runs of a sweep.
#[derive(Debug, Default)]
pub(super) struct Judge {
    config_version: i64,
    courses: HashMap<RunKey, Course>,
    not_before: Option<Instant>,
}

/// The course of a run up to a line.
#[derive(Debug)]
struct Course {
    progress: Progress,
    next_line: u64,
}

impl Tracking {
    /// Asks those runs of a sweep to stop that its rule of early stopping gives up, and notes why.
    pub(super) async fn stop_early(&self, sweep: &SweepRecord, plan: &Plan) -> Result<()> {
        let (Some(rule), Some(metric)) =
            (&plan.config.early_terminate, plan.config.objectives.first())
        else {
            return Ok(());
        };
        let judge = self
            .inner
            .sweeps
            .judges
            .get_with(sweep.key, async { Arc::default() })
            .await;
        let Ok(mut judge) = judge.try_lock() else {
            return Ok(());
        };
        let started = Instant::now();
        if judge
            .not_before
            .is_some_and(|not_before| started < not_before)
        {
            return Ok(());
        }
        if judge.config_version != sweep.config_version {
            judge.courses.clear();
            judge.config_version = sweep.config_version;
        }
        let mut trials = self.all_trials(sweep.key).await?;
        trials.retain(|trial| {
            let outcome = outcome_of(trial);
            !trial.prior && !matches!(outcome, TrialOutcome::Deleted | TrialOutcome::Pending)
        });
        for trial in &trials {
            let Some(run) = &trial.run else { continue };
            let fresh = || Course {
                progress: rule.progress(metric.goal),
                next_line: 0,
            };
            let course = judge.courses.entry(run.key).or_insert_with(fresh);
            if run.history_lines < course.next_line {
                // It was rewound.
                *course = fresh();
            }
            if run.history_lines == course.next_line {
                continue;
            }
            match self
                .metric_values(run.key, course.next_line..run.history_lines, &metric.name)
                .await
            {
                Ok(values) => {
                    for value in values {
                        course.progress.push(value);
                    }
                    course.next_line = run.history_lines;
                }
                // One damaged run holds back no other.
                Err(error @ TrackingError::Damaged { .. }) => tracing::warn!(
                    run.id = %run.run_id,
                    error = &error as &dyn std::error::Error,
                    "a run is not judged"
                ),
                Err(error) => return Err(error),
            }
        }
        let known: Vec<(&TrialRecord, &Progress)> = trials
            .iter()
            .filter_map(|trial| {
                let course = judge.courses.get(&trial.run.as_ref()?.key)?;
                Some((trial, &course.progress))
            })
            .collect();
        let runs: Vec<(&Progress, bool)> = known
            .iter()
            .map(|(trial, progress)| (*progress, is_running(trial)))
            .collect();
        let stops: Vec<(u64, RunKey, String)> = rule
            .decide(metric, &runs)
            .into_iter()
            .filter_map(|stop| {
                let trial = known[stop.run].0;
                Some((trial.number, trial.run.as_ref()?.key, stop.to_string()))
            })
            .collect();
        let took = started.elapsed();
        judge.not_before = Some(started + took + REST.max(took * REST_FACTOR));
        if stops.is_empty() {
            return Ok(());
        }
        let (sweep, now) = (sweep.key, self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    if tx.lock_sweep(sweep).await?.is_none() {
                        return Ok(());
                    }
                    let mut runs = Vec::with_capacity(stops.len());
                    for (number, run, reason) in stops {
                        let patch = TrialPatch {
                            stopping: Some(true),
                            reason: Some(Some(reason)),
                            ..TrialPatch::default()
                        };
                        tx.update_trial(sweep, number, patch).await?;
                        runs.push(run);
                    }
                    tx.request_stops(&runs, now).await
                })
            })
            .await
            .map_err(|error: ballast_meta::MetaError| TrackingError::from(error))?;
        self.inner.live.poke();
        Ok(())
    }

    /// The finite and other numbers that a run logged as `metric` in some lines, in order.
    async fn metric_values(
        &self,
        run: RunKey,
        lines: std::ops::Range<u64>,
        metric: &str,
    ) -> Result<Vec<f64>> {
        // A dot may be part of the key or lead into a nested value.
        let names = [
            MetricName::from_key(metric),
            MetricName::from_stored(metric),
        ];
        let mut scan = Scan::new(Projection::only(names));
        scan.is_once = true;
        self.read_view(run, Stream::History, lines, |view| {
            let mut found = self.inner.engine.scan(&view, scan.clone());
            async move {
                let mut values = Vec::new();
                while let Some(scanned) = found.try_next().await? {
                    for row in 0..scanned.lines.len() {
                        let mut columns = scanned.batch.columns().iter();
                        let value = columns.find_map(|column| column.value(row)?.as_f64());
                        values.extend(value);
                    }
                }
                Ok(values)
            }
        })
        .await
    }
}

fn is_running(trial: &TrialRecord) -> bool {
    let state = trial.run.as_ref().map(|run| run.state);
    trial.outcome.is_none()
        && !trial.stopping
        && matches!(state, Some(RunState::Running | RunState::Preempting))
}
