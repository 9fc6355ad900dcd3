//! Finding sweeps, their agents and their trials.

use std::collections::HashMap;

use ballast_meta::{AgentRecord, SweepRecord, TrialCount, TrialRecord};
use ballast_model::{
    AgentKey, EntityName, Goal, ProjectName, RunKey, RunState, SweepKey, SweepPath, UserKey,
};

use super::ledger::parse_config;
use super::measure::{outcome_of, outcome_of_end, outcome_of_state};
use super::plan::Plan;
use super::{
    Agent, AgentState, BestTrial, Missing, Sweep, SweepListing, SweepPage, Trial, TrialCounts,
    TrialOutcome, TrialPage,
};
use crate::projects::Project;
use crate::runs::Run;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Largest page of trials.
const MAX_TRIALS: usize = 10_000;
/// Most missing points that are told.
const MAX_MISSING: usize = 1_000;

pub(super) fn sweep_not_found(path: &SweepPath) -> TrackingError {
    TrackingError::not_found_in(
        "sweep",
        &path.sweep,
        format!("{}/{}", path.entity, path.project),
    )
}

impl Tracking {
    /// A sweep; `None` if it does not exist or is not the caller's.
    pub async fn lookup_sweep(&self, caller: &Caller, path: &SweepPath) -> Result<Option<Sweep>> {
        match self.sweep_record(caller, path, Access::Read).await? {
            Some((project, record)) => self.sweep_of(&project, record).await.map(Some),
            None => Ok(None),
        }
    }

    /// A sweep.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or is not the caller's.
    pub async fn get_sweep(&self, caller: &Caller, path: &SweepPath) -> Result<Sweep> {
        let (project, record) = self.sweep_for(caller, path, Access::Read).await?;
        self.sweep_of(&project, record).await
    }

    /// The full name of the sweep under a storage key; `None` if it does not exist or is not the caller's.
    pub async fn sweep_path(&self, caller: &Caller, key: SweepKey) -> Result<Option<SweepPath>> {
        let Some(record) = self.inner.meta.read().sweep(key).await? else {
            return Ok(None);
        };
        let project = self.lookup_project_by_key(caller, record.project).await?;
        let project = project.filter(|project| project.check(Access::Read).is_ok());
        Ok(project.map(|project| SweepPath {
            entity: project.entity,
            project: project.name,
            sweep: record.sweep_id,
        }))
    }

    /// A page of a project's sweeps, newest first.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the project does not exist or is not the caller's.
    pub async fn list_sweeps(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
        listing: &SweepListing,
    ) -> Result<SweepPage> {
        let project = self.get_project(caller, entity, project).await?;
        let mut records = self.inner.meta.read().list_sweeps(project.key).await?;
        let mut total = records.len();
        if listing.filter.is_everything() {
            records = records.split_off(listing.offset.min(total));
            records.truncate(listing.limit);
        }
        let mut items = Vec::with_capacity(records.len());
        for record in records {
            items.push(self.sweep_of(&project, record).await?);
        }
        if !listing.filter.is_everything() {
            items.retain(|sweep| listing.filter.fits(sweep));
            total = items.len();
            items = items.split_off(listing.offset.min(total));
            items.truncate(listing.limit);
        }
        Ok(SweepPage { items, total })
    }

    /// How many sweeps a project has.
    ///
    /// # Errors
    /// As [`Tracking::list_sweeps`].
    pub async fn count_sweeps(
        &self,
        caller: &Caller,
        entity: &EntityName,
        project: &ProjectName,
    ) -> Result<u64> {
        let project = self.get_project(caller, entity, project).await?;
        Ok(self.inner.meta.read().count_sweeps(project.key).await?)
    }

