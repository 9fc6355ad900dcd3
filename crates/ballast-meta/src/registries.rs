//! Registries: projects of organizations that hold links, and in which users and teams have roles of their own.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use ballast_model::{
    ArtifactAlias, ArtifactTypeName, EntityKey, EntityName, ProjectKey, ProjectName,
    REGISTRY_PREFIX, Role, Timestamp, UserKey,
};
use sea_orm::sea_query::{
    Expr, ExprTrait as _, LikeExpr, OnConflict, Order, Query, SelectStatement, UnionType,
};

use crate::projects::select_projects;
use crate::row::{FromRow, LIST_PART, Row, escaped_pattern, micros, text};
use crate::teams::{number, role_code};
use crate::{Db, MemberRecord, MetaError, ProjectAccess, ProjectRecord, Tx};

/// A team in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectTeamRecord {
    /// The team.
    pub team: EntityKey,
    /// The team's name.
    pub name: EntityName,
    /// What its members may do in the registry, whatever their role in the team.
    pub role: Role,
    /// How many members the team has.
    pub n_members: u64,
}

/// What a registry adds up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegistryFigures {
    /// How many collections it has.
    pub n_collections: u64,
    /// How many versions are linked into them.
    pub n_versions: u64,
    /// How many users may see it.
    pub n_members: u64,
}

/// What to change about a registry. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryPatch {
    /// Another name of the project.
    pub name: Option<ProjectName>,
    /// What it is about.
    pub description: Option<String>,
    /// Whom the organization lets in.
    pub access: Option<ProjectAccess>,
    /// Whether it takes artifacts of every type.
    pub allow_all_artifact_types: Option<bool>,
}

impl FromRow for ProjectTeamRecord {
    const TABLE: &'static str = "project_teams";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            team: EntityKey(row.get("team_key")?),
            name: row.parse("name")?,
            role: row.role("role")?,
            n_members: row.count("n_members")?,
        })
    }
}

