//! Making, changing and deleting sweeps.

use std::sync::Arc;

use ballast_meta::{NewSweep as StoredSweep, SweepPatch, SweepRecord, TrialPatch};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::{
    EntityName, ProjectKey, ProjectName, RunId, RunKey, SweepId, SweepPath, SweepState, UserKey,
};
use serde_json::{Map, Value};

use super::ledger::{Issue, Ledger, Step};
use super::plan::Plan;
use super::prior::{add_priors, place_anew};
use super::{ChangedSweep, NewSweep, ScheduledTrial, SweepChanges};
use crate::projects::{Project, project_to_write};
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Longest title, in characters.
const MAX_NAME_CHARACTERS: usize = 512;
/// Longest description, and longest text that a controller keeps, in bytes.
const MAX_TEXT_BYTES: usize = 1 << 20;
/// At most so many trials wait for agents.
const MAX_WAITING: usize = 10_000;

fn checked_name(name: Option<String>) -> Result<Option<String>> {
    match name {
        Some(name) if name.chars().count() > MAX_NAME_CHARACTERS => Err(TrackingError::Invalid(
            format!("a sweep's name has more than {MAX_NAME_CHARACTERS} characters"),
        )),
        name => Ok(name),
    }
}

fn checked_text(what: &'static str, text: Option<String>) -> Result<Option<String>> {
    match text {
        Some(text) if text.len() > MAX_TEXT_BYTES => Err(TrackingError::TooLarge {
            what,
            found: text.len() as u64,
            limit: MAX_TEXT_BYTES as u64,
        }),
        text => Ok(text),
    }
}

fn non_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Reads a config off the async threads.
async fn parse(text: String) -> Result<(Arc<Plan>, Vec<String>)> {
    let parsed = tokio::task::spawn_blocking(move || Plan::parse(&text));
    let (plan, warnings) = parsed.await.map_err(TrackingError::internal)??;
    Ok((Arc::new(plan), warnings))
}

