//! Projects of entities.

use ballast_model::{EntityKey, ProjectKey, ProjectName, Timestamp};
use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, OnConflict, Order, Query, SelectStatement};

use crate::row::{FromRow, Row, micros, text};
use crate::runs::live_states;
use crate::{Db, MetaError, Tx};

/// How many days [`ProjectOverview::activity`] covers.
pub const ACTIVITY_DAYS: usize = 30;

/// Whom the organization of a registry lets in. Other projects are [`ProjectAccess::Private`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProjectAccess {
    /// Every member of the owner, with the role that they have there.
    Private = 0,
    /// Admins of the owner; others only by a role in the project itself.
    Restricted = 1,
}

/// A stored project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRecord {
    /// The storage key.
    pub key: ProjectKey,
    /// The owner.
    pub entity: EntityKey,
    /// The name in URLs, unique in the entity.
    pub name: ProjectName,
    /// What it is about; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings were last changed; for most projects, when it was made.
    pub updated_at: Timestamp,
    /// The number that its next run gets; the first run has 1.
    pub next_run_number: u64,
    /// Whom its owner lets in.
    pub access: ProjectAccess,
    /// Whether a registry takes artifacts of every type, or only of those that are listed.
    pub allow_all_artifact_types: bool,
}

/// A project with figures of its runs. Runs in the bin do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectOverview {
    /// The project.
    pub project: ProjectRecord,
    /// How many runs it has.
    pub n_runs: u64,
    /// How many of them are live.
    pub n_live_runs: u64,
    /// The latest heartbeat of its runs.
    pub last_activity_at: Option<Timestamp>,
    /// Runs made per day (UTC), oldest day first; the last is the day of `now`.
    pub activity: [u32; ACTIVITY_DAYS],
}

impl FromRow for ProjectRecord {
    const TABLE: &'static str = "projects";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ProjectKey(row.get("project_key")?),
            entity: EntityKey(row.get("entity_key")?),
            name: row.parse("name")?,
            description: row.get("description")?,
            created_at: row.time("created_at")?,
            updated_at: match row.optional_time("updated_at")? {
                Some(updated_at) => updated_at,
                None => row.time("created_at")?,
            },
            next_run_number: row.count("next_run_number")?,
            access: match row.get::<i16>("access")? {
                0 => ProjectAccess::Private,
                1 => ProjectAccess::Restricted,
                other => return Err(row.corrupt("access", &other)),
            },
            allow_all_artifact_types: row.get("allow_all_artifact_types")?,
        })
    }
}

pub(crate) fn select_projects() -> SelectStatement {
    Query::select()
        .columns([
            "project_key",
            "entity_key",
            "name",
            "description",
            "created_at",
            "updated_at",
            "next_run_number",
            "access",
            "allow_all_artifact_types",
        ])
        .from("projects")
        .to_owned()
}

/// What a project's runs add up to.
#[derive(Default)]
struct Figures {
    n_runs: u64,
    n_live_runs: u64,
    last_activity_at: Option<Timestamp>,
    activity: [u32; ACTIVITY_DAYS],
}