impl Db<'_> {
    /// The registries of an organization, by name.
    pub async fn list_registries(
        &self,
        organization: EntityKey,
    ) -> Result<Vec<ProjectRecord>, MetaError> {
        let pattern = format!("{}%", escaped_pattern(REGISTRY_PREFIX));
        let mut select = select_projects();
        select
            .and_where(Expr::col("entity_key").eq(organization.0))
            .and_where(Expr::col("name").like(LikeExpr::new(pattern).escape('\\')))
            .order_by("name", Order::Asc);
        self.all(&select).await
    }

    /// The artifact types that registries name, in byte order; registries that name none are missing.
    pub async fn registry_artifact_types(
        &self,
        projects: &[ProjectKey],
    ) -> Result<HashMap<ProjectKey, Vec<ArtifactTypeName>>, MetaError> {
        self.names_in_registries(("registry_artifact_types", "name"), projects)
            .await
    }

    /// The aliases that registries protect, in byte order; registries that protect none are missing.
    pub async fn protected_aliases(
        &self,
        projects: &[ProjectKey],
    ) -> Result<HashMap<ProjectKey, Vec<ArtifactAlias>>, MetaError> {
        self.names_in_registries(("registry_protected_aliases", "alias"), projects)
            .await
    }

    async fn names_in_registries<T: FromStr<Err: Display>>(
        &self,
        (table, column): (&'static str, &'static str),
        projects: &[ProjectKey],
    ) -> Result<HashMap<ProjectKey, Vec<T>>, MetaError> {
        let mut names: HashMap<_, Vec<T>> = HashMap::new();
        for part in projects.chunks(LIST_PART) {
            let select = Query::select()
                .columns(["project_key", column])
                .from(table)
                .and_where(Expr::col("project_key").is_in(part.iter().map(|key| key.0)))
                .order_by(column, Order::Asc)
                .to_owned();
            for row in self.all_rows(table, &select).await? {
                let project = ProjectKey(row.get("project_key")?);
                names.entry(project).or_default().push(row.parse(column)?);
            }
        }
        Ok(names)
    }

    /// The users who have a role in a registry by themselves, by name.
    pub async fn list_project_members(
        &self,
        project: ProjectKey,
    ) -> Result<Vec<MemberRecord>, MetaError> {
        let select = Query::select()
            .column(("project_members", "user_key"))
            .expr_as(number(Expr::col(("project_members", "role"))), "role")
            .column(("project_members", "created_at"))
            .column(("users", "username"))
            .column(("users", "email"))
            .from("project_members")
            .inner_join(
                "users",
                Expr::col(("users", "user_key")).equals(("project_members", "user_key")),
            )
            .and_where(Expr::col(("project_members", "project_key")).eq(project.0))
            .order_by(("users", "folded_username"), Order::Asc)
            .to_owned();
        self.all(&select).await
    }

    /// The teams that have a role in a registry, by name.
    pub async fn list_project_teams(
        &self,
        project: ProjectKey,
    ) -> Result<Vec<ProjectTeamRecord>, MetaError> {
        let members = Query::select()
            .expr(Expr::col("user_key").count())
            .from("members")
            .and_where(Expr::col(("members", "entity_key")).equals(("project_teams", "team_key")))
            .to_owned();
        let select = Query::select()
            .column(("project_teams", "team_key"))
            .expr_as(number(Expr::col(("project_teams", "role"))), "role")
            .column(("entities", "name"))
            .expr_as(Expr::from(members), "n_members")
            .from("project_teams")
            .inner_join(
                "entities",
                Expr::col(("entities", "entity_key")).equals(("project_teams", "team_key")),
            )
            .and_where(Expr::col(("project_teams", "project_key")).eq(project.0))
            .order_by(("entities", "folded_name"), Order::Asc)
            .to_owned();
        self.all(&select).await
    }

    /// What registries add up to; those with nothing in them are missing.
    pub async fn registry_figures(
        &self,
        projects: &[ProjectKey],
    ) -> Result<HashMap<ProjectKey, RegistryFigures>, MetaError> {
        let mut figures: HashMap<ProjectKey, RegistryFigures> = HashMap::new();
        for part in projects.chunks(LIST_PART) {
            let keys: Vec<i64> = part.iter().map(|key| key.0).collect();
            let collections = Query::select()
                .column("project_key")
                .expr_as(Expr::col("collection_key").count(), "n")
                .from("artifact_collections")
                .and_where(Expr::col("project_key").is_in(keys.iter().copied()))
                .and_where(Expr::col("live_name").is_not_null())
                .group_by_col("project_key")
                .to_owned();
            let project = ("artifact_collections", "project_key");
            let versions = Query::select()
                .column(project)
                .expr_as(
                    Expr::col(("artifact_memberships", "membership_key")).count(),
                    "n",
                )
                .from("artifact_collections")
                .inner_join(
                    "artifact_memberships",
                    Expr::col(("artifact_memberships", "collection_key"))
                        .equals(("artifact_collections", "collection_key")),
                )
                .and_where(Expr::col(project).is_in(keys.iter().copied()))
                .group_by_col(project)
                .to_owned();
            let members = Query::select()
                .column("project_key")
                .expr_as(Expr::col("user_key").count_distinct(), "n")
                .from_subquery(who_sees(&keys), "who_sees")
                .group_by_col("project_key")
                .to_owned();
            let counts: [(_, Put); 3] = [
                (collections, |figures, n| figures.n_collections = n),
                (versions, |figures, n| figures.n_versions = n),
                (members, |figures, n| figures.n_members = n),
            ];
            for (select, put) in counts {
                for row in self.all_rows("projects", &select).await? {
                    let project = ProjectKey(row.get("project_key")?);
                    put(figures.entry(project).or_default(), row.count("n")?);
                }
            }
        }
        Ok(figures)
    }
}

/// Notes a count.
type Put = fn(&mut RegistryFigures, u64);

/// The users who may see each of these registries: by themselves, by a team, or by their organization.
fn who_sees(projects: &[i64]) -> SelectStatement {
    let mut by_themselves = Query::select();
    by_themselves
        .columns(["project_key", "user_key"])
        .from("project_members")
        .and_where(Expr::col("project_key").is_in(projects.iter().copied()));
    let by_team = Query::select()
        .column(("project_teams", "project_key"))
        .column(("members", "user_key"))
        .from("project_teams")
        .inner_join(
            "members",
            Expr::col(("members", "entity_key")).equals(("project_teams", "team_key")),
        )
        .and_where(Expr::col(("project_teams", "project_key")).is_in(projects.iter().copied()))
        .to_owned();
    let is_open = Expr::col(("projects", "access"))
        .ne(ProjectAccess::Restricted as i16)
        .or(Expr::col(("members", "role")).eq(role_code(Role::Admin)));
    let by_organization = Query::select()
        .column(("projects", "project_key"))
        .column(("members", "user_key"))
        .from("projects")
        .inner_join(
            "members",
            Expr::col(("members", "entity_key")).equals(("projects", "entity_key")),
        )
        .and_where(Expr::col(("projects", "project_key")).is_in(projects.iter().copied()))
        .and_where(is_open)
        .to_owned();
    by_themselves
        .union(UnionType::All, by_team)
        .union(UnionType::All, by_organization)
        .to_owned()
}

