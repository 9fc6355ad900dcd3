//! Writing sweeps.

use ballast_model::{AgentKey, ProjectKey, RunKey, SweepId, SweepKey, SweepState, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};

use super::read::select_sweeps;
use super::{NewAgent, NewSweep, NewTrial, SweepPatch, SweepRecord, TrialEnd, TrialPatch};
use crate::row::{int, micros, optional_text, text};
use crate::{MetaError, Tx};

impl Tx<'_> {
    /// Makes a sweep without trials.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the project has a sweep of that id.
    pub async fn insert_sweep(&self, sweep: NewSweep) -> Result<SweepRecord, MetaError> {
        let now = micros(sweep.created_at);
        let insert = Query::insert()
            .into_table("sweeps")
            .columns([
                "project_key",
                "sweep_id",
                "user_key",
                "state",
                "display_name",
                "description",
                "config",
                "config_version",
                "controller",
                "seed",
                "ledger_version",
                "next_number",
                "n_issued",
                "n_failures_in_row",
                "grid_cursor",
                "created_at",
                "updated_at",
            ])
            .values_panic([
                sweep.project.0.into(),
                sweep.sweep_id.as_str().into(),
                sweep.user.0.into(),
                SweepState::Pending.as_str().into(),
                optional_text(sweep.display_name.as_deref()).into(),
                optional_text(sweep.description.as_deref()).into(),
                text(&sweep.config).into(),
                0_i64.into(),
                optional_text(sweep.controller.as_deref()).into(),
                sweep.seed.into(),
                0_i64.into(),
                1_i64.into(),
                0_i64.into(),
                0_i64.into(),
                0_i64.into(),
                now.into(),
                now.into(),
            ])
            .returning_col("sweep_key")
            .to_owned();
        let key = SweepKey(
            self.insert_returning("sweeps", "sweep_key", &insert)
                .await?,
        );
        Ok(self
            .sweep(key)
            .await?
            .expect("the sweep has just been made"))
    }

    /// A sweep, which no other transaction changes before this one ends. Whoever writes to its ledger holds this lock.
    pub async fn lock_sweep(&self, key: SweepKey) -> Result<Option<SweepRecord>, MetaError> {
        self.one(
            select_sweeps()
                .and_where(Expr::col("sweep_key").eq(key.0))
                .lock_exclusive(),
        )
        .await
    }

    /// Changes a sweep. Returns whether there is such a sweep.
    pub async fn update_sweep(
        &self,
        key: SweepKey,
        patch: SweepPatch,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        let mut update = Query::update()
            .table("sweeps")
            .value("updated_at", micros(now))
            .and_where(Expr::col("sweep_key").eq(key.0))
            .to_owned();
        if let Some((state, reason)) = patch.state {
            update.value("state", state.as_str());
            update.value("state_reason", optional_text(reason.as_deref()));
        }
        if let Some(name) = patch.display_name {
            update.value("display_name", optional_text(name.as_deref()));
        }
        if let Some(description) = patch.description {
            update.value("description", optional_text(description.as_deref()));
        }
        if let Some((config, version)) = patch.config {
            update.value("config", text(&config));
            update.value("config_version", version);
        }
        if let Some(controller) = patch.controller {
            update.value("controller", optional_text(controller.as_deref()));
        }
        if let Some(version) = patch.ledger_version {
            update.value("ledger_version", version);
        }
        for (column, count) in [
            ("next_number", patch.next_number),
            ("n_issued", patch.n_issued),
            ("n_failures_in_row", patch.n_failures_in_row),
            ("grid_cursor", patch.grid_cursor),
        ] {
            if let Some(count) = count {
                update.value(column, int(count));
            }
        }
        Ok(self.execute("sweeps", &update).await? > 0)
    }

    /// Deletes a sweep with its agents and its ledger; its runs stay. Returns whether there was one.
    pub async fn delete_sweep(&self, key: SweepKey) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table("sweeps")
            .and_where(Expr::col("sweep_key").eq(key.0))
            .to_owned();
        Ok(self.execute("sweeps", &delete).await? > 0)
    }

    /// Takes the runs of `project` that say that they belong to the sweep out of it; with `delete`, into the bin.
    pub async fn release_runs_of_sweep(
        &self,
        project: ProjectKey,
        sweep: &SweepId,
        delete: bool,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let mut update = Query::update()
            .table("runs")
            .value("sweep", Option::<String>::None)
            .value("updated_at", micros(now))
            .value("revision", self.revision().await?)
            .and_where(Expr::col("project_key").eq(project.0))
            .and_where(Expr::col("sweep").eq(sweep.as_str()))
            .to_owned();
        if delete {
            let deleted_at = Expr::col("deleted_at");
            update.value("deleted_at", deleted_at.if_null(micros(now)));
        }
        self.execute("runs", &update).await?;
        Ok(())
    }

    /// Registers an agent.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the sweep has an agent of that name.
    pub async fn insert_agent(&self, agent: NewAgent) -> Result<AgentKey, MetaError> {
        let now = micros(agent.created_at);
        let insert = Query::insert()
            .into_table("sweep_agents")
            .columns([
                "sweep_key",
                "user_key",
                "name",
                "host",
                "exited",
                "created_at",
                "heartbeat_at",
            ])
            .values_panic([
                agent.sweep.0.into(),
                agent.user.0.into(),
                text(&agent.name).into(),
                text(&agent.host).into(),
                false.into(),
                now.into(),
                now.into(),
            ])
            .returning_col("agent_key")
            .to_owned();
        self.insert_returning("sweep_agents", "agent_key", &insert)
            .await
            .map(AgentKey)
    }

    /// Notes that an agent reported, and whether it was sent home. Returns whether there is such an agent.
    pub async fn touch_agent(
        &self,
        key: AgentKey,
        exited: bool,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        let update = Query::update()
            .table("sweep_agents")
            .value("exited", exited)
            .value("heartbeat_at", micros(now))
            .and_where(Expr::col("agent_key").eq(key.0))
            .to_owned();
        Ok(self.execute("sweep_agents", &update).await? > 0)
    }

    /// Puts a trial into the ledger. The sweep is locked.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the ledger has a trial of that number, of that attempt at that point of the grid, of
    /// that run, or of that schedule.
    pub async fn insert_trial(&self, trial: NewTrial) -> Result<(), MetaError> {
        let ended_at = trial.outcome.map(|_| micros(trial.issued_at));
        let insert = Query::insert()
            .into_table("trials")
            .columns([
                "sweep_key",
                "number",
                "run_key",
                "config",
                "grid_index",
                "attempt",
                "prior",
                "agent_key",
                "n_sent",
                "seen",
                "stopping",
                "outcome",
                "schedule_id",
                "issued_at",
                "ended_at",
            ])
            .values_panic([
                trial.sweep.0.into(),
                int(trial.number).into(),
                trial.run.0.into(),
                text(&trial.config).into(),
                trial.grid_index.map(int).into(),
                int(trial.attempt).into(),
                trial.prior.into(),
                trial.agent.map(|agent| agent.0).into(),
                i64::from(trial.agent.is_some()).into(),
                false.into(),
                false.into(),
                trial.outcome.map(TrialEnd::as_str).into(),
                optional_text(trial.schedule_id.as_deref()).into(),
                micros(trial.issued_at).into(),
                ended_at.into(),
            ])
            .to_owned();
        self.execute("trials", &insert).await?;
        Ok(())
    }

    /// Changes a trial. The sweep is locked. Returns whether there is such a trial.
    pub async fn update_trial(
        &self,
        sweep: SweepKey,
        number: u64,
        patch: TrialPatch,
    ) -> Result<bool, MetaError> {
        let mut update = Query::update()
            .table("trials")
            .value("number", int(number))
            .and_where(Expr::col("sweep_key").eq(sweep.0))
            .and_where(Expr::col("number").eq(int(number)))
            .to_owned();
        if let Some(index) = patch.grid_index {
            update.value("grid_index", index.map(int));
        }
        if let Some(agent) = patch.agent {
            update.value("agent_key", agent.map(|agent| agent.0));
        }
        if let Some(n_sent) = patch.n_sent {
            update.value("n_sent", int(n_sent));
        }
        if let Some(seen) = patch.seen {
            update.value("seen", seen);
        }
        if let Some(stopping) = patch.stopping {
            update.value("stopping", stopping);
        }
        if let Some(outcome) = patch.outcome {
            update.value("outcome", outcome.map(|(end, _)| end.as_str()));
            update.value("ended_at", outcome.map(|(_, at)| micros(at)));
        }
        if let Some(reason) = patch.reason {
            update.value("reason", optional_text(reason.as_deref()));
        }
        Ok(self.execute("trials", &update).await? > 0)
    }

    /// Forgets which points of the grid the trials of a sweep have, since the grid is another one.
    pub async fn clear_grid_points(&self, sweep: SweepKey) -> Result<(), MetaError> {
        let update = Query::update()
            .table("trials")
            .value("grid_index", Option::<i64>::None)
            .and_where(Expr::col("sweep_key").eq(sweep.0))
            .to_owned();
        self.execute("trials", &update).await?;
        Ok(())
    }

    /// Gives back the points of the grid of trials whose runs are deleted, so that they can be tried again. Returns how
    /// many.
    pub async fn free_deleted_trials(
        &self,
        sweep: SweepKey,
        now: Timestamp,
    ) -> Result<u64, MetaError> {
        let alive = Query::select()
            .column("run_key")
            .from("runs")
            .and_where(Expr::col(("runs", "run_key")).equals(("trials", "run_key")))
            .and_where(Expr::col(("runs", "deleted_at")).is_null())
            .to_owned();
        let update = Query::update()
            .table("trials")
            .value("grid_index", Option::<i64>::None)
            .value("outcome", TrialEnd::Deleted.as_str())
            .value("ended_at", micros(now))
            .and_where(Expr::col("sweep_key").eq(sweep.0))
            .and_where(
                Expr::col("outcome")
                    .is_null()
                    .or(Expr::col("outcome").ne(TrialEnd::Deleted.as_str())),
            )
            .and_where(Expr::exists(alive).not())
            .to_owned();
        self.execute("trials", &update).await
    }

    /// Asks the runs under `keys` to stop.
    pub async fn request_stops(&self, keys: &[RunKey], now: Timestamp) -> Result<(), MetaError> {
        for part in keys.chunks(crate::row::LIST_PART) {
            let update = Query::update()
                .table("runs")
                .value("stop_requested", true)
                .value("updated_at", micros(now))
                .value("revision", self.revision().await?)
                .and_where(Expr::col("run_key").is_in(part.iter().map(|key| key.0)))
                .to_owned();
            self.execute("runs", &update).await?;
        }
        Ok(())
    }
}
