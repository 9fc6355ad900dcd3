//! Writing runs.

use std::sync::Arc;

use ballast_model::{ProjectKey, RunKey, RunState, Tag, Timestamp};
use sea_orm::DbErr;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query, UpdateStatement};

use super::read::head_of;
use super::{DocumentKind, NewRun, RunHead, RunPatch, RunRecord};
use crate::row::{folded, int, micros, optional_text, text};
use crate::{MetaError, Tx};

impl Tx<'_> {
    /// Makes a run, with the next number of its project.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the project has a run of that id, be it in the bin.
    pub async fn insert_run(&self, run: NewRun) -> Result<RunRecord, MetaError> {
        let number = self.take_run_number(run.project).await?;
        let tags = without_repetition(run.tags);
        let now = micros(run.created_at);
        let insert = Query::insert()
            .into_table("runs")
            .columns([
                "project_key",
                "run_id",
                "number",
                "display_name",
                "folded_display_name",
                "folded_run_id",
                "state",
                "notes",
                "tags",
                "run_group",
                "job_type",
                "host",
                "git_remote",
                "git_commit",
                "program",
                "sweep",
                "user_key",
                "parent_run_key",
                "parent_step",
                "stop_requested",
                "created_at",
                "heartbeat_at",
                "updated_at",
                "revision",
                "history_lines",
                "system_lines",
                "console_lines",
                "n_problems",
            ])
            .values_panic([
                run.project.0.into(),
                run.run_id.as_str().into(),
                number.into(),
                text(&run.display_name).into(),
                folded(&run.display_name).into(),
                folded(run.run_id.as_str()).into(),
                run.state.as_str().into(),
                optional_text(run.notes.as_deref()).into(),
                tags_json(&tags).into(),
                optional_text(run.group.as_deref()).into(),
                optional_text(run.job_type.as_deref()).into(),
                optional_text(run.host.as_deref()).into(),
                optional_text(run.git_remote.as_deref()).into(),
                optional_text(run.git_commit.as_deref()).into(),
                optional_text(run.program.as_deref()).into(),
                optional_text(run.sweep.as_deref()).into(),
                run.user.map(|user| user.0).into(),
                run.parent.map(|parent| parent.0).into(),
                run.parent_step.into(),
                false.into(),
                now.into(),
                now.into(),
                now.into(),
                self.revision().await?,
                0_i64.into(),
                0_i64.into(),
                0_i64.into(),
                0_i64.into(),
            ])
            .returning_col("run_key")
            .to_owned();
        let key = RunKey(self.insert_returning("runs", "run_key", &insert).await?);
        let mut documents = run.documents;
        let given = DocumentKind::ALL.map(|kind| (kind, std::mem::take(documents.of_kind(kind))));
        self.put_documents(key, given.into_iter().filter(|(_, body)| !body.is_empty()))
            .await?;
        self.insert_tags(key, &tags).await?;
        Ok(self.run(key).await?.expect("the run has just been made"))
    }

    async fn take_run_number(&self, project: ProjectKey) -> Result<i64, MetaError> {
        let update = Query::update()
            .table("projects")
            .value("next_run_number", Expr::col("next_run_number").add(1))
            .and_where(Expr::col("project_key").eq(project.0))
            .returning_col("next_run_number")
            .to_owned();
        let row = self.one_row("projects", &update).await?.ok_or_else(|| {
            let missing = DbErr::RecordNotFound(format!("there is no project with key {project}"));
            MetaError::Database(Arc::new(missing))
        })?;
        Ok(row.get::<i64>("next_run_number")? - 1)
    }

    /// The head of a run, which no other transaction changes before this one ends.
    pub async fn lock_run(&self, key: RunKey) -> Result<Option<RunHead>, MetaError> {
        // SQLite has one writer, and the query builder leaves the lock out for it.
        self.one(head_of(key).lock_exclusive()).await
    }

    /// Locks the runs of a project as [`Tx::lock_run`] does one.
    pub async fn lock_runs_of_project(&self, project: ProjectKey) -> Result<(), MetaError> {
        let select = Query::select()
            .column("run_key")
            .from("runs")
            .and_where(Expr::col("project_key").eq(project.0))
            .order_by("run_key", Order::Asc)
            .lock_exclusive()
            .to_owned();
        self.all_rows("runs", &select).await?;
        Ok(())
    }

    /// Changes a run and moves it to the end of the feed of changes. Returns whether there is such a run.
    pub async fn update_run(
        &self,
        key: RunKey,
        patch: RunPatch,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        let tags = patch.tags.clone().map(without_repetition);
        let mut update = Query::update()
            .table("runs")
            .value("updated_at", micros(now))
            .value("revision", self.revision().await?)
            .and_where(Expr::col("run_key").eq(key.0))
            .to_owned();
        set_columns(&mut update, &patch);
        set(&mut update, "tags", tags.as_deref().map(tags_json));
        if self.execute("runs", &update).await? == 0 {
            return Ok(false);
        }
        let documents = [
            (DocumentKind::Config, patch.config),
            (DocumentKind::Summary, patch.summary),
            (DocumentKind::SdkState, patch.sdk_state),
            (DocumentKind::MetricDefinitions, patch.metric_definitions),
            (DocumentKind::CustomCharts, patch.custom_charts),
            (DocumentKind::Environment, patch.environment),
        ];
        self.put_documents(
            key,
            documents
                .into_iter()
                .filter_map(|(kind, body)| Some((kind, body?))),
        )
        .await?;
        if let Some(tags) = tags {
            let delete = Query::delete()
                .from_table("run_tags")
                .and_where(Expr::col("run_key").eq(key.0))
                .to_owned();
            self.execute("run_tags", &delete).await?;
            self.insert_tags(key, &tags).await?;
        }
        Ok(true)
    }

    async fn put_documents(
        &self,
        run: RunKey,
        documents: impl Iterator<Item = (DocumentKind, String)> + Send,
    ) -> Result<(), MetaError> {
        let mut insert = Query::insert()
            .into_table("run_documents")
            .columns(["run_key", "kind", "body"])
            .to_owned();
        let mut any = false;
        for (kind, body) in documents {
            insert.values_panic([run.0.into(), (kind as i16).into(), text(&body).into()]);
            any = true;
        }
        if any {
            insert.on_conflict(
                OnConflict::columns(["run_key", "kind"])
                    .update_column("body")
                    .to_owned(),
            );
            self.execute("run_documents", &insert).await?;
        }
        Ok(())
    }

    async fn insert_tags(&self, run: RunKey, tags: &[Tag]) -> Result<(), MetaError> {
        for part in tags.chunks(crate::row::LIST_PART) {
            let mut insert = Query::insert()
                .into_table("run_tags")
                .columns(["run_key", "tag"])
                .to_owned();
            for tag in part {
                insert.values_panic([run.0.into(), tag.as_str().into()]);
            }
            self.execute("run_tags", &insert).await?;
        }
        Ok(())
    }

    /// Deletes a run for good with all its rows; generations that a fork still shows go to the fork.
    /// Returns whether there was one.
    ///
    /// The objects are not doomed here: see [`Db::run_object_keys`](crate::Db::run_object_keys).
    pub async fn delete_run_rows(&self, key: RunKey) -> Result<bool, MetaError> {
        if self.lock_run(key).await?.is_none() {
            return Ok(false);
        }
        self.release_runs(Expr::col("run_key").eq(key.0)).await?;
        let delete = Query::delete()
            .from_table("runs")
            .and_where(Expr::col("run_key").eq(key.0))
            .to_owned();
        Ok(self.execute("runs", &delete).await? > 0)
    }

    /// Notes `now` for up to `limit` purged runs of which nothing was noted and that the feed of changes shows to
    /// everyone by now. Returns how many. See [`Tx::forget_purged_runs`].
    pub async fn note_purged_runs(&self, now: Timestamp, limit: u64) -> Result<u64, MetaError> {
        let horizon = self.current_revision().await?;
        let unnoted = Query::select()
            .column("run_key")
            .from("purged_runs")
            .and_where(Expr::col("shown_at").is_null())
            .and_where(Expr::col("revision").lte(horizon.0))
            .limit(limit)
            .to_owned();
        let update = Query::update()
            .table("purged_runs")
            .value("shown_at", micros(now))
            .and_where(Expr::col("run_key").in_subquery(unnoted))
            .to_owned();
        self.execute("purged_runs", &update).await
    }

    /// Takes up to `limit` purged runs that the feed of changes was noted to show before `shown_before` out of it.
    /// Returns how many. Whoever follows the feed and has not come so far does not learn that they are gone.
    pub async fn forget_purged_runs(
        &self,
        shown_before: Timestamp,
        limit: u64,
    ) -> Result<u64, MetaError> {
        let old = Query::select()
            .column("run_key")
            .from("purged_runs")
            .and_where(Expr::col("shown_at").lt(micros(shown_before)))
            .limit(limit)
            .to_owned();
        let delete = Query::delete()
            .from_table("purged_runs")
            .and_where(Expr::col("run_key").in_subquery(old))
            .to_owned();
        self.execute("purged_runs", &delete).await
    }

    /// Prepares the runs that `condition` on `runs` selects for deletion: tells the feed of changes, and hands over
    /// the generations that other runs show. The deletion itself, of run, project or user, takes the rest along.
    pub(crate) async fn release_runs(&self, condition: Expr) -> Result<(), MetaError> {
        let runs = Query::select()
            .column("run_key")
            .from("runs")
            .and_where(condition.clone())
            .to_owned();
        let purged = Query::select()
            .columns(["run_key", "project_key"])
            .expr(self.revision().await?)
            .from("runs")
            .and_where(condition)
            .to_owned();
        let insert = Query::insert()
            .into_table("purged_runs")
            .columns(["run_key", "project_key", "revision"])
            .select_from(purged)
            .expect("as many columns are selected as are inserted")
            .to_owned();
        self.execute("purged_runs", &insert).await?;
        // A fork whose parent goes changes too: it has no parent any more.
        let update = Query::update()
            .table("runs")
            .value("parent_run_key", Option::<i64>::None)
            .value("revision", self.revision().await?)
            .and_where(Expr::col("parent_run_key").in_subquery(runs.clone()))
            .to_owned();
        self.execute("runs", &update).await?;
        self.hand_over_generations(&runs).await
    }
}

