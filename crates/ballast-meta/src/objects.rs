//! Objects of the blob store that are coming or going.
//!
//! Before an object is written its key is recorded as *pending*; the transaction that names it somewhere settles it.
//! An object that nothing names any more is *doomed* in the transaction that dropped its last name, and deleted later.
//! So a crash at any point leaves a record of every object that may have to go.

use std::collections::HashSet;

use ballast_model::{ProjectKey, RunKey, Timestamp};
use sea_orm::sea_query::{
    Expr, ExprTrait as _, OnConflict, Order, Query, SelectStatement, UnionType,
};

use crate::artifacts::blobs::artifacts_of_project;
use crate::history::shown_by_others;
use crate::row::{LIST_PART, micros};
use crate::{Db, MetaError, Tx};

impl Db<'_> {
    /// Up to `limit` objects that became pending before `before`, oldest first.
    pub async fn pending_objects_before(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<String>, MetaError> {
        let mut select = oldest("pending_objects", limit);
        self.object_keys(select.and_where(Expr::col("at").lt(micros(before))))
            .await
    }

    /// Up to `limit` doomed objects, oldest first.
    pub async fn doomed_objects(&self, limit: u64) -> Result<Vec<String>, MetaError> {
        self.object_keys(&oldest("doomed_objects", limit)).await
    }

    /// The objects that go with a run: files, uploads under way, and segments that no other run's chain shows.
    /// In byte order. Who deletes the run locks it first, so that folding adds none meanwhile.
    pub async fn run_object_keys(&self, run: RunKey) -> Result<Vec<String>, MetaError> {
        let runs = Query::select()
            .column("run_key")
            .from("runs")
            .and_where(Expr::col("run_key").eq(run.0))
            .to_owned();
        self.object_keys(&objects_of(&runs)).await
    }

    /// The objects that go with a project: as [`Db::run_object_keys`], for all its runs; and the manifests of its
    /// artifacts. Their files belong to the entity and stay.
    pub async fn project_object_keys(&self, project: ProjectKey) -> Result<Vec<String>, MetaError> {
        let runs = Query::select()
            .column("run_key")
            .from("runs")
            .and_where(Expr::col("project_key").eq(project.0))
            .to_owned();
        let manifests = Query::select()
            .expr_as(Expr::col("manifest_object"), "object_key")
            .from("artifacts")
            .and_where(Expr::col("artifact_key").in_subquery(artifacts_of_project(project)))
            .and_where(Expr::col("manifest_object").is_not_null())
            .to_owned();
        let mut objects = self.object_keys(&objects_of(&runs)).await?;
        objects.extend(self.object_keys(&manifests).await?);
        objects.sort_unstable();
        Ok(objects)
    }

    async fn object_keys(&self, select: &SelectStatement) -> Result<Vec<String>, MetaError> {
        self.all_rows("objects", select)
            .await?
            .iter()
            .map(|row| row.get("object_key"))
            .collect()
    }
}

fn oldest(table: &'static str, limit: u64) -> SelectStatement {
    Query::select()
        .column("object_key")
        .from(table)
        .order_by("at", Order::Asc)
        .order_by("object_key", Order::Asc)
        .limit(limit)
        .to_owned()
}

/// The objects that nothing names once the runs that `runs` selects are gone.
fn objects_of(runs: &SelectStatement) -> SelectStatement {
    let of_runs = |table| {
        Query::select()
            .column("object_key")
            .from(table)
            .and_where(Expr::col("run_key").in_subquery(runs.clone()))
            .to_owned()
    };
    let generations = Query::select()
        .column("generation_key")
        .from("generations")
        .and_where(Expr::col("run_key").in_subquery(runs.clone()))
        .and_where(shown_by_others(runs).not())
        .to_owned();
    let segments = Query::select()
        .column("object_key")
        .from("segments")
        .and_where(Expr::col("generation_key").in_subquery(generations))
        .to_owned();
    of_runs("run_files")
        .union(UnionType::Distinct, of_runs("uploads"))
        .union(UnionType::Distinct, segments)
        .order_by("object_key", Order::Asc)
        .to_owned()
}

impl Tx<'_> {
    /// Records that an object is about to be written. Doing so twice keeps the first time.
    pub async fn add_pending_object(
        &self,
        object_key: &str,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        self.record_objects("pending_objects", &[object_key], now)
            .await
    }

    /// The same for many objects.
    pub async fn add_pending_objects(
        &self,
        object_keys: &[impl AsRef<str>],
        now: Timestamp,
    ) -> Result<(), MetaError> {
        self.record_objects("pending_objects", object_keys, now)
            .await
    }

    /// Records that an object has found its place, or is gone. Returns whether it was pending.
    pub async fn settle_pending_object(&self, object_key: &str) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table("pending_objects")
            .and_where(Expr::col("object_key").eq(object_key))
            .to_owned();
        Ok(self.execute("pending_objects", &delete).await? > 0)
    }

    /// Records that objects have found their places. Returns those that were pending.
    pub async fn settle_pending_objects(
        &self,
        object_keys: &[impl AsRef<str>],
    ) -> Result<HashSet<String>, MetaError> {
        let mut settled = HashSet::with_capacity(object_keys.len());
        for part in object_keys.chunks(LIST_PART) {
            let delete = Query::delete()
                .from_table("pending_objects")
                .and_where(Expr::col("object_key").is_in(part.iter().map(AsRef::as_ref)))
                .returning_col("object_key")
                .to_owned();
            for row in self.all_rows("pending_objects", &delete).await? {
                settled.insert(row.get("object_key")?);
            }
        }
        Ok(settled)
    }

    /// Records that a pending object has found no place and is to be deleted. Returns whether it was pending: if not, it
    /// has found its place meanwhile, or is doomed or gone already.
    pub async fn doom_pending_object(
        &self,
        object_key: &str,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        let was_pending = self.settle_pending_object(object_key).await?;
        if was_pending {
            self.doom_object(object_key, now).await?;
        }
        Ok(was_pending)
    }

    /// Records that an object is to be deleted. Doing so twice keeps the first time.
    pub async fn doom_object(&self, object_key: &str, now: Timestamp) -> Result<(), MetaError> {
        self.record_objects("doomed_objects", &[object_key], now)
            .await
    }

    /// Records that doomed objects have been deleted.
    pub async fn forget_doomed(&self, object_keys: &[String]) -> Result<(), MetaError> {
        for part in object_keys.chunks(LIST_PART) {
            let delete = Query::delete()
                .from_table("doomed_objects")
                .and_where(Expr::col("object_key").is_in(part.iter().map(String::as_str)))
                .to_owned();
            self.execute("doomed_objects", &delete).await?;
        }
        Ok(())
    }

    async fn record_objects(
        &self,
        table: &'static str,
        object_keys: &[impl AsRef<str>],
        now: Timestamp,
    ) -> Result<(), MetaError> {
        for part in object_keys.chunks(LIST_PART) {
            let mut insert = Query::insert();
            insert.into_table(table).columns(["object_key", "at"]);
            for object_key in part {
                insert.values_panic([object_key.as_ref().into(), micros(now).into()]);
            }
            insert.on_conflict(OnConflict::column("object_key").do_nothing().to_owned());
            self.execute(table, &insert).await?;
        }
        Ok(())
    }
}
