//! Artifact types and collections.

use ballast_model::{
    ArtifactTag, ArtifactTypeName, CollectionKey, CollectionName, ProjectKey, Timestamp,
};
use sea_orm::sea_query::{
    Expr, ExprTrait as _, Func, LikeExpr, OnConflict, Order, Query, SelectStatement,
};

use super::read::with_collection;
use super::{
    ArtifactTypeKey, ArtifactTypeRecord, CollectionPatch, CollectionQuery, CollectionRecord,
    CollectionSort, NewCollection,
};
use crate::row::{escaped_pattern, micros, text};
use crate::{Db, MetaError, Tx};

fn select_types() -> SelectStatement {
    Query::select()
        .columns([
            "artifact_type_key",
            "project_key",
            "name",
            "description",
            "created_at",
        ])
        .from("artifact_types")
        .to_owned()
}

fn select_collections() -> SelectStatement {
    let mut select = Query::select();
    select.from("artifact_collections");
    with_collection(&mut select, "artifact_collections");
    select
}

impl Db<'_> {
    /// The artifact type `name` of a project.
    pub async fn lookup_artifact_type(
        &self,
        project: ProjectKey,
        name: &ArtifactTypeName,
    ) -> Result<Option<ArtifactTypeRecord>, MetaError> {
        let mut select = select_types();
        select.and_where(Expr::col("project_key").eq(project.0));
        self.one(select.and_where(Expr::col("name").eq(name.as_str())))
            .await
    }

    /// The artifact types of a project, by name.
    pub async fn list_artifact_types(
        &self,
        project: ProjectKey,
    ) -> Result<Vec<ArtifactTypeRecord>, MetaError> {
        let mut select = select_types();
        select
            .and_where(Expr::col("project_key").eq(project.0))
            .order_by("name", Order::Asc);
        self.all(&select).await
    }

    /// The collection `name` of a project, if it exists and is not deleted.
    pub async fn lookup_collection(
        &self,
        project: ProjectKey,
        name: &CollectionName,
    ) -> Result<Option<CollectionRecord>, MetaError> {
        let mut select = select_collections();
        select
            .and_where(Expr::col(("artifact_collections", "project_key")).eq(project.0))
            .and_where(Expr::col(("artifact_collections", "live_name")).eq(name.as_str()));
        self.one(&select).await
    }

    /// The collection under `key`, also if it is deleted.
    pub async fn collection(
        &self,
        key: CollectionKey,
    ) -> Result<Option<CollectionRecord>, MetaError> {
        let mut select = select_collections();
        select.and_where(Expr::col(("artifact_collections", "collection_key")).eq(key.0));
        self.one(&select).await
    }

    /// A page of collections.
    pub async fn list_collections(
        &self,
        query: &CollectionQuery,
    ) -> Result<Vec<CollectionRecord>, MetaError> {
        let mut select = select_collections();
        restrict(&mut select, query);
        if let Some(before) = query.before {
            select.and_where(Expr::col(("artifact_collections", "collection_key")).lt(before.0));
        }
        if let Some(order) = query.order {
            let column = match order.by {
                CollectionSort::Name => "name",
                CollectionSort::CreatedAt => "created_at",
                CollectionSort::UpdatedAt => "updated_at",
            };
            let column = ("artifact_collections", column);
            select.order_by(column, direction(order.descending));
        }
        select
            .order_by(("artifact_collections", "collection_key"), Order::Desc)
            .offset(query.offset)
            .limit(query.limit);
        self.all(&select).await
    }

    /// How many collections fit the query on all pages.
    pub async fn count_collections(&self, query: &CollectionQuery) -> Result<u64, MetaError> {
        let mut select = Query::select()
            .expr_as(
                Expr::col(("artifact_collections", "collection_key")).count(),
                "n",
            )
            .from("artifact_collections")
            .to_owned();
        restrict(&mut select, query);
        self.number(&select).await
    }
}

