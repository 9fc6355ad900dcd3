//! Reading runs.

use std::collections::HashMap;

use ballast_model::{ProjectKey, RunId, RunKey, Tag, Timestamp, UserKey};
use sea_orm::sea_query::{Expr, ExprTrait as _, LikeExpr, Order, Query, SelectStatement};

use super::{
    DocumentKind, LoggedRun, PurgedRun, Revision, RunChanges, RunDocuments, RunFilter, RunHead,
    RunQuery, RunRecord, live_states,
};
use crate::dialect;
use crate::row::{FromRow, LIST_PART, Row, escaped_pattern, folded, int, micros};
use crate::{Db, MetaError};

const COLUMNS: [&str; 31] = [
    "run_key",
    "project_key",
    "run_id",
    "number",
    "display_name",
    "state",
    "exit_code",
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
    "color",
    "parent_run_key",
    "parent_step",
    "stop_requested",
    "created_at",
    "heartbeat_at",
    "ended_at",
    "deleted_at",
    "updated_at",
    "revision",
    "history_lines",
    "system_lines",
    "console_lines",
    "n_problems",
];

impl FromRow for RunHead {
    const TABLE: &'static str = "runs";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: RunKey(row.get("run_key")?),
            project: ProjectKey(row.get("project_key")?),
            run_id: row.parse("run_id")?,
            number: row.count("number")?,
            display_name: row.get("display_name")?,
            state: row.parse("state")?,
            exit_code: exit_code(row)?,
            notes: row.get("notes")?,
            tags: tags(row)?,
            group: row.get("run_group")?,
            job_type: row.get("job_type")?,
            host: row.get("host")?,
            git_remote: row.get("git_remote")?,
            git_commit: row.get("git_commit")?,
            program: row.get("program")?,
            sweep: row.get("sweep")?,
            user: row.get::<Option<i64>>("user_key")?.map(UserKey),
            color: row.get("color")?,
            parent: row.get::<Option<i64>>("parent_run_key")?.map(RunKey),
            parent_step: row.get("parent_step")?,
            stop_requested: row.get("stop_requested")?,
            created_at: row.time("created_at")?,
            heartbeat_at: row.time("heartbeat_at")?,
            ended_at: row.optional_time("ended_at")?,
            deleted_at: row.optional_time("deleted_at")?,
            updated_at: row.time("updated_at")?,
            revision: Revision(row.get("revision")?),
            history_lines: row.count("history_lines")?,
            system_lines: row.count("system_lines")?,
            console_lines: row.count("console_lines")?,
            n_problems: row.count("n_problems")?,
        })
    }
}

impl FromRow for PurgedRun {
    const TABLE: &'static str = "purged_runs";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            run: RunKey(row.get("run_key")?),
            project: ProjectKey(row.get("project_key")?),
        })
    }
}

fn exit_code(row: &Row) -> Result<Option<i32>, MetaError> {
    row.get::<Option<i64>>("exit_code")?
        .map(|code| i32::try_from(code).map_err(|error| row.corrupt("exit_code", &error)))
        .transpose()
}

fn tags(row: &Row) -> Result<Vec<Tag>, MetaError> {
    let json: String = row.get("tags")?;
    let texts: Vec<String> =
        serde_json::from_str(&json).map_err(|error| row.corrupt("tags", &error))?;
    texts
        .into_iter()
        .map(|text| Tag::new(text).map_err(|error| row.corrupt("tags", &error)))
        .collect()
}

fn select_heads() -> SelectStatement {
    Query::select().columns(COLUMNS).from("runs").to_owned()
}

fn of_project(project: ProjectKey) -> Expr {
    Expr::col("project_key").eq(project.0)
}

