//! Which runs logged and used which versions.

use ballast_model::{ArtifactKey, RunKey, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query, SelectStatement};

use super::read::{select_artifacts, with_collection};
use super::{ArtifactRecord, ArtifactState};
use crate::row::{micros, optional_text};
use crate::{Db, MetaError, Tx};

/// What a run did with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArtifactRole {
    /// Made it, or made the same once more.
    Logged = 0,
    /// Read it.
    Used = 1,
}

/// Which versions of a run to list, in the order in which it dealt with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunArtifactQuery {
    /// The run.
    pub run: RunKey,
    /// What it did with them.
    pub role: ArtifactRole,
    /// How many to pass over.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

impl Db<'_> {
    /// A page of the committed versions that a run logged or used.
    pub async fn artifacts_of_run(
        &self,
        query: &RunArtifactQuery,
    ) -> Result<Vec<ArtifactRecord>, MetaError> {
        let mut select = select_artifacts();
        with_collection(&mut select, "artifacts");
        join_runs(&mut select, query);
        select
            .order_by(("artifact_runs", "created_at"), Order::Asc)
            .order_by(("artifact_runs", "artifact_key"), Order::Asc)
            .offset(query.offset)
            .limit(query.limit);
        self.all(&select).await
    }

    /// How many committed versions a run logged or used.
    pub async fn count_artifacts_of_run(&self, query: &RunArtifactQuery) -> Result<u64, MetaError> {
        let mut select = Query::select()
            .expr_as(Expr::col(("artifacts", "artifact_key")).count(), "n")
            .from("artifacts")
            .to_owned();
        join_runs(&mut select, query);
        self.number(&select).await
    }

    /// Whether a run logged or used a version.
    pub async fn is_artifact_of_run(
        &self,
        run: RunKey,
        artifact: ArtifactKey,
        role: ArtifactRole,
    ) -> Result<bool, MetaError> {
        let select = Query::select()
            .column("run_key")
            .from("artifact_runs")
            .and_where(Expr::col("run_key").eq(run.0))
            .and_where(Expr::col("artifact_key").eq(artifact.0))
            .and_where(Expr::col("role").eq(role as i16))
            .to_owned();
        Ok(self.one_row("artifact_runs", &select).await?.is_some())
    }

    /// The runs that logged or used a version, by key.
    pub async fn runs_of_artifact(
        &self,
        artifact: ArtifactKey,
        role: ArtifactRole,
    ) -> Result<Vec<RunKey>, MetaError> {
        let select = Query::select()
            .column("run_key")
            .from("artifact_runs")
            .and_where(Expr::col("artifact_key").eq(artifact.0))
            .and_where(Expr::col("role").eq(role as i16))
            .order_by("run_key", Order::Asc)
            .to_owned();
        self.all_rows("artifact_runs", &select)
            .await?
            .iter()
            .map(|row| row.get("run_key").map(RunKey))
            .collect()
    }
}

fn join_runs(select: &mut SelectStatement, query: &RunArtifactQuery) {
    select
        .inner_join(
            "artifact_runs",
            Expr::col(("artifact_runs", "artifact_key")).equals(("artifacts", "artifact_key")),
        )
        .and_where(Expr::col(("artifact_runs", "run_key")).eq(query.run.0))
        .and_where(Expr::col(("artifact_runs", "role")).eq(query.role as i16))
        .and_where(Expr::col(("artifacts", "state")).eq(ArtifactState::Committed as i16));
}

impl Tx<'_> {
    /// Records that a run logged or used a version. Doing so twice keeps the first.
    pub async fn add_artifact_run(
        &self,
        run: RunKey,
        artifact: ArtifactKey,
        role: ArtifactRole,
        used_as: Option<&str>,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("artifact_runs")
            .columns(["run_key", "artifact_key", "role", "used_as", "created_at"])
            .values_panic([
                run.0.into(),
                artifact.0.into(),
                (role as i16).into(),
                optional_text(used_as).into(),
                micros(now).into(),
            ])
            .on_conflict(
                OnConflict::columns(["run_key", "artifact_key", "role"])
                    .do_nothing()
                    .to_owned(),
            )
            .to_owned();
        self.execute("artifact_runs", &insert).await?;
        Ok(())
    }
}