impl Db<'_> {
    /// The project `name` of `entity`.
    pub async fn lookup_project(
        &self,
        entity: EntityKey,
        name: &ProjectName,
    ) -> Result<Option<ProjectRecord>, MetaError> {
        let mut select = select_projects();
        select.and_where(Expr::col("entity_key").eq(entity.0));
        self.one(select.and_where(Expr::col("name").eq(name.as_str())))
            .await
    }

    /// The project under `key`.
    pub async fn project(&self, key: ProjectKey) -> Result<Option<ProjectRecord>, MetaError> {
        self.one(select_projects().and_where(Expr::col("project_key").eq(key.0)))
            .await
    }

    /// The projects of `entity` with their figures, by name.
    pub async fn list_projects(
        &self,
        entity: EntityKey,
        now: Timestamp,
    ) -> Result<Vec<ProjectOverview>, MetaError> {
        let mut select = select_projects();
        select
            .and_where(Expr::col("entity_key").eq(entity.0))
            .order_by("name", Order::Asc);
        let projects = self.all(&select).await?;
        self.with_figures(projects, now).await
    }

    /// The figures of one project.
    pub async fn project_overview(
        &self,
        key: ProjectKey,
        now: Timestamp,
    ) -> Result<Option<ProjectOverview>, MetaError> {
        let project = self.project(key).await?;
        Ok(self
            .with_figures(project.into_iter().collect(), now)
            .await?
            .pop())
    }

    async fn with_figures(
        &self,
        projects: Vec<ProjectRecord>,
        now: Timestamp,
    ) -> Result<Vec<ProjectOverview>, MetaError> {
        let mut figures: HashMap<ProjectKey, Figures> = HashMap::new();
        let keys: Vec<i64> = projects.iter().map(|project| project.key.0).collect();
        for keys in keys.chunks(crate::row::LIST_PART) {
            self.add_totals(keys, &mut figures).await?;
            self.add_activity(keys, now, &mut figures).await?;
        }
        let overview = |project: ProjectRecord| {
            let Figures {
                n_runs,
                n_live_runs,
                last_activity_at,
                activity,
            } = figures.remove(&project.key).unwrap_or_default();
            ProjectOverview {
                project,
                n_runs,
                n_live_runs,
                last_activity_at,
                activity,
            }
        };
        Ok(projects.into_iter().map(overview).collect())
    }

    async fn add_totals(
        &self,
        projects: &[i64],
        figures: &mut HashMap<ProjectKey, Figures>,
    ) -> Result<(), MetaError> {
        let is_live = Expr::case(Expr::col("state").is_in(live_states()), 1).finally(0);
        let select = Query::select()
            .column("project_key")
            .expr_as(Expr::col("run_key").count(), "n_runs")
            .expr_as(Func::sum(is_live).cast_as("bigint"), "n_live_runs")
            .expr_as(Expr::col("heartbeat_at").max(), "last_activity_at")
            .from("runs")
            .and_where(Expr::col("project_key").is_in(projects.iter().copied()))
            .and_where(Expr::col("deleted_at").is_null())
            .group_by_col("project_key")
            .to_owned();
        for row in self.all_rows("runs", &select).await? {
            let figures = figures
                .entry(ProjectKey(row.get("project_key")?))
                .or_default();
            figures.n_runs = row.count("n_runs")?;
            figures.n_live_runs = row.count("n_live_runs")?;
            figures.last_activity_at = row.optional_time("last_activity_at")?;
        }
        Ok(())
    }

    async fn add_activity(
        &self,
        projects: &[i64],
        now: Timestamp,
        figures: &mut HashMap<ProjectKey, Figures>,
    ) -> Result<(), MetaError> {
        const DAY: i64 = 86_400_000_000;
        let today = micros(now).div_euclid(DAY);
        let first_day = today + 1 - ACTIVITY_DAYS as i64;
        let select = Query::select()
            .column("project_key")
            // Spelled out, since PostgreSQL would not take a parameter for the same expression in both places.
            .expr_as(Expr::cust("created_at / 86400000000"), "day")
            .expr_as(Expr::col("run_key").count(), "n")
            .from("runs")
            .and_where(Expr::col("project_key").is_in(projects.iter().copied()))
            .and_where(Expr::col("deleted_at").is_null())
            .and_where(Expr::col("created_at").gte(first_day * DAY))
            .and_where(Expr::col("created_at").lt((today + 1) * DAY))
            .group_by_col("project_key")
            .add_group_by([Expr::cust("created_at / 86400000000")])
            .to_owned();
        for row in self.all_rows("runs", &select).await? {
            let figures = figures
                .entry(ProjectKey(row.get("project_key")?))
                .or_default();
            let day = row.get::<i64>("day")? - first_day;
            if let Some(n_runs) = usize::try_from(day)
                .ok()
                .and_then(|day| figures.activity.get_mut(day))
            {
                *n_runs = u32::try_from(row.count("n")?).unwrap_or(u32::MAX);
            }
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// The project `name` of `entity`, made now if it is not there. The flag tells whether it was made.
    pub async fn insert_project_if_absent(
        &self,
        entity: EntityKey,
        name: &ProjectName,
        now: Timestamp,
    ) -> Result<(ProjectRecord, bool), MetaError> {
        // Most often it is there, and a look costs less than a refused insert.
        if let Some(project) = self.lookup_project(entity, name).await? {
            return Ok((project, false));
        }
        let insert = Query::insert()
            .into_table("projects")
            .columns([
                "entity_key",
                "name",
                "description",
                "created_at",
                "next_run_number",
            ])
            .values_panic([
                entity.0.into(),
                name.as_str().into(),
                "".into(),
                micros(now).into(),
                1_i64.into(),
            ])
            .on_conflict(
                OnConflict::columns(["entity_key", "name"])
                    .do_nothing()
                    .to_owned(),
            )
            .to_owned();
        let inserted = self.execute("projects", &insert).await? > 0;
        let project = self.lookup_project(entity, name).await?;
        Ok((
            project.expect("the project was there or has just been made"),
            inserted,
        ))
    }

    /// Sets the description. Returns whether there is such a project.
    pub async fn update_project(
        &self,
        key: ProjectKey,
        description: &str,
    ) -> Result<bool, MetaError> {
        let update = Query::update()
            .table("projects")
            .value("description", text(description))
            .and_where(Expr::col("project_key").eq(key.0))
            .to_owned();
        Ok(self.execute("projects", &update).await? > 0)
    }

    /// Deletes a project with its runs for good. Returns whether there was one.
    ///
    /// The objects are not doomed here: see [`Db::project_object_keys`].
    pub async fn delete_project(&self, key: ProjectKey) -> Result<bool, MetaError> {
        self.release_runs(Expr::col("project_key").eq(key.0))
            .await?;
        let delete = Query::delete()
            .from_table("projects")
            .and_where(Expr::col("project_key").eq(key.0))
            .to_owned();
        Ok(self.execute("projects", &delete).await? > 0)
    }
}
