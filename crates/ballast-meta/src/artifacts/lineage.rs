//! The graph of runs and versions: which runs are before or behind a run or version, any number of steps away.
//!
//! The recursion goes from run to run, over the versions between them, and remembers nothing but the run: so each run is
//! visited once, whatever the paths and cycles, and the databases give the runs in the order in which they are reached, the
//! nearest first. Runs in the bin and versions that are not committed are no part of the graph.

use std::collections::HashMap;

use ballast_model::{ArtifactKey, RunKey};
use sea_orm::DbBackend;
use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait as _, Func, JoinType, Query, SelectStatement, UnionType,
    WithClause,
};

use super::{ArtifactRole, ArtifactState};
use crate::row::{FromRow, LIST_PART, Row};
use crate::{Db, MetaError};

/// Which way to go from a run or version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Against the flow of data: to what it was made from.
    Up,
    /// With the flow of data: to what was made from it.
    Down,
}

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageStart {
    /// At a run.
    Run(RunKey),
    /// At a version.
    Artifact(ArtifactKey),
}

/// That a run logged or used a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageEdge {
    /// The run.
    pub run: RunKey,
    /// The version.
    pub artifact: ArtifactKey,
    /// What the run did with it.
    pub role: ArtifactRole,
    /// What the run's script called what it used.
    pub used_as: Option<String>,
}

/// How many runs, the bin left out, dealt with a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UseCounts {
    /// Runs that made it, or made the same once more.
    pub n_logged_by: u64,
    /// Runs that read it.
    pub n_used_by: u64,
}

impl Direction {
    /// How the runs next to a version in this direction dealt with it.
    fn next_role(self) -> ArtifactRole {
        match self {
            Self::Up => ArtifactRole::Logged,
            Self::Down => ArtifactRole::Used,
        }
    }

    /// How a run dealt with the versions next to it in this direction.
    fn own_role(self) -> ArtifactRole {
        match self {
            Self::Up => ArtifactRole::Used,
            Self::Down => ArtifactRole::Logged,
        }
    }
}

impl FromRow for LineageEdge {
    const TABLE: &'static str = "artifact_runs";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            run: RunKey(row.get("run_key")?),
            artifact: ArtifactKey(row.get("artifact_key")?),
            role: match row.get::<i16>("role")? {
                0 => ArtifactRole::Logged,
                1 => ArtifactRole::Used,
                other => return Err(row.corrupt("role", &other)),
            },
            used_as: row.get("used_as")?,
        })
    }
}

/// Adds the version between two steps, as far as it is part of the graph.
fn join_committed(select: &mut SelectStatement, edges: &'static str, backend: DbBackend) {
    select
        .inner_join(
            "artifacts",
            Expr::col(("artifacts", "artifact_key")).equals((edges, "artifact_key")),
        )
        .and_where(is_committed(backend));
}

/// Whether a version is committed, for finding out of versions that are at hand.
///
/// SQLite keeps no statistics, and would begin with everything that is committed: so its index is kept out of sight.
/// PostgreSQL does, and would take a sum for a rare one.
pub(super) fn is_committed(backend: DbBackend) -> Expr {
    let state = Expr::col(("artifacts", "state"));
    let state = match backend {
        DbBackend::Sqlite => state.add(0),
        _ => state,
    };
    state.eq(ArtifactState::Committed as i16)
}

/// Adds the run of a step, as far as it is part of the graph.
fn join_live(select: &mut SelectStatement, edges: &'static str) {
    select
        .inner_join(
            "runs",
            Expr::col(("runs", "run_key")).equals((edges, "run_key")),
        )
        .and_where(Expr::col(("runs", "deleted_at")).is_null());
}

/// The runs to begin with.
fn first_runs(start: LineageStart, direction: Direction) -> SelectStatement {
    match start {
        LineageStart::Run(run) => Query::select()
            .column("run_key")
            .from("runs")
            .and_where(Expr::col("run_key").eq(run.0))
            .and_where(Expr::col("deleted_at").is_null())
            .to_owned(),
        LineageStart::Artifact(artifact) => {
            let mut select = Query::select()
                .column(("artifact_runs", "run_key"))
                .from("artifact_runs")
                .and_where(Expr::col(("artifact_runs", "artifact_key")).eq(artifact.0))
                .and_where(Expr::col(("artifact_runs", "role")).eq(direction.next_role() as i16))
                .to_owned();
            join_live(&mut select, "artifact_runs");
            select
        }
    }
}