impl Tracking {
    /// Makes a sweep, and its project if that is missing. Without an entity it is in the caller's default entity.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] and [`TrackingError::TooLarge`] for a config or text that is not accepted;
    /// [`TrackingError::NotFound`] and [`TrackingError::Forbidden`] as [`Tracking::upsert_project`]. Then nothing is made.
    pub async fn create_sweep(
        &self,
        caller: &Caller,
        entity: Option<&EntityName>,
        project: &ProjectName,
        new: NewSweep,
    ) -> Result<ChangedSweep> {
        let entity = caller
            .entity_for(entity.unwrap_or(caller.default_entity()), Access::List)?
            .clone();
        let display_name = checked_name(new.display_name)?;
        let description = checked_text("sweep description", new.description)?;
        let controller = checked_text("sweep controller", new.controller)?;
        let (plan, mut warnings) = parse(new.config.clone()).await?;
        let (priors, remarks) = self
            .prior_runs(caller, &entity.name, project, &plan, new.prior_runs, true)
            .await?;
        warnings.extend(remarks);
        let entropy = &*self.inner.entropy;
        let id = random_text(entropy, ID_ALPHABET, 8);
        let sweep_id = SweepId::new(id).expect("letters and digits make a sweep id");
        let mut seed = [0; 8];
        entropy.fill(&mut seed);
        let now = self.inner.clock.now();
        let (caller, name) = (caller.clone(), project.clone());
        let (project, record) = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let (project, _) = project_to_write(tx, &caller, &entity, &name, now).await?;
                    let sweep = tx
                        .insert_sweep(StoredSweep {
                            project: project.key,
                            sweep_id,
                            user: caller.user,
                            display_name: display_name.and_then(non_empty),
                            description: description.and_then(non_empty),
                            config: new.config,
                            controller: controller.and_then(non_empty),
                            seed: i64::from_le_bytes(seed),
                            created_at: now,
                        })
                        .await?;
                    add_priors(tx, &sweep, &plan, priors, now).await?;
                    Ok::<_, TrackingError>((project, sweep))
                })
            })
            .await?;
        self.inner.live.poke();
        Ok(ChangedSweep {
            sweep: self.sweep_of(&project, record).await?,
            warnings,
        })
    }

    /// Changes a sweep: its config, its state, its texts, or what is in its ledger. All or nothing.
    ///
    /// A sweep that is resumed, which is brought into [`SweepState::Running`], tries the configs of deleted runs again and
    /// forgets the failures so far; runs that say that they belong to it count as tried. One that is canceled asks its runs
    /// to stop.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`]; [`TrackingError::Forbidden`] if the caller's role is too small;
    /// [`TrackingError::Invalid`] and [`TrackingError::TooLarge`] for a config or text that is not accepted;
    /// [`TrackingError::Conflict`] for a state that the sweep cannot be brought into.
    pub async fn update_sweep(
        &self,
        caller: &Caller,
        path: &SweepPath,
        changes: SweepChanges,
    ) -> Result<ChangedSweep> {
        let (project, record) = self.sweep_for(caller, path, Access::Write).await?;
        let display_name = checked_name(changes.display_name)?;
        let description = checked_text("sweep description", changes.description)?;
        let controller = checked_text("sweep controller", changes.controller)?;
        let (plan, mut warnings) = match &changes.config {
            Some(config) => parse(config.clone()).await?,
            None => (self.plan_of(&record).await?, Vec::new()),
        };
        let (mut priors, remarks) = self
            .prior_runs(
                caller,
                &path.entity,
                &path.project,
                &plan,
                changes.prior_runs,
                changes.config.is_some(),
            )
            .await?;
        warnings.extend(remarks);
        if changes.state == Some(SweepState::Running) || changes.config.is_some() {
            let strays = self
                .strays(caller, &path.entity, &path.project, &record, &plan)
                .await?;
            priors.extend(strays);
        }
        let edit = Edit {
            config: changes.config,
            state: changes.state,
            patch: SweepPatch {
                display_name: display_name.map(non_empty),
                description: description.map(non_empty),
                controller: controller.map(non_empty),
                ..SweepPatch::default()
            },
            schedule: changes.schedule,
            stop_runs: changes.stop_runs,
        };
        let step = self.step(caller, &project, &record, plan);
        let gone = super::find::sweep_not_found(path);
        let record = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let Some(ledger) = Ledger::lock(tx, &step).await? else {
                        return Err(gone);
                    };
                    edit.apply(ledger, priors).await
                })
            })
            .await?;
        self.inner.live.poke();
        Ok(ChangedSweep {
            sweep: self.sweep_of(&project, record).await?,
            warnings,
        })
    }

    /// Deletes a sweep with its ledger. Its runs stay in the project, or go to the bin with it. Agents are told that there
    /// is no such sweep.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`], and [`TrackingError::Forbidden`] if the caller's role is too small.
    pub async fn delete_sweep(
        &self,
        caller: &Caller,
        path: &SweepPath,
        with_runs: bool,
    ) -> Result<()> {
        let (_, record) = self.sweep_for(caller, path, Access::Write).await?;
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.lock_sweep(record.key).await?;
                    tx.release_runs_of_sweep(record.project, &record.sweep_id, with_runs, now)
                        .await?;
                    tx.delete_sweep(record.key).await
                })
            })
            .await
            .map_err(|error: ballast_meta::MetaError| TrackingError::from(error))?;
        self.inner.live.poke();
        Ok(())
    }

    /// Puts a config of someone's choice into a sweep, which the next agent that asks is given. Returns its run.
    ///
    /// # Errors
    /// As [`Tracking::get_sweep`]; [`TrackingError::Forbidden`] if the caller's role is too small;
    /// [`TrackingError::Conflict`] if the sweep has ended, has as many trials as its config allows, or too many wait.
    pub async fn enqueue_trial(
        &self,
        caller: &Caller,
        path: &SweepPath,
        config: Map<String, Value>,
        display_name: Option<String>,
    ) -> Result<RunId> {
        let (project, record) = self.sweep_for(caller, path, Access::Write).await?;
        let display_name = checked_name(display_name)?;
        let plan = self.plan_of(&record).await?;
        let step = self.step(caller, &project, &record, plan);
        let gone = super::find::sweep_not_found(path);
        let run = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let Some(mut ledger) = Ledger::lock(tx, &step).await? else {
                        return Err(gone);
                    };
                    ledger.check_room(MAX_WAITING)?;
                    let mut issue = Issue::first(config, None);
                    issue.display_name = display_name.and_then(non_empty);
                    ledger.issue(issue).await
                })
            })
            .await?;
        self.inner.live.poke();
        Ok(run)
    }

    /// What a transaction on a sweep's ledger needs to know.
    pub(super) fn step(
        &self,
        caller: &Caller,
        project: &Project,
        sweep: &SweepRecord,
        plan: Arc<Plan>,
    ) -> Step {
        self.step_for(caller.user, project.key, sweep, plan)
    }

    /// [`Tracking::step`], with new runs belonging to `user`.
    pub(super) fn step_for(
        &self,
        user: UserKey,
        project: ProjectKey,
        sweep: &SweepRecord,
        plan: Arc<Plan>,
    ) -> Step {
        let now = self.inner.clock.now();
        Step {
            project,
            sweep: sweep.key,
            plan,
            config_version: sweep.config_version,
            user,
            now,
            lost_before: now - self.inner.settings.agent_limit,
            config_limit: self.limits().config_bytes,
            entropy: Arc::clone(&self.inner.entropy),
        }
    }
}

