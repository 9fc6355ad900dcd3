//! Teams, organizations and their members, and what a user is granted by them.

use std::collections::HashMap;

use ballast_model::{
    EntityKey, EntityKind, EntityName, ProjectKey, REGISTRY_PREFIX, Role, Timestamp, UserKey,
};
use sea_orm::sea_query::{
    Expr, ExprTrait as _, Func, OnConflict, Order, Query, SelectStatement, UnionType,
};

use crate::people::{EntityRecord, UserRecord};
use crate::row::{FromRow, LIST_PART, Row, folded, micros};
use crate::{Db, MetaError, Tx};

/// An entity to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntity {
    /// The name in URLs, which no other entity has, in any case.
    pub name: EntityName,
    /// What it is.
    pub kind: EntityKind,
    /// The organization, of a team that has one.
    pub organization: Option<EntityKey>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A user in a team or an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// The user.
    pub user: UserKey,
    /// The name that the user signs in with.
    pub username: EntityName,
    /// The user's address; may be empty.
    pub email: String,
    /// What the user may do.
    pub role: Role,
    /// Since when the user is a member.
    pub created_at: Timestamp,
}

/// What a team or an organization adds up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntityFigures {
    /// How many members it has.
    pub n_members: u64,
    /// How many teams it has.
    pub n_teams: u64,
    /// How many projects it has, registries among them.
    pub n_projects: u64,
    /// How many of them are registries.
    pub n_registries: u64,
}

/// Everything that a user may do beyond what everybody may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// The entities that the user belongs to, the user's own first, each once with the greatest role. An admin of an
    /// organization is one of its teams, too.
    pub entities: Vec<(EntityRecord, Role)>,
    /// The greatest role that the user has in a registry, by themselves or by a team.
    pub projects: HashMap<ProjectKey, Role>,
    /// The registries of the user's organizations that the organization's own roles do not open.
    pub restricted: Vec<ProjectKey>,
}

/// The role behind a number of the database.
pub(crate) fn role_of_code(code: i64) -> Option<Role> {
    match code {
        1 => Some(Role::RestrictedViewer),
        2 => Some(Role::Viewer),
        3 => Some(Role::Member),
        4 => Some(Role::Admin),
        _ => None,
    }
}

/// The number of a role in the database. The numbers are in the order of the roles.
pub(crate) fn role_code(role: Role) -> i16 {
    match role {
        Role::RestrictedViewer => 1,
        Role::Viewer => 2,
        Role::Member => 3,
        Role::Admin => 4,
    }
}

fn kind_code(kind: EntityKind) -> i16 {
    match kind {
        EntityKind::User => 0,
        EntityKind::Team => 1,
        EntityKind::Organization => 2,
    }
}

impl FromRow for EntityRecord {
    const TABLE: &'static str = "entities";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: EntityKey(row.get("entity_key")?),
            name: row.parse("name")?,
            kind: match row.get::<i64>("kind")? {
                0 => EntityKind::User,
                1 => EntityKind::Team,
                2 => EntityKind::Organization,
                other => return Err(row.corrupt("kind", &other)),
            },
            organization: row.get::<Option<i64>>("organization_key")?.map(EntityKey),
            created_at: row.time("created_at")?,
        })
    }
}

impl FromRow for MemberRecord {
    const TABLE: &'static str = "members";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            user: UserKey(row.get("user_key")?),
            username: row.parse("username")?,
            email: row.get("email")?,
            role: row.role("role")?,
            created_at: row.time("created_at")?,
        })
    }
}

impl Row {
    /// A role that was selected by [`number`].
    pub(crate) fn role(&self, column: &'static str) -> Result<Role, MetaError> {
        let code: i64 = self.get(column)?;
        role_of_code(code).ok_or_else(|| self.corrupt(column, &code))
    }
}

/// A small number as a large one, so that the parts of a union agree.
pub(crate) fn number(expr: impl Into<Expr>) -> Expr {
    expr.into().cast_as("bigint")
}