/// Narrows a selection from `runs`.
fn apply(filter: &RunFilter, select: &mut SelectStatement) {
    select.and_where(of_project(filter.project));
    let deleted_at = Expr::col("deleted_at");
    select.and_where(if filter.deleted {
        deleted_at.is_not_null()
    } else {
        deleted_at.is_null()
    });
    if let Some(search) = &filter.search {
        let pattern = format!("%{}%", escaped_pattern(&folded(search)));
        let contains =
            |column: &'static str| Expr::col(column).like(LikeExpr::new(&pattern).escape('\\'));
        select.and_where(contains("folded_display_name").or(contains("folded_run_id")));
    }
    if !filter.states.is_empty() {
        select
            .and_where(Expr::col("state").is_in(filter.states.iter().map(|state| state.as_str())));
    }
    for tag in &filter.tags {
        let tagged = Query::select()
            .column("tag")
            .from("run_tags")
            .and_where(Expr::col(("run_tags", "run_key")).equals(("runs", "run_key")))
            .and_where(Expr::col(("run_tags", "tag")).eq(tag.as_str()))
            .to_owned();
        select.and_where(Expr::exists(tagged));
    }
}

/// Rows whose revision is after `since` and not after `until`, by revision.
fn written_between(
    select: &mut SelectStatement,
    since: Revision,
    until: Revision,
) -> &mut SelectStatement {
    select
        .and_where(Expr::col("revision").gt(since.0))
        .and_where(Expr::col("revision").lte(until.0))
        .order_by("revision", Order::Asc)
        .order_by("run_key", Order::Asc)
}