    /// The runs of the trials that an agent was last given, in the order of the ledger; those in the bin are left out.
    /// `None` if the sweep has no agent of that name.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`].
    pub async fn runs_of_agent(
        &self,
        caller: &Caller,
        path: &SweepPath,
        agent: &str,
    ) -> Result<Option<Vec<Run>>> {
        let (project, sweep) = self.sweep_for(caller, path, Access::Read).await?;
        let db = self.inner.meta.read();
        let agents = db.list_agents(sweep.key).await?;
        let Some(agent) = agents.into_iter().find(|found| found.name == agent) else {
            return Ok(None);
        };
        let trials = db.trials_of_agent(sweep.key, agent.key).await?;
        let keys: Vec<RunKey> = trials
            .iter()
            .filter_map(|trial| trial.run.as_ref())
            .filter(|run| !run.is_deleted)
            .map(|run| run.key)
            .collect();
        let records = db.runs_by_keys(&keys).await?;
        self.runs_of(&project, records).await.map(Some)
    }

    /// The agents of a sweep, oldest first.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`].
    pub async fn list_agents(&self, caller: &Caller, path: &SweepPath) -> Result<Vec<Agent>> {
        let (_, sweep) = self.sweep_for(caller, path, Access::Read).await?;
        let records = self.inner.meta.read().list_agents(sweep.key).await?;
        self.agents_of(&sweep, records).await
    }

    /// A page of a sweep's ledger, by number, from behind the trial `after` on.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`].
    pub async fn list_trials(
        &self,
        caller: &Caller,
        path: &SweepPath,
        after: Option<u64>,
        limit: usize,
    ) -> Result<TrialPage> {
        let (_, sweep) = self.sweep_for(caller, path, Access::Read).await?;
        let limit = limit.min(MAX_TRIALS);
        let mut records = self
            .inner
            .meta
            .read()
            .list_trials(sweep.key, after.unwrap_or(0), limit as u64 + 1)
            .await?;
        let has_more = records.len() > limit;
        records.truncate(limit);
        let next = records.last().filter(|_| has_more);
        Ok(TrialPage {
            next: next.map(|trial| trial.number),
            items: self.trials_of(&sweep, records).await?,
            total: sweep.next_number - 1,
        })
    }