/// Puts every field of the patch that has a column of the same kind into the update.
fn set_columns(update: &mut UpdateStatement, patch: &RunPatch) {
    set(
        update,
        "display_name",
        patch.display_name.as_deref().map(text),
    );
    set(
        update,
        "folded_display_name",
        patch.display_name.as_deref().map(folded),
    );
    set(update, "state", patch.state.map(RunState::as_str));
    set(
        update,
        "exit_code",
        patch.exit_code.map(|code| code.map(i64::from)),
    );
    for (column, value) in [
        ("notes", &patch.notes),
        ("run_group", &patch.group),
        ("job_type", &patch.job_type),
        ("host", &patch.host),
        ("git_remote", &patch.git_remote),
        ("git_commit", &patch.git_commit),
        ("program", &patch.program),
        ("sweep", &patch.sweep),
        ("color", &patch.color),
    ] {
        set(
            update,
            column,
            value.as_ref().map(|value| optional_text(value.as_deref())),
        );
    }
    set(
        update,
        "parent_run_key",
        patch.parent.map(|parent| parent.map(|key| key.0)),
    );
    set(update, "parent_step", patch.parent_step);
    set(update, "stop_requested", patch.stop_requested);
    set(update, "heartbeat_at", patch.heartbeat_at.map(micros));
    set(update, "ended_at", patch.ended_at.map(|at| at.map(micros)));
    set(
        update,
        "deleted_at",
        patch.deleted_at.map(|at| at.map(micros)),
    );
    set(update, "history_lines", patch.history_lines.map(int));
    set(update, "system_lines", patch.system_lines.map(int));
    set(update, "console_lines", patch.console_lines.map(int));
    set(update, "n_problems", patch.n_problems.map(int));
}

fn set(update: &mut UpdateStatement, column: &'static str, value: Option<impl Into<Expr>>) {
    if let Some(value) = value {
        update.value(column, value);
    }
}

fn without_repetition(tags: Vec<Tag>) -> Vec<Tag> {
    let mut kept: Vec<Tag> = Vec::with_capacity(tags.len());
    for tag in tags {
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}

fn tags_json(tags: &[Tag]) -> String {
    serde_json::to_string(tags).expect("a list of texts is JSON")
}