impl Db<'_> {
    /// The run `run_id` of `project`, also if it is in the bin.
    pub async fn lookup_run(
        &self,
        project: ProjectKey,
        run_id: &RunId,
    ) -> Result<Option<RunRecord>, MetaError> {
        match self.lookup_run_head(project, run_id).await? {
            Some(head) => Ok(self.with_documents(vec![head]).await?.pop()),
            None => Ok(None),
        }
    }

    /// The head of the run `run_id` of `project`, also if it is in the bin.
    pub async fn lookup_run_head(
        &self,
        project: ProjectKey,
        run_id: &RunId,
    ) -> Result<Option<RunHead>, MetaError> {
        let mut select = select_heads();
        select.and_where(of_project(project));
        self.one(select.and_where(Expr::col("run_id").eq(run_id.as_str())))
            .await
    }

    /// The run under `key`, also if it is in the bin.
    pub async fn run(&self, key: RunKey) -> Result<Option<RunRecord>, MetaError> {
        match self.run_head(key).await? {
            Some(head) => Ok(self.with_documents(vec![head]).await?.pop()),
            None => Ok(None),
        }
    }

    /// The head of the run under `key`, also if it is in the bin.
    pub async fn run_head(&self, key: RunKey) -> Result<Option<RunHead>, MetaError> {
        self.one(&head_of(key)).await
    }

    /// A page of runs, by number.
    pub async fn list_runs(&self, query: &RunQuery) -> Result<Vec<RunRecord>, MetaError> {
        let mut select = select_heads();
        apply(&query.filter, &mut select);
        if let Some(after) = query.after {
            let number = Expr::col("number");
            let after = int(after);
            select.and_where(if query.newest_first {
                number.lt(after)
            } else {
                number.gt(after)
            });
        }
        let order = if query.newest_first {
            Order::Desc
        } else {
            Order::Asc
        };
        let heads = self
            .all(select.order_by("number", order).limit(query.limit))
            .await?;
        self.with_documents(heads).await
    }

    /// How many runs the filter leaves.
    pub async fn count_runs(&self, filter: &RunFilter) -> Result<u64, MetaError> {
        let mut count = Query::select()
            .expr_as(Expr::col("run_key").count(), "n")
            .from("runs")
            .to_owned();
        apply(filter, &mut count);
        self.number(&count).await
    }

    /// The runs of `project` with these ids, also those in the bin, by number; unknown ids are missing.
    pub async fn runs_by_ids(
        &self,
        project: ProjectKey,
        ids: &[RunId],
    ) -> Result<Vec<RunRecord>, MetaError> {
        let mut heads: Vec<RunHead> = Vec::new();
        for part in ids.chunks(LIST_PART) {
            let mut select = select_heads();
            select.and_where(of_project(project));
            select.and_where(Expr::col("run_id").is_in(part.iter().map(RunId::as_str)));
            heads.extend(self.all::<RunHead>(&select).await?);
        }
        heads.sort_by_key(|head| head.number);
        heads.dedup_by_key(|head| head.number);
        self.with_documents(heads).await
    }

    /// The keys of the runs of `project` with these ids; unknown ids and runs in the bin are missing.
    pub async fn run_keys_by_ids(
        &self,
        project: ProjectKey,
        ids: &[RunId],
    ) -> Result<HashMap<RunId, RunKey>, MetaError> {
        let mut found = HashMap::with_capacity(ids.len());
        for part in ids.chunks(LIST_PART) {
            let select = Query::select()
                .columns(["run_id", "run_key"])
                .from("runs")
                .and_where(of_project(project))
                .and_where(Expr::col("deleted_at").is_null())
                .and_where(Expr::col("run_id").is_in(part.iter().map(RunId::as_str)))
                .to_owned();
            for row in self.all_rows("runs", &select).await? {
                found.insert(row.parse("run_id")?, RunKey(row.get("run_key")?));
            }
        }
        Ok(found)
    }

    /// The runs with these keys, also those in the bin, by key; unknown keys are missing.
    pub async fn runs_by_keys(&self, keys: &[RunKey]) -> Result<Vec<RunRecord>, MetaError> {
        let mut heads: Vec<RunHead> = Vec::new();
        for part in keys.chunks(LIST_PART) {
            let mut select = select_heads();
            heads.extend(
                self.all::<RunHead>(
                    select.and_where(Expr::col("run_key").is_in(part.iter().map(|key| key.0))),
                )
                .await?,
            );
        }
        heads.sort_by_key(|head| head.key);
        heads.dedup_by_key(|head| head.key);
        self.with_documents(heads).await
    }

    /// Every run of `project` that is not in the bin, by number.
    pub async fn all_runs(&self, project: ProjectKey) -> Result<Vec<RunRecord>, MetaError> {
        let mut select = select_heads();
        apply(&RunFilter::all(project), &mut select);
        let heads = self.all(select.order_by("number", Order::Asc)).await?;
        let documents = Query::select()
            .columns(["run_key", "kind", "body"].map(|column| ("run_documents", column)))
            .from("run_documents")
            .inner_join(
                "runs",
                Expr::col(("run_documents", "run_key")).equals(("runs", "run_key")),
            )
            .and_where(of_project(project))
            .and_where(Expr::col("deleted_at").is_null())
            .to_owned();
        let mut by_run = HashMap::with_capacity(heads.len());
        self.add_documents(&documents, &mut by_run).await?;
        Ok(joined(heads, by_run))
    }

    /// Every run of `project` that is not in the bin, by number, with nothing of it but what tells about its keys.
    pub async fn logged_runs(&self, project: ProjectKey) -> Result<Vec<LoggedRun>, MetaError> {
        let is_definitions =
            Expr::col(("run_documents", "kind")).eq(DocumentKind::MetricDefinitions as i16);
        let select = Query::select()
            .columns(["run_key", "run_id", "revision"].map(|column| ("runs", column)))
            .column(("run_documents", "body"))
            .from("runs")
            .left_join(
                "run_documents",
                Expr::col(("run_documents", "run_key"))
                    .equals(("runs", "run_key"))
                    .and(is_definitions),
            )
            .and_where(of_project(project))
            .and_where(Expr::col("deleted_at").is_null())
            .order_by("number", Order::Asc)
            .to_owned();
        self.all(&select).await
    }

    /// The position of a project's last change in the feed; `None` while changes are on their way of which some may
    /// come before it.
    pub async fn project_revision(
        &self,
        project: ProjectKey,
    ) -> Result<Option<Revision>, MetaError> {
        let horizon = self.current_revision().await?;
        let select = Query::select()
            .column("revision")
            .from("runs")
            .and_where(of_project(project))
            .order_by("revision", Order::Desc)
            .limit(1)
            .to_owned();
        let last = match self.one_row("runs", &select).await? {
            Some(row) => Revision(row.get("revision")?),
            None => Revision::default(),
        };
        Ok((last <= horizon).then_some(last))
    }

    /// The live runs whose last heartbeat is before `heartbeat_before`, the longest silent first.
    pub async fn silent_runs(
        &self,
        heartbeat_before: Timestamp,
    ) -> Result<Vec<RunHead>, MetaError> {
        let mut select = select_heads();
        select.and_where(Expr::col("state").is_in(live_states()));
        select.and_where(Expr::col("heartbeat_at").lt(micros(heartbeat_before)));
        self.all(select.order_by("heartbeat_at", Order::Asc)).await
    }

    /// The position up to which every change is visible to reads that start now.
    ///
    /// Whoever keeps a copy of runs takes this first, then reads the runs, then follows
    /// [`Db::runs_changed_since`]: a change may be seen twice, never missed.
    pub async fn current_revision(&self) -> Result<Revision, MetaError> {
        dialect::current_revision(self).await
    }

    /// The runs written and purged after `since`, about `limit` of them.
    ///
    /// Changes made by one transaction are never torn apart, so that there may be more than `limit`.
    pub async fn runs_changed_since(
        &self,
        since: Revision,
        limit: u64,
    ) -> Result<RunChanges, MetaError> {
        let horizon = self.current_revision().await?;
        if horizon <= since {
            return Ok(RunChanges {
                heads: Vec::new(),
                purged: Vec::new(),
                next: horizon,
                more: false,
            });
        }
        // The revision of the last run that the limit lets in.
        let mut last = Query::select().column("revision").from("runs").to_owned();
        written_between(&mut last, since, horizon)
            .limit(1)
            .offset(limit.saturating_sub(1));
        let next = match self.one_row("runs", &last).await? {
            Some(row) => Revision(row.get("revision")?),
            None => horizon,
        };
        let heads = self
            .all(written_between(&mut select_heads(), since, next))
            .await?;
        let mut purged = Query::select()
            .columns(["run_key", "project_key"])
            .from("purged_runs")
            .to_owned();
        let purged = self.all(written_between(&mut purged, since, next)).await?;
        Ok(RunChanges {
            heads,
            purged,
            next,
            more: next < horizon,
        })
    }

    pub(super) async fn with_documents(
        &self,
        heads: Vec<RunHead>,
    ) -> Result<Vec<RunRecord>, MetaError> {
        let mut by_run = HashMap::with_capacity(heads.len());
        for part in heads.chunks(LIST_PART) {
            let select = Query::select()
                .columns(["run_key", "kind", "body"])
                .from("run_documents")
                .and_where(Expr::col("run_key").is_in(part.iter().map(|head| head.key.0)))
                .to_owned();
            self.add_documents(&select, &mut by_run).await?;
        }
        Ok(joined(heads, by_run))
    }

    async fn add_documents(
        &self,
        select: &SelectStatement,
        by_run: &mut HashMap<RunKey, RunDocuments>,
    ) -> Result<(), MetaError> {
        for row in self.all_rows("run_documents", select).await? {
            let code: i16 = row.get("kind")?;
            let kind = DocumentKind::ALL
                .into_iter()
                .find(|kind| *kind as i16 == code)
                .ok_or_else(|| row.corrupt("kind", &format!("no document has number {code}")))?;
            *by_run
                .entry(RunKey(row.get("run_key")?))
                .or_default()
                .of_kind(kind) = row.get("body")?;
        }
        Ok(())
    }
}

impl FromRow for LoggedRun {
    const TABLE: &'static str = "runs";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: RunKey(row.get("run_key")?),
            run_id: row.parse("run_id")?,
            revision: Revision(row.get("revision")?),
            metric_definitions: row.get::<Option<String>>("body")?.unwrap_or_default(),
        })
    }
}

pub(super) fn head_of(key: RunKey) -> SelectStatement {
    select_heads()
        .and_where(Expr::col("run_key").eq(key.0))
        .to_owned()
}

fn joined(heads: Vec<RunHead>, mut by_run: HashMap<RunKey, RunDocuments>) -> Vec<RunRecord> {
    heads
        .into_iter()
        .map(|head| RunRecord {
            documents: by_run.remove(&head.key).unwrap_or_default(),
            head,
        })
        .collect()
}
