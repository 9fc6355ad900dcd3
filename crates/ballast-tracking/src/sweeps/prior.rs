//! Runs that were there before a sweep and count as tried.

use std::collections::{BTreeSet, HashSet};

use ballast_meta::{NewTrial, SweepPatch, SweepRecord, TrialEnd, Tx};
use ballast_model::json::Value as RunValue;
use ballast_model::{EntityName, ProjectName, RunKey, RunState, Timestamp};
use serde_json::{Map, Value};

use super::plan::Plan;
use crate::runs::filter::{Field, Predicate, Test};
use crate::runs::{Run, RunQuery};
use crate::{Caller, Result, Tracking, TrackingError};

/// At most so many prior runs are taken in at once.
const MAX_PRIOR_RUNS: usize = 10_000;

/// A run to be put into a ledger as tried.
#[derive(Debug, Clone)]
pub(super) struct Prior {
    run: RunKey,
    /// What it has of the sweep's parameters.
    config: Map<String, Value>,
    outcome: TrialEnd,
}

impl Prior {
    /// `None` if the run has not ended.
    fn of(run: &Run, plan: &Plan) -> Option<Self> {
        let outcome = match run.state {
            RunState::Finished => TrialEnd::Finished,
            RunState::Failed => TrialEnd::Failed,
            RunState::Killed => TrialEnd::Killed,
            RunState::Crashed | RunState::Preempted => TrialEnd::Lost,
            RunState::Pending | RunState::Running | RunState::Preempting => return None,
        };
        let parameters = plan.config.space.parameters().iter();
        let names: HashSet<&str> = parameters
            .map(|parameter| parameter.path[0].as_str())
            .collect();
        let config = run
            .config
            .iter()
            .filter(|(name, _)| names.contains(name.as_str()))
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect();
        Some(Self {
            run: run.key,
            config,
            outcome,
        })
    }
}

/// A value of a run's config as JSON; numbers that JSON does not have become null.
fn plain(value: &RunValue) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

impl Tracking {
    /// The runs that a new sweep is to begin with: those of the request and those of the config. The texts are remarks for
    /// people.
    pub(super) async fn prior_runs(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        plan: &Plan,
        filter: Option<Predicate>,
        warm_start: bool,
    ) -> Result<(Vec<Prior>, Vec<String>)> {
        let warm = &plan.config.warm_start;
        let is_warm = warm_start && !(warm.runs.is_empty() && warm.sweeps.is_empty());
        let texts = |texts: &[String]| {
            let values = texts.iter().map(|text| RunValue::from(text.as_str()));
            Test::In(values.collect())
        };
        let mut parts: Vec<Predicate> = filter.iter().cloned().collect();
        if is_warm {
            parts.push(Predicate::Test {
                field: Field::Id,
                test: texts(&warm.runs),
            });
            parts.push(Predicate::Test {
                field: Field::Sweep,
                test: texts(&warm.sweeps),
            });
        }
        let mut remarks = Vec::new();
        if parts.is_empty() {
            return Ok((Vec::new(), remarks));
        }
        let query = RunQuery {
            filter: Predicate::Any(parts),
            order: Vec::new(),
            offset: 0,
            limit: MAX_PRIOR_RUNS,
        };
        let found = match self.query_runs(caller, entity, project, &query).await {
            Ok(found) => found.items,
            // A project that is made with its first sweep has no runs.
            Err(TrackingError::NotFound {
                what: "project", ..
            }) => Vec::new(),
            Err(error) => return Err(error),
        };
        if filter.is_some_and(|filter| !found.iter().any(|run| filter.fits(run))) {
            remarks.push("no run of the project fits the filter for prior runs".to_owned());
        }
        if is_warm {
            let ids: BTreeSet<&str> = found.iter().map(|run| run.id.as_str()).collect();
            let sweeps: BTreeSet<&str> = found
                .iter()
                .filter_map(|run| run.sweep.as_deref())
                .collect();
            let missing = |kind: &str, names: &[String], known: &BTreeSet<&str>| -> Vec<String> {
                let unknown = names.iter().filter(|name| !known.contains(name.as_str()));
                unknown
                    .map(|name| format!("`warm_start`: the project has no {kind} `{name}`"))
                    .collect()
            };
            remarks.extend(missing("run", &warm.runs, &ids));
            remarks.extend(missing("run of sweep", &warm.sweeps, &sweeps));
        }
        let n_found = found.len();
        let priors: Vec<Prior> = found
            .iter()
            .filter_map(|run| Prior::of(run, plan))
            .collect();
        if priors.len() < n_found {
            let n_live = n_found - priors.len();
            remarks.push(format!(
                "{n_live} of the prior runs have not ended and are left out"
            ));
        }
        Ok((priors, remarks))
    }