/// From the runs that were reached to the next ones.
///
/// The joins are outer ones, of which only what was matched to the end is kept, because the order of outer joins is fixed.
/// SQLite keeps no statistics, and would begin each step with everything that was ever used, not with the run at hand.
fn next_runs(direction: Direction) -> SelectStatement {
    let equal = |left: (&'static str, &'static str), right: (&'static str, &'static str)| {
        Expr::col(left).equals(right)
    };
    let role = |edges: &'static str, role: ArtifactRole| Expr::col((edges, "role")).eq(role as i16);
    let own = equal(("own", "run_key"), ("reached", "run_key"));
    let committed = Expr::col(("artifacts", "state")).eq(ArtifactState::Committed as i16);
    let version = equal(("artifacts", "artifact_key"), ("own", "artifact_key"));
    let step = equal(("step", "artifact_key"), ("artifacts", "artifact_key"));
    let live = Expr::col(("runs", "deleted_at")).is_null();
    let run = equal(("runs", "run_key"), ("step", "run_key"));
    let outer = JoinType::LeftJoin;
    // A plain `is not null` would let the database turn them into inner joins.
    let matched = Func::coalesce([Expr::col(("runs", "run_key")), Expr::val(0)]);
    Query::select()
        .column(("runs", "run_key"))
        .from("reached")
        .join_as(
            outer,
            "artifact_runs",
            "own",
            own.and(role("own", direction.own_role())),
        )
        .join(outer, "artifacts", version.and(committed))
        .join_as(
            outer,
            "artifact_runs",
            "step",
            step.and(role("step", direction.next_role())),
        )
        .join(outer, "runs", run.and(live))
        .and_where(Expr::expr(matched).gt(0))
        .to_owned()
}

impl Db<'_> {
    /// The runs that are before or behind `start`, the nearest first, at most `limit`.
    ///
    /// Begins with the start itself if it is a run.
    pub async fn lineage_runs(
        &self,
        start: LineageStart,
        direction: Direction,
        limit: u64,
    ) -> Result<Vec<RunKey>, MetaError> {
        let recursion = first_runs(start, direction)
            .union(UnionType::Distinct, next_runs(direction))
            .to_owned();
        let reached = CommonTableExpression::new()
            .table_name("reached")
            .column("run_key")
            .query(recursion)
            .to_owned();
        // Both databases stop the recursion when as many rows as asked for have been read.
        let select = Query::select()
            .column("run_key")
            .from("reached")
            .limit(limit)
            .to_owned();
        let with = WithClause::new().recursive(true).cte(reached).to_owned();
        self.all_rows("runs", &select.with(with))
            .await?
            .iter()
            .map(|row| row.get("run_key").map(RunKey))
            .collect()
    }

    /// What runs logged and used, as far as it is committed: at most `limit` edges, those of the first runs first.
    pub async fn edges_of_runs(
        &self,
        runs: &[RunKey],
        limit: usize,
    ) -> Result<Vec<LineageEdge>, MetaError> {
        let mut edges = Vec::new();
        for part in runs.chunks(LIST_PART) {
            let mut select = select_edges();
            join_committed(&mut select, "artifact_runs", self.backend());
            select
                .and_where(
                    Expr::col(("artifact_runs", "run_key")).is_in(part.iter().map(|key| key.0)),
                )
                .limit((limit - edges.len()) as u64);
            edges.extend(self.all::<LineageEdge>(&select).await?);
            if edges.len() == limit {
                break;
            }
        }
        Ok(edges)
    }

    /// How many runs dealt with each of these versions; versions that no run dealt with are missing.
    pub async fn use_counts_of_artifacts(
        &self,
        artifacts: &[ArtifactKey],
    ) -> Result<HashMap<ArtifactKey, UseCounts>, MetaError> {
        let mut counts: HashMap<ArtifactKey, UseCounts> = HashMap::with_capacity(artifacts.len());
        for part in artifacts.chunks(LIST_PART) {
            let mut select = Query::select()
                .column(("artifact_runs", "artifact_key"))
                .column(("artifact_runs", "role"))
                .expr_as(Expr::col(("artifact_runs", "run_key")).count(), "n")
                .from("artifact_runs")
                .and_where(
                    Expr::col(("artifact_runs", "artifact_key"))
                        .is_in(part.iter().map(|key| key.0)),
                )
                .group_by_columns([("artifact_runs", "artifact_key"), ("artifact_runs", "role")])
                .to_owned();
            join_live(&mut select, "artifact_runs");
            for row in self.all_rows("artifact_runs", &select).await? {
                let counts = counts
                    .entry(ArtifactKey(row.get("artifact_key")?))
                    .or_default();
                if row.get::<i16>("role")? == ArtifactRole::Used as i16 {
                    counts.n_used_by = row.count("n")?;
                } else {
                    counts.n_logged_by = row.count("n")?;
                }
            }
        }
        Ok(counts)
    }
}

fn select_edges() -> SelectStatement {
    Query::select()
        .columns(
            ["run_key", "artifact_key", "role", "used_as"].map(|column| ("artifact_runs", column)),
        )
        .from("artifact_runs")
        .to_owned()
}