    /// What of the sweep's plan was not achieved: points of the grid that were never tried, and configs that failed or
    /// were lost each time. At most `limit` of each.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`].
    pub async fn missing_trials(
        &self,
        caller: &Caller,
        path: &SweepPath,
        limit: usize,
    ) -> Result<Missing> {
        let (_, sweep) = self.sweep_for(caller, path, Access::Read).await?;
        let limit = limit.min(MAX_MISSING);
        let plan = self.plan_of(&sweep).await?;
        let db = self.inner.meta.read();
        let mut missing = Missing::default();
        if let Some(grid) = &plan.grid {
            let n_used = db.count_grid_points(sweep.key).await?;
            let n_points = u64::try_from(grid.n_points()).unwrap_or(u64::MAX);
            missing.n_points = Some(n_points.saturating_sub(n_used));
            let mut index = 0;
            'points: while missing.points.len() < limit {
                let used = db.grid_points_from(sweep.key, index, 1_000).await?;
                let is_last = used.len() < 1_000;
                let end = used.last().map_or(index, |last| last + 1);
                let mut used = used.into_iter().peekable();
                while index < end {
                    if used.next_if_eq(&index).is_none() {
                        match grid.point(index) {
                            Some(point) if missing.points.len() < limit => {
                                missing.points.push((index, point));
                            }
                            _ => break 'points,
                        }
                    }
                    index += 1;
                }
                while is_last && missing.points.len() < limit {
                    match grid.point(index) {
                        Some(point) => missing.points.push((index, point)),
                        None => break 'points,
                    }
                    index += 1;
                }
            }
        }
        let trials = self.all_trials(sweep.key).await?;
        // By config: one of several tries that went well is enough.
        let mut failed: HashMap<&str, &TrialRecord> = HashMap::new();
        for trial in &trials {
            match outcome_of(trial) {
                TrialOutcome::Failed | TrialOutcome::Lost => {
                    failed.insert(&trial.config, trial);
                }
                TrialOutcome::Deleted => {}
                _ => drop(failed.remove(trial.config.as_str())),
            }
        }
        let mut failed: Vec<TrialRecord> = failed.into_values().cloned().collect();
        failed.sort_by_key(|trial| trial.number);
        failed.truncate(limit);
        missing.trials = self.trials_of(&sweep, failed).await?;
        Ok(missing)
    }

    async fn sweep_record(
        &self,
        caller: &Caller,
        path: &SweepPath,
        access: Access,
    ) -> Result<Option<(Project, SweepRecord)>> {
        let Some(project) = self
            .lookup_project(caller, &path.entity, &path.project)
            .await?
        else {
            return Ok(None);
        };
        project.check(access)?;
        let record = self
            .inner
            .meta
            .read()
            .lookup_sweep(project.key, &path.sweep)
            .await?;
        Ok(record.map(|record| (project, record)))
    }

    /// A sweep for an operation that needs `access` to its project.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if it does not exist or is not the caller's; [`TrackingError::Forbidden`] if the
    /// caller's role is too small.
    pub(super) async fn sweep_for(
        &self,
        caller: &Caller,
        path: &SweepPath,
        access: Access,
    ) -> Result<(Project, SweepRecord)> {
        let found = self.sweep_record(caller, path, access).await?;
        found.ok_or_else(|| sweep_not_found(path))
    }

    /// A stored sweep as it is given out.
    pub(super) async fn sweep_of(&self, project: &Project, record: SweepRecord) -> Result<Sweep> {
        let plan = self.plan_of(&record).await?;
        let db = self.inner.meta.read();
        let counts = counts_of(&db.count_trials(&[record.key]).await?);
        let heartbeat_at = db.last_agent_heartbeat(record.key).await?;
        let best = self.best_trial(&record, &plan).await?;
        let user = match record.user {
            Some(user) => db.user(user).await?,
            None => None,
        };
        Ok(Sweep {
            key: record.key,
            project_key: record.project,
            entity: project.entity.clone(),
            project: project.name.clone(),
            id: record.sweep_id,
            display_name: record.display_name.or_else(|| plan.config.name.clone()),
            description: record
                .description
                .or_else(|| plan.config.description.clone()),
            state: record.state,
            state_reason: record.state_reason,
            config: record.config,
            method: plan.method().to_owned(),
            objectives: plan.objectives(),
            run_cap: plan.config.run_cap,
            n_expected: plan.n_expected(),
            counts,
            best,
            controller: record.controller,
            is_controlled: plan.is_controlled(),
            user: user.map_or_else(String::new, |user| user.username.as_str().to_owned()),
            created_at: record.created_at,
            updated_at: record.updated_at,
            heartbeat_at,
        })
    }

    /// The best trial by the first objective. Trials that failed do not count.
    async fn best_trial(&self, sweep: &SweepRecord, plan: &Plan) -> Result<Option<BestTrial>> {
        let Some(objective) = plan.objectives().into_iter().next() else {
            return Ok(None);
        };
        let mut trials = self.all_trials(sweep.key).await?;
        trials.retain(|trial| {
            !matches!(
                outcome_of(trial),
                TrialOutcome::Deleted | TrialOutcome::Failed | TrialOutcome::Lost
            )
        });
        let measured = self.measurements(sweep, plan, &trials).await?;
        let values = trials
            .iter()
            .zip(&measured)
            .filter_map(|(trial, measured)| {
                let first = measured.first()?;
                let value = first.latest.or(first.best)?;
                Some((trial.run.as_ref()?, value))
            });
        let better = |a: f64, b: f64| match objective.goal {
            Goal::Minimize => a < b,
            Goal::Maximize => a > b,
        };
        let best = values.reduce(|best, next| if better(next.1, best.1) { next } else { best });
        Ok(best.map(|(run, value)| BestTrial {
            run: run.run_id.clone(),
            value,
        }))
    }

    pub(super) async fn agents_of(
        &self,
        sweep: &SweepRecord,
        records: Vec<AgentRecord>,
    ) -> Result<Vec<Agent>> {
        let db = self.inner.meta.read();
        let lost_before = self.inner.clock.now() - self.inner.settings.agent_limit;
        let counts: HashMap<AgentKey, u64> = db
            .count_trials_of_agents(sweep.key)
            .await?
            .into_iter()
            .collect();
        let open = db.open_trials(sweep.key).await?;
        let mut users: HashMap<UserKey, String> = HashMap::new();
        let mut agents = Vec::with_capacity(records.len());
        for record in records {
            let user = match record.user {
                Some(key) => match users.get(&key) {
                    Some(name) => name.clone(),
                    None => {
                        let user = db.user(key).await?;
                        let name =
                            user.map_or_else(String::new, |user| user.username.as_str().to_owned());
                        users.insert(key, name.clone());
                        name
                    }
                },
                None => String::new(),
            };
            let state = if record.exited {
                AgentState::Finished
            } else if record.heartbeat_at < lost_before {
                AgentState::Lost
            } else {
                AgentState::Running
            };
            let run = open
                .iter()
                .filter(|trial| trial.agent == Some(record.key))
                .filter_map(|trial| trial.run.as_ref())
                .find(|run| run.state.is_live() || run.state == RunState::Pending);
            agents.push(Agent {
                key: record.key,
                name: record.name,
                host: record.host,
                state,
                user,
                n_trials: counts.get(&record.key).copied().unwrap_or(0),
                run: run.map(|run| run.run_id.clone()),
                created_at: record.created_at,
                heartbeat_at: record.heartbeat_at,
            });
        }
        Ok(agents)
    }

    async fn trials_of(
        &self,
        sweep: &SweepRecord,
        records: Vec<TrialRecord>,
    ) -> Result<Vec<Trial>> {
        let plan = self.plan_of(sweep).await?;
        let measured = self.measurements(sweep, &plan, &records).await?;
        let mut keys: Vec<AgentKey> = records.iter().filter_map(|trial| trial.agent).collect();
        keys.sort_unstable();
        keys.dedup();
        let agents = self.inner.meta.read().agents_by_keys(&keys).await?;
        let names: HashMap<AgentKey, String> = agents
            .into_iter()
            .map(|agent| (agent.key, agent.name))
            .collect();
        records
            .into_iter()
            .zip(measured)
            .map(|(record, measured)| {
                let outcome = outcome_of(&record);
                let values: Vec<Option<f64>> = measured
                    .iter()
                    .map(|measured| measured.latest.or(measured.best))
                    .collect();
                let has_ended = matches!(outcome, TrialOutcome::Finished | TrialOutcome::Stopped);
                let unmeasured = plan
                    .objectives()
                    .into_iter()
                    .zip(values.iter().copied().chain(std::iter::repeat(None)))
                    .find(|(_, value)| value.is_none())
                    .filter(|_| has_ended)
                    .map(|(objective, _)| {
                        format!("it reported no finite value of `{}`", objective.metric)
                    });
                Ok(Trial {
                    number: record.number,
                    config: parse_config(&record)?,
                    grid_index: record.grid_index,
                    attempt: record.attempt,
                    agent: record.agent.and_then(|agent| names.get(&agent).cloned()),
                    schedule_id: record.schedule_id,
                    outcome,
                    is_prior: record.prior,
                    reason: record.reason.or(unmeasured),
                    values,
                    issued_at: record.issued_at,
                    ended_at: record.ended_at,
                    run: record.run.map(|run| run.run_id),
                })
            })
            .collect()
    }
}

fn counts_of(counts: &[TrialCount]) -> TrialCounts {
    let mut sums = TrialCounts::default();
    for count in counts {
        let outcome = match (count.outcome, count.state) {
            (Some(end), _) => outcome_of_end(end),
            (None, Some(state)) => outcome_of_state(state, false),
            (None, None) => TrialOutcome::Deleted,
        };
        let sum = match outcome {
            TrialOutcome::Pending => &mut sums.pending,
            TrialOutcome::Running => &mut sums.running,
            TrialOutcome::Finished => &mut sums.finished,
            TrialOutcome::Stopped => &mut sums.stopped,
            TrialOutcome::Failed => &mut sums.failed,
            TrialOutcome::Lost => &mut sums.lost,
            TrialOutcome::Killed => &mut sums.killed,
            TrialOutcome::Deleted => continue,
        };
        *sum += count.n;
        sums.total += count.n;
        if count.prior {
            sums.prior += count.n;
        }
    }
    sums
}