fn select_entities() -> SelectStatement {
    let mut select = Query::select();
    for column in ["entity_key", "name", "organization_key", "created_at"] {
        select.column(("entities", column));
    }
    select
        .expr_as(number(Expr::col(("entities", "kind"))), "kind")
        .from("entities")
        .to_owned()
}

/// One part of [`Db::grants_of`] that finds entities, in the order of the union's columns.
fn granted_entities(role: Expr) -> SelectStatement {
    Query::select()
        .expr_as(number(Expr::val(0_i32)), "part")
        .expr_as(Expr::col(("entities", "entity_key")), "entity_key")
        .expr_as(Expr::col(("entities", "name")), "name")
        .expr_as(number(Expr::col(("entities", "kind"))), "kind")
        .expr_as(
            Expr::col(("entities", "organization_key")),
            "organization_key",
        )
        .expr_as(Expr::col(("entities", "created_at")), "created_at")
        .expr_as(number(role), "role")
        .from("entities")
        .to_owned()
}

/// One part of [`Db::grants_of`] that finds projects.
fn granted_projects(table: &'static str, part: i32, role: Expr) -> SelectStatement {
    Query::select()
        .expr_as(number(Expr::val(part)), "part")
        .expr_as(Expr::col((table, "project_key")), "entity_key")
        .expr_as(Expr::val("").cast_as("text"), "name")
        .expr_as(number(Expr::val(0_i32)), "kind")
        .expr_as(Expr::cust("CAST(NULL AS bigint)"), "organization_key")
        .expr_as(number(Expr::val(0_i32)), "created_at")
        .expr_as(number(role), "role")
        .from(table)
        .to_owned()
}

/// Notes a count.
type Put = fn(&mut EntityFigures, u64);