impl Tx<'_> {
    /// Keeps a project's settings and roles from being changed by others until the transaction ends. Returns the
    /// project, or `None` if it is gone.
    pub async fn lock_project(&self, key: ProjectKey) -> Result<Option<ProjectRecord>, MetaError> {
        let mut select = select_projects();
        select.and_where(Expr::col("project_key").eq(key.0));
        self.one(select.lock_exclusive()).await
    }

    /// Changes a registry. Returns whether there is such a project.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the organization has another project of the new name.
    pub async fn update_registry(
        &self,
        key: ProjectKey,
        patch: RegistryPatch,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        let mut update = Query::update()
            .table("projects")
            .value("updated_at", micros(now))
            .and_where(Expr::col("project_key").eq(key.0))
            .to_owned();
        if let Some(name) = &patch.name {
            update.value("name", name.as_str());
        }
        if let Some(description) = &patch.description {
            update.value("description", text(description));
        }
        if let Some(access) = patch.access {
            update.value("access", access as i16);
        }
        if let Some(allow_all) = patch.allow_all_artifact_types {
            update.value("allow_all_artifact_types", allow_all);
        }
        Ok(self.execute("projects", &update).await? > 0)
    }

    /// Adds artifact types that a registry takes; those that it names already stay.
    pub async fn add_registry_artifact_types(
        &self,
        project: ProjectKey,
        types: &[ArtifactTypeName],
    ) -> Result<(), MetaError> {
        for name in types {
            let insert = Query::insert()
                .into_table("registry_artifact_types")
                .columns(["project_key", "name"])
                .values_panic([project.0.into(), name.as_str().into()])
                .on_conflict(
                    OnConflict::columns(["project_key", "name"])
                        .do_nothing()
                        .to_owned(),
                )
                .to_owned();
            self.execute("registry_artifact_types", &insert).await?;
        }
        Ok(())
    }

    /// Makes these the aliases that a registry protects.
    pub async fn set_protected_aliases(
        &self,
        project: ProjectKey,
        aliases: &[ArtifactAlias],
    ) -> Result<(), MetaError> {
        let table = "registry_protected_aliases";
        let delete = Query::delete()
            .from_table(table)
            .and_where(Expr::col("project_key").eq(project.0))
            .to_owned();
        self.execute(table, &delete).await?;
        for alias in aliases {
            let insert = Query::insert()
                .into_table(table)
                .columns(["project_key", "alias"])
                .values_panic([project.0.into(), alias.as_str().into()])
                .on_conflict(
                    OnConflict::columns(["project_key", "alias"])
                        .do_nothing()
                        .to_owned(),
                )
                .to_owned();
            self.execute(table, &insert).await?;
        }
        Ok(())
    }

    /// Gives a user a role in a registry, instead of the one that they may have; with `keep`, that one stays.
    pub async fn put_project_member(
        &self,
        project: ProjectKey,
        user: UserKey,
        role: Role,
        keep: bool,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let place = ("project_members", "user_key");
        self.put_project_role(place, (project, user.0), role, keep, now)
            .await
    }

    /// Takes a user's own role in a registry away. Returns whether they had one.
    pub async fn delete_project_member(
        &self,
        project: ProjectKey,
        user: UserKey,
    ) -> Result<bool, MetaError> {
        self.delete_project_role(("project_members", "user_key"), project, user.0)
            .await
    }

    /// Gives a team a role in a registry, instead of the one that it may have; with `keep`, that one stays.
    pub async fn put_project_team(
        &self,
        project: ProjectKey,
        team: EntityKey,
        role: Role,
        keep: bool,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let place = ("project_teams", "team_key");
        self.put_project_role(place, (project, team.0), role, keep, now)
            .await
    }

    /// Takes a team's role in a registry away. Returns whether it had one.
    pub async fn delete_project_team(
        &self,
        project: ProjectKey,
        team: EntityKey,
    ) -> Result<bool, MetaError> {
        self.delete_project_role(("project_teams", "team_key"), project, team.0)
            .await
    }

    async fn put_project_role(
        &self,
        (table, column): (&'static str, &'static str),
        (project, holder): (ProjectKey, i64),
        role: Role,
        keep: bool,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let mut conflict = OnConflict::columns(["project_key", column]);
        if keep {
            conflict.do_nothing();
        } else {
            conflict.update_column("role");
        }
        let insert = Query::insert()
            .into_table(table)
            .columns(["project_key", column, "role", "created_at"])
            .values_panic([
                project.0.into(),
                holder.into(),
                role_code(role).into(),
                micros(now).into(),
            ])
            .on_conflict(conflict)
            .to_owned();
        self.execute(table, &insert).await?;
        Ok(())
    }

    async fn delete_project_role(
        &self,
        (table, column): (&'static str, &'static str),
        project: ProjectKey,
        holder: i64,
    ) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table(table)
            .and_where(Expr::col("project_key").eq(project.0))
            .and_where(Expr::col(column).eq(holder))
            .to_owned();
        Ok(self.execute(table, &delete).await? > 0)
    }
}
