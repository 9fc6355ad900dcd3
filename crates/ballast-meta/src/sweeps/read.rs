//! Reading sweeps.

use ballast_model::{
    AgentKey, ProjectKey, RunId, RunKey, SweepId, SweepKey, SweepState, Timestamp, UserKey,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};

use super::{AgentRecord, SweepRecord, TrialCount, TrialRecord, TrialRun};
use crate::row::{FromRow, LIST_PART, Row, int, text};
use crate::{Db, MetaError, Revision};

impl FromRow for SweepRecord {
    const TABLE: &'static str = "sweeps";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: SweepKey(row.get("sweep_key")?),
            project: ProjectKey(row.get("project_key")?),
            sweep_id: row.parse("sweep_id")?,
            user: row.get::<Option<i64>>("user_key")?.map(UserKey),
            state: row.parse("state")?,
            state_reason: row.get("state_reason")?,
            display_name: row.get("display_name")?,
            description: row.get("description")?,
            config: row.get("config")?,
            config_version: row.get("config_version")?,
            controller: row.get("controller")?,
            seed: row.get("seed")?,
            ledger_version: row.get("ledger_version")?,
            next_number: row.count("next_number")?,
            n_issued: row.count("n_issued")?,
            n_failures_in_row: row.count("n_failures_in_row")?,
            grid_cursor: row.count("grid_cursor")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

impl FromRow for AgentRecord {
    const TABLE: &'static str = "sweep_agents";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: AgentKey(row.get("agent_key")?),
            sweep: SweepKey(row.get("sweep_key")?),
            user: row.get::<Option<i64>>("user_key")?.map(UserKey),
            name: row.get("name")?,
            host: row.get("host")?,
            exited: row.get("exited")?,
            created_at: row.time("created_at")?,
            heartbeat_at: row.time("heartbeat_at")?,
        })
    }
}

impl FromRow for TrialRecord {
    const TABLE: &'static str = "trials";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        let run = match row.get::<Option<i64>>("run_key")? {
            Some(key) => Some(TrialRun {
                key: RunKey(key),
                run_id: row.parse("run_id")?,
                state: row.parse("run_state")?,
                stop_requested: row.get("stop_requested")?,
                is_deleted: row.get::<Option<i64>>("deleted_at")?.is_some(),
                history_lines: row.count("history_lines")?,
                revision: Revision(row.get("revision")?),
            }),
            None => None,
        };
        Ok(Self {
            sweep: SweepKey(row.get("sweep_key")?),
            number: row.count("number")?,
            run,
            config: row.get("config")?,
            grid_index: optional_count(row, "grid_index")?,
            attempt: row.count("attempt")?,
            prior: row.get("prior")?,
            agent: row.get::<Option<i64>>("agent_key")?.map(AgentKey),
            n_sent: row.count("n_sent")?,
            seen: row.get("seen")?,
            stopping: row.get("stopping")?,
            outcome: optional(row, "outcome")?,
            reason: row.get("reason")?,
            schedule_id: row.get("schedule_id")?,
            issued_at: row.time("issued_at")?,
            ended_at: row.optional_time("ended_at")?,
        })
    }
}

impl FromRow for TrialCount {
    const TABLE: &'static str = "trials";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            sweep: SweepKey(row.get("sweep_key")?),
            prior: row.get("prior")?,
            outcome: optional(row, "outcome")?,
            state: optional(row, "run_state")?,
            n: row.count("n")?,
        })
    }
}

fn optional<T: std::str::FromStr<Err: std::fmt::Display>>(
    row: &Row,
    column: &'static str,
) -> Result<Option<T>, MetaError> {
    match row.get::<Option<String>>(column)? {
        Some(_) => row.parse(column).map(Some),
        None => Ok(None),
    }
}

fn optional_count(row: &Row, column: &'static str) -> Result<Option<u64>, MetaError> {
    match row.get::<Option<i64>>(column)? {
        Some(_) => row.count(column).map(Some),
        None => Ok(None),
    }
}