impl Db<'_> {
    /// The entity `name`, in any case.
    pub async fn lookup_entity(
        &self,
        name: &EntityName,
    ) -> Result<Option<EntityRecord>, MetaError> {
        let condition = Expr::col("folded_name").eq(folded(name.as_str()));
        self.one(select_entities().and_where(condition)).await
    }

    /// The entity under `key`.
    pub async fn entity(&self, key: EntityKey) -> Result<Option<EntityRecord>, MetaError> {
        let condition = Expr::col("entity_key").eq(key.0);
        self.one(select_entities().and_where(condition)).await
    }

    /// Every entity of a kind, by name.
    pub async fn list_entities(&self, kind: EntityKind) -> Result<Vec<EntityRecord>, MetaError> {
        let mut select = select_entities();
        select
            .and_where(Expr::col("kind").eq(kind_code(kind)))
            .order_by("folded_name", Order::Asc);
        self.all(&select).await
    }

    /// The teams of an organization, by name.
    pub async fn teams_of(&self, organization: EntityKey) -> Result<Vec<EntityRecord>, MetaError> {
        let mut select = select_entities();
        select
            .and_where(Expr::col("organization_key").eq(organization.0))
            .order_by("folded_name", Order::Asc);
        self.all(&select).await
    }

    /// The names of entities; unknown ones are missing.
    pub async fn entity_names(
        &self,
        keys: impl IntoIterator<Item = EntityKey>,
    ) -> Result<HashMap<EntityKey, EntityName>, MetaError> {
        let mut keys: Vec<i64> = keys.into_iter().map(|key| key.0).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut names = HashMap::with_capacity(keys.len());
        for part in keys.chunks(LIST_PART) {
            let mut select = select_entities();
            select.and_where(Expr::col("entity_key").is_in(part.iter().copied()));
            let found: Vec<EntityRecord> = self.all(&select).await?;
            names.extend(found.into_iter().map(|entity| (entity.key, entity.name)));
        }
        Ok(names)
    }

    /// What `user` is granted: one statement, whatever the user belongs to.
    pub async fn grants_of(&self, user: UserKey) -> Result<Grants, MetaError> {
        let members_of_user = |select: &mut SelectStatement| {
            select.and_where(Expr::col(("members", "user_key")).eq(user.0));
        };
        let admin = || Expr::val(role_code(Role::Admin));
        let mut own = granted_entities(admin());
        own.inner_join(
            "users",
            Expr::col(("users", "entity_key")).equals(("entities", "entity_key")),
        )
        .and_where(Expr::col(("users", "user_key")).eq(user.0));

        let mut joined = granted_entities(Expr::col(("members", "role")));
        joined.inner_join(
            "members",
            Expr::col(("members", "entity_key")).equals(("entities", "entity_key")),
        );
        members_of_user(&mut joined);

        let mut administered = granted_entities(admin());
        administered
            .inner_join(
                "members",
                Expr::col(("members", "entity_key")).equals(("entities", "organization_key")),
            )
            .and_where(Expr::col(("members", "role")).eq(role_code(Role::Admin)));
        members_of_user(&mut administered);

        let mut own_projects =
            granted_projects("project_members", 1, Expr::col(("project_members", "role")));
        own_projects.and_where(Expr::col(("project_members", "user_key")).eq(user.0));

        let mut team_projects =
            granted_projects("project_teams", 1, Expr::col(("project_teams", "role")));
        team_projects.inner_join(
            "members",
            Expr::col(("members", "entity_key")).equals(("project_teams", "team_key")),
        );
        members_of_user(&mut team_projects);

        let mut restricted = granted_projects("projects", 2, Expr::val(0_i32));
        restricted
            .inner_join(
                "members",
                Expr::col(("members", "entity_key")).equals(("projects", "entity_key")),
            )
            .and_where(
                Expr::col(("projects", "access")).eq(crate::ProjectAccess::Restricted as i16),
            );
        members_of_user(&mut restricted);

        for part in [
            joined,
            administered,
            own_projects,
            team_projects,
            restricted,
        ] {
            own.union(UnionType::All, part);
        }
        let mut grants = Grants::default();
        let mut places: HashMap<EntityKey, usize> = HashMap::new();
        for row in self.all_rows("members", &own).await? {
            match row.get::<i64>("part")? {
                0 => {
                    let role = row.role("role")?;
                    let (entity, _): (EntityRecord, _) = row.read()?;
                    let place = *places
                        .entry(entity.key)
                        .or_insert_with(|| grants.entities.len());
                    match grants.entities.get_mut(place) {
                        Some((_, known)) => *known = role.max(*known),
                        None => grants.entities.push((entity, role)),
                    }
                }
                1 => {
                    let role = row.role("role")?;
                    let project = ProjectKey(row.get("entity_key")?);
                    let known = grants.projects.entry(project).or_insert(role);
                    *known = role.max(*known);
                }
                _ => grants.restricted.push(ProjectKey(row.get("entity_key")?)),
            }
        }
        // The databases need not give the parts of a union in their order.
        grants.entities.sort_by_key(|(entity, _)| {
            (
                entity.kind != EntityKind::User,
                folded(entity.name.as_str()),
            )
        });
        Ok(grants)
    }

    /// The role that `user` was given in `entity`.
    pub async fn member_role(
        &self,
        entity: EntityKey,
        user: UserKey,
    ) -> Result<Option<Role>, MetaError> {
        let select = Query::select()
            .expr_as(number(Expr::col("role")), "role")
            .from("members")
            .and_where(Expr::col("entity_key").eq(entity.0))
            .and_where(Expr::col("user_key").eq(user.0))
            .to_owned();
        let row = self.one_row("members", &select).await?;
        row.map(|row| row.role("role")).transpose()
    }

    /// The members of a team or an organization, by name.
    pub async fn list_members(&self, entity: EntityKey) -> Result<Vec<MemberRecord>, MetaError> {
        let select = Query::select()
            .column(("members", "user_key"))
            .expr_as(number(Expr::col(("members", "role"))), "role")
            .column(("members", "created_at"))
            .column(("users", "username"))
            .column(("users", "email"))
            .from("members")
            .inner_join(
                "users",
                Expr::col(("users", "user_key")).equals(("members", "user_key")),
            )
            .and_where(Expr::col(("members", "entity_key")).eq(entity.0))
            .order_by(("users", "folded_username"), Order::Asc)
            .to_owned();
        self.all(&select).await
    }

    /// How many admins `entity` has besides `user`.
    pub async fn n_other_admins(&self, entity: EntityKey, user: UserKey) -> Result<u64, MetaError> {
        let select = Query::select()
            .expr_as(Expr::col("user_key").count(), "n")
            .from("members")
            .and_where(Expr::col("entity_key").eq(entity.0))
            .and_where(Expr::col("role").eq(role_code(Role::Admin)))
            .and_where(Expr::col("user_key").ne(user.0))
            .to_owned();
        self.number(&select).await
    }

    /// How many teams and organizations `user` was made a member of.
    pub async fn n_memberships(&self, user: UserKey) -> Result<u64, MetaError> {
        let select = Query::select()
            .expr_as(Expr::col("entity_key").count(), "n")
            .from("members")
            .and_where(Expr::col("user_key").eq(user.0))
            .to_owned();
        self.number(&select).await
    }

    /// The user with this address, in any case; `None` if there is none or more than one.
    pub async fn lookup_user_by_email(&self, email: &str) -> Result<Option<UserRecord>, MetaError> {
        let mut select = crate::people::select_users();
        select
            .and_where(Expr::expr(Func::lower(Expr::col("email"))).eq(folded(email)))
            .limit(2);
        let mut found = self.all(&select).await?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// What each of these entities adds up to.
    pub async fn entity_figures(
        &self,
        entities: &[EntityKey],
    ) -> Result<HashMap<EntityKey, EntityFigures>, MetaError> {
        let mut figures: HashMap<EntityKey, EntityFigures> = HashMap::new();
        let registry = || Expr::col("name").like(format!("{REGISTRY_PREFIX}%"));
        for keys in entities.chunks(LIST_PART) {
            let counts: [(_, _, Option<Expr>, Put); 4] = [
                ("members", "entity_key", None, |figures, n| {
                    figures.n_members = n;
                }),
                ("entities", "organization_key", None, |figures, n| {
                    figures.n_teams = n;
                }),
                ("projects", "entity_key", None, |figures, n| {
                    figures.n_projects = n;
                }),
                ("projects", "entity_key", Some(registry()), |figures, n| {
                    figures.n_registries = n;
                }),
            ];
            for (table, column, condition, put) in counts {
                let mut select = Query::select();
                select
                    .expr_as(Expr::col(column), "owner_key")
                    .expr_as(Expr::col(column).count(), "n")
                    .from(table)
                    .and_where(Expr::col(column).is_in(keys.iter().map(|key| key.0)))
                    .group_by_col(column);
                if let Some(condition) = condition {
                    select.and_where(condition);
                }
                for row in self.all_rows(table, &select).await? {
                    let owner = EntityKey(row.get("owner_key")?);
                    put(figures.entry(owner).or_default(), row.count("n")?);
                }
            }
        }
        Ok(figures)
    }
}