/// That a collection is in one of these projects.
pub(super) fn is_in_projects(projects: &[ProjectKey]) -> Expr {
    Expr::col(("artifact_collections", "project_key")).is_in(projects.iter().map(|key| key.0))
}

pub(super) fn direction(descending: bool) -> Order {
    if descending { Order::Desc } else { Order::Asc }
}

fn restrict(select: &mut SelectStatement, query: &CollectionQuery) {
    select
        .and_where(is_in_projects(&query.projects))
        .and_where(Expr::col(("artifact_collections", "live_name")).is_not_null());
    if let Some(kind) = query.kind {
        select.and_where(Expr::col(("artifact_collections", "kind")).eq(kind as i16));
    }
    if let Some(artifact_type) = query.artifact_type {
        select.and_where(
            Expr::col(("artifact_collections", "artifact_type_key")).eq(artifact_type.0),
        );
    }
    if let Some(search) = &query.search {
        let pattern = format!("%{}%", escaped_pattern(&text(&search.to_ascii_lowercase())));
        let name = Func::lower(Expr::col(("artifact_collections", "name")));
        select.and_where(Expr::expr(name).like(LikeExpr::new(pattern).escape('\\')));
    }
}

impl Tx<'_> {
    /// The artifact type `name` of a project, made now if it is not there.
    pub async fn insert_artifact_type_if_absent(
        &self,
        project: ProjectKey,
        name: &ArtifactTypeName,
        description: Option<&str>,
        now: Timestamp,
    ) -> Result<ArtifactTypeRecord, MetaError> {
        if let Some(found) = self.lookup_artifact_type(project, name).await? {
            return Ok(found);
        }
        let insert = Query::insert()
            .into_table("artifact_types")
            .columns(["project_key", "name", "description", "created_at"])
            .values_panic([
                project.0.into(),
                name.as_str().into(),
                text(description.unwrap_or_default()).into(),
                micros(now).into(),
            ])
            .on_conflict(
                OnConflict::columns(["project_key", "name"])
                    .do_nothing()
                    .to_owned(),
            )
            .to_owned();
        self.execute("artifact_types", &insert).await?;
        let found = self.lookup_artifact_type(project, name).await?;
        found.ok_or_else(|| MetaError::unavailable("an artifact type was deleted as it was made"))
    }

    /// The collection of that name, made now if it is not there. An existing one is returned as it is, whatever its
    /// type and kind. No other transaction changes it before this one ends.
    pub async fn insert_collection_if_absent(
        &self,
        collection: NewCollection,
    ) -> Result<CollectionRecord, MetaError> {
        let now = micros(collection.created_at);
        let name = collection.name.as_str();
        let insert = Query::insert()
            .into_table("artifact_collections")
            .columns([
                "project_key",
                "artifact_type_key",
                "kind",
                "name",
                "live_name",
                "next_version",
                "created_at",
                "updated_at",
            ])
            .values_panic([
                collection.project.0.into(),
                collection.artifact_type.0.into(),
                (collection.kind as i16).into(),
                name.into(),
                name.into(),
                0_i64.into(),
                now.into(),
                now.into(),
            ])
            .on_conflict(
                OnConflict::columns(["project_key", "live_name"])
                    .do_nothing()
                    .to_owned(),
            )
            .to_owned();
        if self
            .lookup_collection(collection.project, &collection.name)
            .await?
            .is_none()
        {
            self.execute("artifact_collections", &insert).await?;
        }
        let found = self
            .lookup_collection(collection.project, &collection.name)
            .await?;
        let locked = match found {
            Some(found) => self.lock_collection(found.key).await?,
            None => None,
        };
        locked
            .filter(|collection| !collection.is_deleted)
            .ok_or_else(|| MetaError::unavailable("a collection was deleted as it was made"))
    }

    /// The collection under `key`, which no other transaction changes before this one ends.
    pub async fn lock_collection(
        &self,
        key: CollectionKey,
    ) -> Result<Option<CollectionRecord>, MetaError> {
        let lock = Query::select()
            .column("collection_key")
            .from("artifact_collections")
            .and_where(Expr::col("collection_key").eq(key.0))
            .lock_exclusive()
            .to_owned();
        self.all_rows("artifact_collections", &lock).await?;
        self.collection(key).await
    }

    /// Locks the collections of a project as [`Tx::lock_collection`] does one, so that no version of them is being committed.
    pub async fn lock_collections_of_project(&self, project: ProjectKey) -> Result<(), MetaError> {
        let lock = Query::select()
            .column("collection_key")
            .from("artifact_collections")
            .and_where(Expr::col("project_key").eq(project.0))
            .order_by("collection_key", Order::Asc)
            .lock_exclusive()
            .to_owned();
        self.all_rows("artifact_collections", &lock).await?;
        Ok(())
    }

    /// The number of the next version of a collection, which is taken with this.
    pub async fn take_version(&self, key: CollectionKey) -> Result<u64, MetaError> {
        let update = Query::update()
            .table("artifact_collections")
            .value("next_version", Expr::col("next_version").add(1))
            .and_where(Expr::col("collection_key").eq(key.0))
            .returning_col("next_version")
            .to_owned();
        let row = self.one_row("artifact_collections", &update).await?;
        let next = row
            .ok_or_else(|| MetaError::unavailable("a collection was deleted"))?
            .count("next_version")?;
        Ok(next.saturating_sub(1))
    }

    /// Changes a collection. Returns whether there is such a collection.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the project has another collection of the new name.
    pub async fn update_collection(
        &self,
        key: CollectionKey,
        patch: CollectionPatch,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        let mut update = Query::update()
            .table("artifact_collections")
            .value("updated_at", micros(now))
            .and_where(Expr::col("collection_key").eq(key.0))
            .and_where(Expr::col("live_name").is_not_null())
            .to_owned();
        if let Some(name) = &patch.name {
            update.value("name", name.as_str());
            update.value("live_name", name.as_str());
        }
        if let Some(description) = &patch.description {
            update.value("description", text(description));
        }
        if let Some(artifact_type) = patch.artifact_type {
            update.value("artifact_type_key", artifact_type.0);
        }
        Ok(self.execute("artifact_collections", &update).await? > 0)
    }

    /// Marks a collection as deleted, so that its name is free. Its aliases, tags and links go; its versions are the
    /// caller's to delete before. Returns whether there was one.
    pub async fn delete_collection(
        &self,
        key: CollectionKey,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        for table in ["artifact_memberships", "artifact_collection_tags"] {
            let delete = Query::delete()
                .from_table(table)
                .and_where(Expr::col("collection_key").eq(key.0))
                .to_owned();
            self.execute(table, &delete).await?;
        }
        let update = Query::update()
            .table("artifact_collections")
            .value("live_name", Option::<String>::None)
            .value("updated_at", micros(now))
            .and_where(Expr::col("collection_key").eq(key.0))
            .and_where(Expr::col("live_name").is_not_null())
            .to_owned();
        Ok(self.execute("artifact_collections", &update).await? > 0)
    }

    /// Adds tags to a collection; those that it has stay.
    pub async fn add_collection_tags(
        &self,
        key: CollectionKey,
        tags: &[ArtifactTag],
    ) -> Result<(), MetaError> {
        self.add_tags("artifact_collection_tags", "collection_key", key.0, tags)
            .await
    }

    /// Takes tags away from a collection; those that it does not have are passed over.
    pub async fn delete_collection_tags(
        &self,
        key: CollectionKey,
        tags: &[ArtifactTag],
    ) -> Result<(), MetaError> {
        self.delete_tags("artifact_collection_tags", "collection_key", key.0, tags)
            .await
    }
}

impl ArtifactTypeRecord {
    /// Whether `collection` is of this type.
    pub fn is_of(&self, collection: &CollectionRecord) -> bool {
        ArtifactTypeKey(collection.artifact_type.0) == self.key
    }
}