pub(super) fn select_sweeps() -> SelectStatement {
    Query::select()
        .columns([
            "sweep_key",
            "project_key",
            "sweep_id",
            "user_key",
            "state",
            "state_reason",
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
        .from("sweeps")
        .to_owned()
}

fn select_agents() -> SelectStatement {
    Query::select()
        .columns([
            "agent_key",
            "sweep_key",
            "user_key",
            "name",
            "host",
            "exited",
            "created_at",
            "heartbeat_at",
        ])
        .from("sweep_agents")
        .to_owned()
}

/// Trials with their runs, by number.
fn select_trials(sweep: SweepKey) -> SelectStatement {
    Query::select()
        .columns(
            [
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
                "reason",
                "schedule_id",
                "issued_at",
                "ended_at",
            ]
            .map(|column| ("trials", column)),
        )
        .columns(
            [
                "run_id",
                "stop_requested",
                "deleted_at",
                "history_lines",
                "revision",
            ]
            .map(|column| ("runs", column)),
        )
        .expr_as(Expr::col(("runs", "state")), "run_state")
        .from("trials")
        .left_join(
            "runs",
            Expr::col(("runs", "run_key")).equals(("trials", "run_key")),
        )
        .and_where(Expr::col(("trials", "sweep_key")).eq(sweep.0))
        .order_by(("trials", "number"), Order::Asc)
        .to_owned()
}

impl Db<'_> {
    /// The sweep `sweep_id` of `project`.
    pub async fn lookup_sweep(
        &self,
        project: ProjectKey,
        sweep_id: &SweepId,
    ) -> Result<Option<SweepRecord>, MetaError> {
        self.one(
            select_sweeps()
                .and_where(Expr::col("project_key").eq(project.0))
                .and_where(Expr::col("sweep_id").eq(sweep_id.as_str())),
        )
        .await
    }

    /// The sweep under `key`.
    pub async fn sweep(&self, key: SweepKey) -> Result<Option<SweepRecord>, MetaError> {
        self.one(select_sweeps().and_where(Expr::col("sweep_key").eq(key.0)))
            .await
    }

    /// All sweeps of `project`, newest first.
    pub async fn list_sweeps(&self, project: ProjectKey) -> Result<Vec<SweepRecord>, MetaError> {
        self.all(
            select_sweeps()
                .and_where(Expr::col("project_key").eq(project.0))
                .order_by("sweep_key", Order::Desc),
        )
        .await
    }

    /// How many sweeps `project` has.
    pub async fn count_sweeps(&self, project: ProjectKey) -> Result<u64, MetaError> {
        let select = Query::select()
            .expr_as(Expr::col("sweep_key").count(), "n")
            .from("sweeps")
            .and_where(Expr::col("project_key").eq(project.0))
            .to_owned();
        self.number(&select).await
    }

    /// The keys of the sweeps that are in `state` and have open trials.
    pub async fn sweeps_with_open_trials(
        &self,
        states: &[SweepState],
    ) -> Result<Vec<SweepKey>, MetaError> {
        let open = Query::select()
            .column("sweep_key")
            .from("trials")
            .and_where(Expr::col("outcome").is_null())
            .to_owned();
        let select = Query::select()
            .column("sweep_key")
            .from("sweeps")
            .and_where(Expr::col("state").is_in(states.iter().map(|state| state.as_str())))
            .and_where(Expr::col("sweep_key").in_subquery(open))
            .order_by("sweep_key", Order::Asc)
            .to_owned();
        let rows = self.all_rows("sweeps", &select).await?;
        rows.iter()
            .map(|row| Ok(SweepKey(row.get("sweep_key")?)))
            .collect()
    }

    /// The agent under `key`.
    pub async fn agent(&self, key: AgentKey) -> Result<Option<AgentRecord>, MetaError> {
        self.one(select_agents().and_where(Expr::col("agent_key").eq(key.0)))
            .await
    }

    /// The agents of a sweep, oldest first.
    pub async fn list_agents(&self, sweep: SweepKey) -> Result<Vec<AgentRecord>, MetaError> {
        self.all(
            select_agents()
                .and_where(Expr::col("sweep_key").eq(sweep.0))
                .order_by("agent_key", Order::Asc),
        )
        .await
    }

    /// When an agent of a sweep last reported; `None` if it has no agents.
    pub async fn last_agent_heartbeat(
        &self,
        sweep: SweepKey,
    ) -> Result<Option<Timestamp>, MetaError> {
        let select = Query::select()
            .expr_as(Expr::col("heartbeat_at").max(), "heartbeat_at")
            .from("sweep_agents")
            .and_where(Expr::col("sweep_key").eq(sweep.0))
            .to_owned();
        match self.one_row("sweep_agents", &select).await? {
            Some(row) => row.optional_time("heartbeat_at"),
            None => Ok(None),
        }
    }

    /// The trials of a sweep whose number is greater than `after`, by number, at most `limit`.
    pub async fn list_trials(
        &self,
        sweep: SweepKey,
        after: u64,
        limit: u64,
    ) -> Result<Vec<TrialRecord>, MetaError> {
        self.all(
            select_trials(sweep)
                .and_where(Expr::col(("trials", "number")).gt(int(after)))
                .limit(limit),
        )
        .await
    }

    /// The trials of a sweep that have not ended, by number.
    pub async fn open_trials(&self, sweep: SweepKey) -> Result<Vec<TrialRecord>, MetaError> {
        self.all(select_trials(sweep).and_where(Expr::col(("trials", "outcome")).is_null()))
            .await
    }

    /// The trials of a sweep that were last given to `agent`, by number.
    pub async fn trials_of_agent(
        &self,
        sweep: SweepKey,
        agent: AgentKey,
    ) -> Result<Vec<TrialRecord>, MetaError> {
        self.all(select_trials(sweep).and_where(Expr::col(("trials", "agent_key")).eq(agent.0)))
            .await
    }

    /// The trials of a sweep whose runs have these ids, by number.
    pub async fn trials_by_runs(
        &self,
        sweep: SweepKey,
        runs: &[RunId],
    ) -> Result<Vec<TrialRecord>, MetaError> {
        let mut found = Vec::new();
        for part in runs.chunks(LIST_PART) {
            let is_wanted = Expr::col(("runs", "run_id")).is_in(part.iter().map(RunId::as_str));
            found.extend(
                self.all::<TrialRecord>(select_trials(sweep).and_where(is_wanted))
                    .await?,
            );
        }
        Ok(found)
    }

    /// How many trials of each of `sweeps` are alike.
    pub async fn count_trials(&self, sweeps: &[SweepKey]) -> Result<Vec<TrialCount>, MetaError> {
        let mut counts = Vec::new();
        for part in sweeps.chunks(LIST_PART) {
            let select = Query::select()
                .columns(["sweep_key", "prior", "outcome"].map(|column| ("trials", column)))
                .expr_as(Expr::col(("runs", "state")), "run_state")
                .expr_as(Expr::col(("trials", "number")).count(), "n")
                .from("trials")
                .left_join(
                    "runs",
                    Expr::col(("runs", "run_key")).equals(("trials", "run_key")),
                )
                .and_where(Expr::col(("trials", "sweep_key")).is_in(part.iter().map(|key| key.0)))
                .group_by_columns([
                    ("trials", "sweep_key"),
                    ("trials", "prior"),
                    ("trials", "outcome"),
                    ("runs", "state"),
                ])
                .to_owned();
            counts.extend(self.all::<TrialCount>(&select).await?);
        }
        Ok(counts)
    }

    /// How many trials each agent of a sweep was given.
    pub async fn count_trials_of_agents(
        &self,
        sweep: SweepKey,
    ) -> Result<Vec<(AgentKey, u64)>, MetaError> {
        let select = Query::select()
            .column("agent_key")
            .expr_as(Expr::col("number").count(), "n")
            .from("trials")
            .and_where(Expr::col("sweep_key").eq(sweep.0))
            .and_where(Expr::col("agent_key").is_not_null())
            .group_by_col("agent_key")
            .to_owned();
        let rows = self.all_rows("trials", &select).await?;
        rows.iter()
            .map(|row| Ok((AgentKey(row.get("agent_key")?), row.count("n")?)))
            .collect()
    }

    /// How many trials an agent was given.
    pub async fn count_trials_of_agent(&self, agent: AgentKey) -> Result<u64, MetaError> {
        let select = Query::select()
            .expr_as(Expr::col("number").count(), "n")
            .from("trials")
            .and_where(Expr::col("agent_key").eq(agent.0))
            .to_owned();
        self.number(&select).await
    }

    /// The points of the grid from `start` on that trials have, ascending, without repetition, at most `limit`.
    pub async fn grid_points_from(
        &self,
        sweep: SweepKey,
        start: u64,
        limit: u64,
    ) -> Result<Vec<u64>, MetaError> {
        let select = Query::select()
            .distinct()
            .column("grid_index")
            .from("trials")
            .and_where(Expr::col("sweep_key").eq(sweep.0))
            .and_where(Expr::col("grid_index").gte(int(start)))
            .order_by("grid_index", Order::Asc)
            .limit(limit)
            .to_owned();
        let rows = self.all_rows("trials", &select).await?;
        rows.iter().map(|row| row.count("grid_index")).collect()
    }

    /// The keys of the runs of `project` that say that they belong to the sweep and are none of its trials, oldest first.
    pub async fn runs_outside_ledger(
        &self,
        project: ProjectKey,
        sweep: &SweepId,
        limit: u64,
    ) -> Result<Vec<RunKey>, MetaError> {
        let trial = Query::select()
            .column(("trials", "number"))
            .from("trials")
            .and_where(Expr::col(("trials", "run_key")).equals(("runs", "run_key")))
            .inner_join(
                "sweeps",
                Expr::col(("sweeps", "sweep_key")).equals(("trials", "sweep_key")),
            )
            .and_where(Expr::col(("sweeps", "sweep_id")).eq(sweep.as_str()))
            .to_owned();
        let select = Query::select()
            .column("run_key")
            .from("runs")
            .and_where(Expr::col("project_key").eq(project.0))
            .and_where(Expr::col("sweep").eq(sweep.as_str()))
            .and_where(Expr::col("deleted_at").is_null())
            .and_where(Expr::exists(trial).not())
            .order_by("run_key", Order::Asc)
            .limit(limit)
            .to_owned();
        let rows = self.all_rows("runs", &select).await?;
        rows.iter()
            .map(|row| Ok(RunKey(row.get("run_key")?)))
            .collect()
    }

    /// The keys of the runs among `runs` that are trials of the sweep.
    pub async fn runs_in_ledger(
        &self,
        sweep: SweepKey,
        runs: &[RunKey],
    ) -> Result<Vec<RunKey>, MetaError> {
        let mut found = Vec::new();
        for part in runs.chunks(LIST_PART) {
            let select = Query::select()
                .column("run_key")
                .from("trials")
                .and_where(Expr::col("sweep_key").eq(sweep.0))
                .and_where(Expr::col("run_key").is_in(part.iter().map(|key| key.0)))
                .to_owned();
            for row in self.all_rows("trials", &select).await? {
                found.push(RunKey(row.get("run_key")?));
            }
        }
        Ok(found)
    }

    /// Whether the ledger of a sweep has the trial that a controller calls `schedule_id`.
    pub async fn has_schedule(
        &self,
        sweep: SweepKey,
        schedule_id: &str,
    ) -> Result<bool, MetaError> {
        let select = Query::select()
            .column("number")
            .from("trials")
            .and_where(Expr::col("sweep_key").eq(sweep.0))
            .and_where(Expr::col("schedule_id").eq(text(schedule_id)))
            .to_owned();
        Ok(self.one_row("trials", &select).await?.is_some())
    }

    /// How many points of the grid trials have.
    pub async fn count_grid_points(&self, sweep: SweepKey) -> Result<u64, MetaError> {
        let select = Query::select()
            .expr_as(Expr::col("grid_index").count_distinct(), "n")
            .from("trials")
            .and_where(Expr::col("sweep_key").eq(sweep.0))
            .to_owned();
        self.number(&select).await
    }

    /// The agents under `keys`, in no order; unknown keys are missing.
    pub async fn agents_by_keys(&self, keys: &[AgentKey]) -> Result<Vec<AgentRecord>, MetaError> {
        let mut found = Vec::new();
        for part in keys.chunks(LIST_PART) {
            let is_wanted = Expr::col("agent_key").is_in(part.iter().map(|key| key.0));
            found.extend(
                self.all::<AgentRecord>(select_agents().and_where(is_wanted))
                    .await?,
            );
        }
        Ok(found)
    }
}