impl Tx<'_> {
    /// Makes an entity, unless there is one of that name, in any case.
    pub async fn insert_entity_if_absent(
        &self,
        new: NewEntity,
    ) -> Result<Option<EntityRecord>, MetaError> {
        match self.lookup_entity(&new.name).await? {
            Some(_) => Ok(None),
            None => self.insert_entity(new).await.map(Some),
        }
    }

    /// Makes an entity.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if an entity of that name exists, in any case.
    pub async fn insert_entity(&self, new: NewEntity) -> Result<EntityRecord, MetaError> {
        let NewEntity {
            name,
            kind,
            organization,
            created_at,
        } = new;
        let insert = Query::insert()
            .into_table("entities")
            .columns([
                "name",
                "folded_name",
                "kind",
                "organization_key",
                "created_at",
            ])
            .values_panic([
                name.as_str().into(),
                folded(name.as_str()).into(),
                kind_code(kind).into(),
                organization.map(|key| key.0).into(),
                micros(created_at).into(),
            ])
            .returning_col("entity_key")
            .to_owned();
        let key = EntityKey(
            self.insert_returning("entities", "entity_key", &insert)
                .await?,
        );
        Ok(EntityRecord {
            key,
            name,
            kind,
            organization,
            created_at,
        })
    }

    /// Deletes an entity for good, with its projects, runs and memberships. Returns whether there was one.
    ///
    /// A user's own entity takes the user with it. The objects of the runs and artifacts are not doomed here: see
    /// [`Db::project_object_keys`] and [`Db::blob_objects`].
    pub async fn delete_entity(&self, key: EntityKey) -> Result<bool, MetaError> {
        let projects = Query::select()
            .column("project_key")
            .from("projects")
            .and_where(Expr::col("entity_key").eq(key.0))
            .to_owned();
        self.release_runs(Expr::col("project_key").in_subquery(projects))
            .await?;
        let delete = Query::delete()
            .from_table("entities")
            .and_where(Expr::col("entity_key").eq(key.0))
            .to_owned();
        Ok(self.execute("entities", &delete).await? > 0)
    }

    /// Keeps the members of an entity, its teams and itself from being changed by others until the transaction ends.
    /// Returns the entity, or `None` if it is gone.
    pub async fn lock_entity(&self, key: EntityKey) -> Result<Option<EntityRecord>, MetaError> {
        let condition = Expr::col("entity_key").eq(key.0);
        let mut select = select_entities();
        self.one(select.and_where(condition).lock_exclusive()).await
    }

    /// Gives `user` a role in a team or an organization, instead of the one that they may have.
    pub async fn put_member(
        &self,
        entity: EntityKey,
        user: UserKey,
        role: Role,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("members")
            .columns(["entity_key", "user_key", "role", "created_at"])
            .values_panic([
                entity.0.into(),
                user.0.into(),
                role_code(role).into(),
                micros(now).into(),
            ])
            .on_conflict(
                OnConflict::columns(["entity_key", "user_key"])
                    .update_column("role")
                    .to_owned(),
            )
            .to_owned();
        self.execute("members", &insert).await?;
        Ok(())
    }

    /// Takes `user` out of a team or an organization. Returns whether they were in it.
    pub async fn delete_member(&self, entity: EntityKey, user: UserKey) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table("members")
            .and_where(Expr::col("entity_key").eq(entity.0))
            .and_where(Expr::col("user_key").eq(user.0))
            .to_owned();
        Ok(self.execute("members", &delete).await? > 0)
    }

    /// Takes `user` out of the registries of an organization.
    pub async fn delete_project_memberships(
        &self,
        organization: EntityKey,
        user: UserKey,
    ) -> Result<(), MetaError> {
        let projects = Query::select()
            .column("project_key")
            .from("projects")
            .and_where(Expr::col("entity_key").eq(organization.0))
            .to_owned();
        let delete = Query::delete()
            .from_table("project_members")
            .and_where(Expr::col("project_key").in_subquery(projects))
            .and_where(Expr::col("user_key").eq(user.0))
            .to_owned();
        self.execute("project_members", &delete).await?;
        Ok(())
    }

    /// Sets where a user's runs go that name no entity; `None` is the user's own. Returns whether there is such a user.
    pub async fn set_default_entity(
        &self,
        user: UserKey,
        entity: Option<EntityKey>,
    ) -> Result<bool, MetaError> {
        let update = Query::update()
            .table("users")
            .value("default_entity_key", entity.map(|key| key.0))
            .and_where(Expr::col("user_key").eq(user.0))
            .to_owned();
        Ok(self.execute("users", &update).await? > 0)
    }
}