    /// The runs that say that they belong to a sweep and are not in its ledger.
    pub(super) async fn strays(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        sweep: &SweepRecord,
        plan: &Plan,
    ) -> Result<Vec<Prior>> {
        let db = self.inner.meta.read();
        let keys = db
            .runs_outside_ledger(sweep.project, &sweep.sweep_id, MAX_PRIOR_RUNS as u64)
            .await?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let project = self.get_project(caller, entity, project).await?;
        let runs = self
            .runs_of(&project, db.runs_by_keys(&keys).await?)
            .await?;
        Ok(runs.iter().filter_map(|run| Prior::of(run, plan)).collect())
    }
}

/// Puts prior runs into the ledger of a sweep that is locked; those that are there already stay as they are.
pub(super) async fn add_priors(
    tx: &Tx<'_>,
    sweep: &SweepRecord,
    plan: &Plan,
    priors: Vec<Prior>,
    now: Timestamp,
) -> Result<()> {
    if priors.is_empty() {
        return Ok(());
    }
    let keys: Vec<RunKey> = priors.iter().map(|prior| prior.run).collect();
    let known: HashSet<RunKey> = tx
        .runs_in_ledger(sweep.key, &keys)
        .await?
        .into_iter()
        .collect();
    let mut number = sweep.next_number;
    for prior in priors {
        if known.contains(&prior.run) {
            continue;
        }
        let point = plan
            .grid
            .as_ref()
            .and_then(|grid| grid.index_of(&prior.config));
        let grid_index = match point {
            // A run that failed does not take its point.
            Some(point) if matches!(prior.outcome, TrialEnd::Finished | TrialEnd::Killed) => {
                let taken = tx.grid_points_from(sweep.key, point, 1).await?;
                (taken.first() != Some(&point)).then_some(point)
            }
            _ => None,
        };
        tx.insert_trial(NewTrial {
            sweep: sweep.key,
            number,
            run: prior.run,
            config: super::ledger::to_text(&prior.config)?,
            grid_index,
            attempt: 1,
            prior: true,
            agent: None,
            outcome: Some(prior.outcome),
            schedule_id: None,
            issued_at: now,
        })
        .await?;
        number += 1;
    }
    let patch = SweepPatch {
        next_number: Some(number),
        ledger_version: Some(sweep.ledger_version + 1),
        ..SweepPatch::default()
    };
    tx.update_sweep(sweep.key, patch, now).await?;
    Ok(())
}

/// Finds out anew which points of the grid the trials of a sweep have, since its config is another one. The sweep is locked.
pub(super) async fn place_anew(
    tx: &Tx<'_>,
    sweep: &SweepRecord,
    plan: &Plan,
) -> Result<(), TrackingError> {
    tx.clear_grid_points(sweep.key).await?;
    let Some(grid) = &plan.grid else {
        return Ok(());
    };
    let (mut after, mut placed) = (0, HashSet::new());
    loop {
        let trials = tx.list_trials(sweep.key, after, 1_000).await?;
        let Some(last) = trials.last() else {
            return Ok(());
        };
        after = last.number;
        for trial in trials {
            let failed = matches!(trial.outcome, Some(TrialEnd::Failed | TrialEnd::Lost));
            if trial.outcome == Some(TrialEnd::Deleted) || (trial.prior && failed) {
                continue;
            }
            let config = super::ledger::parse_config(&trial)?;
            let Some(point) = grid.index_of(&config) else {
                continue;
            };
            if placed.insert((point, trial.attempt)) {
                let patch = ballast_meta::TrialPatch {
                    grid_index: Some(Some(point)),
                    ..ballast_meta::TrialPatch::default()
                };
                tx.update_trial(sweep.key, trial.number, patch).await?;
            }
        }
    }
}