/// Checked changes of a sweep.
struct Edit {
    config: Option<String>,
    state: Option<SweepState>,
    patch: SweepPatch,
    schedule: Vec<ScheduledTrial>,
    stop_runs: Vec<RunId>,
}

impl Edit {
    async fn apply(
        self,
        mut ledger: Ledger<'_>,
        priors: Vec<super::prior::Prior>,
    ) -> Result<SweepRecord> {
        let Edit {
            config,
            state,
            mut patch,
            schedule,
            stop_runs,
        } = self;
        let (tx, step) = (ledger.tx, ledger.step);
        let before = ledger.sweep.clone();
        if let Some(state) = state
            && !before.state.may_become(state)
        {
            return Err(TrackingError::Conflict(format!(
                "sweep `{}` is {} and cannot become {state}",
                before.sweep_id, before.state
            )));
        }
        let is_edited = config.is_some();
        if let Some(config) = config {
            patch.config = Some((config, before.config_version + 1));
            patch.ledger_version = Some(before.ledger_version + 1);
            patch.grid_cursor = Some(0);
        }
        let is_resumed = state == Some(SweepState::Running);
        if is_resumed {
            tx.free_deleted_trials(before.key, step.now).await?;
            patch.grid_cursor = Some(0);
            patch.n_failures_in_row = Some(0);
            patch.ledger_version = Some(before.ledger_version + 1);
        }
        if let Some(state) = state.filter(|state| *state != before.state) {
            patch.state = Some((state, None));
        }
        ledger.patch(patch).await?;
        if is_edited {
            place_anew(tx, &ledger.sweep, &step.plan).await?;
        }
        add_priors(tx, &ledger.sweep, &step.plan, priors, step.now).await?;
        ledger.reload().await?;
        for wanted in schedule {
            ledger.schedule(wanted, MAX_WAITING).await?;
        }
        let stopped: Vec<RunKey> = if state == Some(SweepState::Canceled) {
            ledger.live_runs()
        } else {
            let trials = tx.trials_by_runs(before.key, &stop_runs).await?;
            let mut stopped = Vec::new();
            for trial in trials {
                if trial.outcome.is_some() || trial.stopping {
                    continue;
                }
                let patch = TrialPatch {
                    stopping: Some(true),
                    reason: Some(Some("its controller stopped it".to_owned())),
                    ..TrialPatch::default()
                };
                tx.update_trial(before.key, trial.number, patch).await?;
                stopped.extend(trial.run.map(|run| run.key));
            }
            stopped
        };
        tx.request_stops(&stopped, step.now).await?;
        Ok(ledger.sweep)
    }
}
