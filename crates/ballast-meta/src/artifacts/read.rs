//! Reading versions, memberships and aliases.

use std::collections::HashMap;

use ballast_model::{ArtifactAlias, ArtifactKey, CollectionKey, MembershipKey, Timestamp, UserKey};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};

use super::collections::{direction, is_in_projects};
use super::{
    AliasRecord, AliasScope, ArtifactRecord, ArtifactState, CollectionRecord, ManifestKey,
    ManifestRecord, MembershipQuery, MembershipRecord, MembershipSort, VersionQuery,
};
use crate::row::{FromRow as _, LIST_PART, Row, int, micros};
use crate::{Db, MetaError};

pub(super) fn select_artifacts() -> SelectStatement {
    let mut select = Query::select();
    for column in [
        "artifact_key",
        "state",
        "version",
        "digest",
        "description",
        "metadata",
        "ttl_s",
        "history_step",
        "run_key",
        "user_key",
        "commit_hash",
        "wanted",
        "same_as",
        "n_files",
        "size_bytes",
        "manifest_object",
        "manifest_bytes",
        "manifest_md5",
        "created_at",
        "updated_at",
    ] {
        select.column(("artifacts", column));
    }
    select.from("artifacts").to_owned()
}

/// Adds the columns of the collection that a row of `table` names.
pub(super) fn with_collection(select: &mut SelectStatement, table: &'static str) {
    for column in ["collection_key", "project_key", "artifact_type_key"] {
        select.column(("artifact_collections", column));
    }
    for (table, column, name) in [
        ("artifact_collections", "kind", "collection_kind"),
        ("artifact_collections", "name", "collection_name"),
        ("artifact_collections", "live_name", "collection_live_name"),
        (
            "artifact_collections",
            "description",
            "collection_description",
        ),
        (
            "artifact_collections",
            "created_at",
            "collection_created_at",
        ),
        (
            "artifact_collections",
            "updated_at",
            "collection_updated_at",
        ),
        ("artifact_types", "name", "type_name"),
        ("projects", "name", "project_name"),
        ("projects", "entity_key", "entity_key"),
        ("entities", "name", "entity_name"),
    ] {
        select.expr_as(Expr::col((table, column)), name);
    }
    if table != "artifact_collections" {
        select.inner_join(
            "artifact_collections",
            Expr::col(("artifact_collections", "collection_key")).equals((table, "collection_key")),
        );
    }
    for (joined, with, key) in [
        (
            "artifact_types",
            "artifact_collections",
            "artifact_type_key",
        ),
        ("projects", "artifact_collections", "project_key"),
        ("entities", "projects", "entity_key"),
    ] {
        select.inner_join(joined, Expr::col((joined, key)).equals((with, key)));
    }
}

pub(super) fn select_memberships() -> SelectStatement {
    let mut select = Query::select();
    select
        .column(("artifact_memberships", "membership_key"))
        .column(("artifact_memberships", "artifact_key"))
        .column(("artifact_memberships", "version"))
        .column(("artifact_memberships", "created_at"))
        .expr_as(Expr::col(("artifact_memberships", "user_key")), "linked_by")
        .from("artifact_memberships");
    with_collection(&mut select, "artifact_memberships");
    select
}

fn select_aliases() -> SelectStatement {
    let mut select = Query::select();
    select
        .column(("artifact_aliases", "alias_key"))
        .column(("artifact_aliases", "alias"))
        .column(("artifact_aliases", "membership_key"))
        .from("artifact_aliases");
    with_collection(&mut select, "artifact_aliases");
    select
}

/// The newest of the versions that a collection owns.
fn versions_of(collection: CollectionKey) -> SelectStatement {
    let mut select = select_artifacts();
    with_collection(&mut select, "artifacts");
    select
        .and_where(Expr::col(("artifacts", "collection_key")).eq(collection.0))
        .order_by(("artifacts", "version"), Order::Desc)
        .order_by(("artifacts", "artifact_key"), Order::Desc)
        .limit(1);
    select
}

impl Db<'_> {
    /// The version under `key`, in whatever state it is.
    pub async fn artifact(&self, key: ArtifactKey) -> Result<Option<ArtifactRecord>, MetaError> {
        let mut select = select_artifacts();
        with_collection(&mut select, "artifacts");
        self.one(select.and_where(Expr::col(("artifacts", "artifact_key")).eq(key.0)))
            .await
    }

    /// The newest committed version of a collection that has this digest.
    pub async fn committed_with_digest(
        &self,
        collection: CollectionKey,
        digest: &str,
    ) -> Result<Option<ArtifactRecord>, MetaError> {
        let mut select = versions_of(collection);
        select
            .and_where(Expr::col(("artifacts", "digest")).eq(digest))
            .and_where(Expr::col(("artifacts", "state")).eq(ArtifactState::Committed as i16));
        self.one(&select).await
    }

    /// The pending version of a collection whose writers call it so.
    pub async fn pending_with_distributed_id(
        &self,
        collection: CollectionKey,
        distributed_id: &str,
    ) -> Result<Option<ArtifactRecord>, MetaError> {
        let mut select = versions_of(collection);
        select
            .and_where(Expr::col(("artifacts", "distributed_id")).eq(distributed_id))
            .and_where(Expr::col(("artifacts", "state")).eq(ArtifactState::Pending as i16));
        self.one(&select).await
    }

    /// The committed version of a collection with the largest number.
    pub async fn latest_version(
        &self,
        collection: CollectionKey,
    ) -> Result<Option<ArtifactRecord>, MetaError> {
        let mut select = versions_of(collection);
        select.and_where(Expr::col(("artifacts", "state")).eq(ArtifactState::Committed as i16));
        self.one(&select).await
    }

    /// Up to `limit` pending versions announced before `before`, by key.
    pub async fn pending_artifacts_before(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<ArtifactKey>, MetaError> {
        let select = Query::select()
            .column("artifact_key")
            .from("artifacts")
            .and_where(Expr::col("state").eq(ArtifactState::Pending as i16))
            .and_where(Expr::col("created_at").lt(micros(before)))
            .order_by("artifact_key", Order::Asc)
            .limit(limit)
            .to_owned();
        self.artifact_keys(&select).await
    }

    /// Up to `limit` committed versions whose time to live is over at `now` and that no other collection links to, by
    /// key.
    pub async fn expired_artifacts(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<ArtifactKey>, MetaError> {
        let links = Query::select()
            .column("membership_key")
            .from("artifact_memberships")
            .and_where(
                Expr::col(("artifact_memberships", "artifact_key"))
                    .equals(("artifacts", "artifact_key")),
            )
            .and_where(
                Expr::col(("artifact_memberships", "collection_key"))
                    .not_equals(("artifacts", "collection_key")),
            )
            .to_owned();
        let expires_at = Expr::col("created_at").add(Expr::col("ttl_s").mul(1_000_000_i64));
        let select = Query::select()
            .column("artifact_key")
            .from("artifacts")
            .and_where(Expr::col("state").eq(ArtifactState::Committed as i16))
            .and_where(Expr::col("ttl_s").gt(0))
            .and_where(expires_at.lt(micros(now)))
            .and_where(Expr::exists(links).not())
            .order_by("artifact_key", Order::Asc)
            .limit(limit)
            .to_owned();
        self.artifact_keys(&select).await
    }

    async fn artifact_keys(&self, select: &SelectStatement) -> Result<Vec<ArtifactKey>, MetaError> {
        self.all_rows("artifacts", select)
            .await?
            .iter()
            .map(|row| row.get("artifact_key").map(ArtifactKey))
            .collect()
    }

    /// The versions under `keys`, in no order; keys of no version are left out.
    pub async fn artifacts_by_keys(
        &self,
        keys: &[ArtifactKey],
    ) -> Result<HashMap<ArtifactKey, ArtifactRecord>, MetaError> {
        let mut artifacts = HashMap::with_capacity(keys.len());
        for part in keys.chunks(LIST_PART) {
            let mut select = select_artifacts();
            with_collection(&mut select, "artifacts");
            select.and_where(
                Expr::col(("artifacts", "artifact_key")).is_in(part.iter().map(|key| key.0)),
            );
            let found = self.all::<ArtifactRecord>(&select).await?;
            artifacts.extend(found.into_iter().map(|artifact| (artifact.key, artifact)));
        }
        Ok(artifacts)
    }

    /// The membership under `key`.
    pub async fn membership(
        &self,
        key: MembershipKey,
    ) -> Result<Option<MembershipRecord>, MetaError> {
        let mut select = select_memberships();
        select.and_where(Expr::col(("artifact_memberships", "membership_key")).eq(key.0));
        Ok(self.memberships(&select).await?.pop())
    }

    /// The version of a collection with this number.
    pub async fn membership_by_version(
        &self,
        collection: CollectionKey,
        version: u64,
    ) -> Result<Option<MembershipRecord>, MetaError> {
        let Ok(version) = i64::try_from(version) else {
            return Ok(None);
        };
        let mut select = select_memberships();
        select
            .and_where(Expr::col(("artifact_memberships", "collection_key")).eq(collection.0))
            .and_where(Expr::col(("artifact_memberships", "version")).eq(version));
        Ok(self.memberships(&select).await?.pop())
    }

    /// The version of a collection that has this alias.
    pub async fn membership_by_alias(
        &self,
        collection: CollectionKey,
        alias: &ArtifactAlias,
    ) -> Result<Option<MembershipRecord>, MetaError> {
        let named = Query::select()
            .column("membership_key")
            .from("artifact_aliases")
            .and_where(Expr::col("collection_key").eq(collection.0))
            .and_where(Expr::col("alias").eq(alias.as_str()))
            .to_owned();
        let mut select = select_memberships();
        select.and_where(Expr::col(("artifact_memberships", "membership_key")).in_subquery(named));
        Ok(self.memberships(&select).await?.pop())
    }

    /// The membership that this alias names in a collection, and its version.
    pub async fn alias_holder(
        &self,
        collection: CollectionKey,
        alias: &ArtifactAlias,
    ) -> Result<Option<(MembershipKey, ArtifactKey)>, MetaError> {
        let select = Query::select()
            .column(("artifact_memberships", "membership_key"))
            .column(("artifact_memberships", "artifact_key"))
            .from("artifact_aliases")
            .inner_join(
                "artifact_memberships",
                Expr::col(("artifact_memberships", "membership_key"))
                    .equals(("artifact_aliases", "membership_key")),
            )
            .and_where(Expr::col(("artifact_aliases", "collection_key")).eq(collection.0))
            .and_where(Expr::col(("artifact_aliases", "alias")).eq(alias.as_str()))
            .to_owned();
        let row = self.one_row("artifact_aliases", &select).await?;
        row.map(|row| {
            Ok((
                MembershipKey(row.get("membership_key")?),
                ArtifactKey(row.get("artifact_key")?),
            ))
        })
        .transpose()
    }

    /// Up to `limit` links of other collections to versions that this one owns.
    pub async fn links_to_versions_of(
        &self,
        collection: CollectionKey,
        limit: u64,
    ) -> Result<Vec<MembershipRecord>, MetaError> {
        let owned = Query::select()
            .column("artifact_key")
            .from("artifacts")
            .and_where(Expr::col("collection_key").eq(collection.0))
            .to_owned();
        let mut select = select_memberships();
        select
            .and_where(Expr::col(("artifact_memberships", "artifact_key")).in_subquery(owned))
            .and_where(Expr::col(("artifact_memberships", "collection_key")).ne(collection.0))
            .order_by(("artifact_memberships", "membership_key"), Order::Asc)
            .limit(limit);
        self.memberships(&select).await
    }

    /// That a version is in a collection, if it is.
    pub async fn membership_of(
        &self,
        collection: CollectionKey,
        artifact: ArtifactKey,
    ) -> Result<Option<MembershipRecord>, MetaError> {
        let mut select = select_memberships();
        select
            .and_where(Expr::col(("artifact_memberships", "collection_key")).eq(collection.0))
            .and_where(Expr::col(("artifact_memberships", "artifact_key")).eq(artifact.0));
        Ok(self.memberships(&select).await?.pop())
    }

    /// Every collection that a version is in, its own first.
    pub async fn memberships_of(
        &self,
        artifact: ArtifactKey,
    ) -> Result<Vec<MembershipRecord>, MetaError> {
        let mut select = select_memberships();
        select
            .and_where(Expr::col(("artifact_memberships", "artifact_key")).eq(artifact.0))
            .order_by(("artifact_memberships", "membership_key"), Order::Asc);
        self.memberships(&select).await
    }

    /// A page of the versions in a collection.
    pub async fn list_versions(
        &self,
        query: &VersionQuery,
    ) -> Result<Vec<MembershipRecord>, MetaError> {
        let mut select = select_memberships();
        restrict_versions(&mut select, query);
        if let Some(before) = query.before {
            select.and_where(Expr::col(("artifact_memberships", "version")).lt(int(before)));
        }
        let order = if query.oldest_first {
            Order::Asc
        } else {
            Order::Desc
        };
        select
            .order_by(("artifact_memberships", "version"), order)
            .offset(query.offset)
            .limit(query.limit);
        self.memberships(&select).await
    }

    /// How many versions in a collection fit the query on all pages.
    pub async fn count_versions(&self, query: &VersionQuery) -> Result<u64, MetaError> {
        let mut select = Query::select()
            .expr_as(
                Expr::col(("artifact_memberships", "membership_key")).count(),
                "n",
            )
            .from("artifact_memberships")
            .to_owned();
        restrict_versions(&mut select, query);
        self.number(&select).await
    }

    /// A page of places in collections.
    pub async fn list_memberships(
        &self,
        query: &MembershipQuery,
    ) -> Result<Vec<MembershipRecord>, MetaError> {
        let mut select = select_memberships();
        select
            .and_where(is_in_projects(&query.projects))
            .and_where(Expr::col(("artifact_collections", "live_name")).is_not_null());
        if let Some(kind) = query.kind {
            select.and_where(Expr::col(("artifact_collections", "kind")).eq(kind as i16));
        }
        if let Some(collection) = query.collection {
            let column = ("artifact_memberships", "collection_key");
            select.and_where(Expr::col(column).eq(collection.0));
        }
        let column = match query.order.by {
            MembershipSort::Version => ("artifact_memberships", "version"),
            MembershipSort::CreatedAt => ("artifact_memberships", "created_at"),
            MembershipSort::ArtifactCreatedAt => ("artifacts", "created_at"),
            MembershipSort::ArtifactSize => ("artifacts", "size_bytes"),
        };
        if column.0 == "artifacts" {
            select.inner_join(
                "artifacts",
                Expr::col(("artifacts", "artifact_key"))
                    .equals(("artifact_memberships", "artifact_key")),
            );
        }
        select
            .order_by(column, direction(query.order.descending))
            .order_by(("artifact_memberships", "membership_key"), Order::Desc)
            .offset(query.offset)
            .limit(query.limit);
        self.memberships(&select).await
    }

    pub(super) async fn memberships(
        &self,
        select: &SelectStatement,
    ) -> Result<Vec<MembershipRecord>, MetaError> {
        let rows = self.all_rows("artifact_memberships", select).await?;
        let keys = rows
            .iter()
            .map(|row| row.get("artifact_key").map(ArtifactKey))
            .collect::<Result<Vec<_>, _>>()?;
        let artifacts = self.artifacts_by_keys(&keys).await?;
        let membership = |(row, key): (&Row, ArtifactKey)| {
            // A version that was deleted between the two reads is gone with its memberships.
            let artifact = artifacts.get(&key)?.clone();
            Some(MembershipRecord::read(row, artifact))
        };
        rows.iter().zip(keys).filter_map(membership).collect()
    }

    /// The aliases of a version in all collections that it is in, in byte order.
    pub async fn aliases_of_artifact(
        &self,
        artifact: ArtifactKey,
    ) -> Result<Vec<AliasRecord>, MetaError> {
        let memberships = Query::select()
            .column("membership_key")
            .from("artifact_memberships")
            .and_where(Expr::col("artifact_key").eq(artifact.0))
            .to_owned();
        let mut select = select_aliases();
        select
            .and_where(Expr::col(("artifact_aliases", "membership_key")).in_subquery(memberships))
            .order_by(("artifact_aliases", "alias"), Order::Asc);
        self.all(&select).await
    }

    /// The aliases in registries that protect them, in byte order.
    pub async fn aliases_that_are_protected(
        &self,
        scope: AliasScope,
    ) -> Result<Vec<AliasRecord>, MetaError> {
        let mut select = select_aliases();
        let is_protected = Expr::col(("registry_protected_aliases", "project_key"))
            .equals(("artifact_collections", "project_key"))
            .and(
                Expr::col(("registry_protected_aliases", "alias"))
                    .equals(("artifact_aliases", "alias")),
            );
        select.inner_join("registry_protected_aliases", is_protected);
        let mut memberships = Query::select();
        memberships
            .column(("artifact_memberships", "membership_key"))
            .from("artifact_memberships");
        let membership = Expr::col(("artifact_aliases", "membership_key"));
        let is_in_scope = match scope {
            AliasScope::Membership(key) => membership.eq(key.0),
            AliasScope::Collection(key) => {
                Expr::col(("artifact_aliases", "collection_key")).eq(key.0)
            }
            AliasScope::Version(key) => {
                memberships
                    .and_where(Expr::col(("artifact_memberships", "artifact_key")).eq(key.0));
                membership.in_subquery(memberships)
            }
            AliasScope::VersionsOf(key) => {
                memberships
                    .inner_join(
                        "artifacts",
                        Expr::col(("artifacts", "artifact_key"))
                            .equals(("artifact_memberships", "artifact_key")),
                    )
                    .and_where(Expr::col(("artifacts", "collection_key")).eq(key.0));
                membership.in_subquery(memberships)
            }
        };
        select
            .and_where(is_in_scope)
            .order_by(("artifact_aliases", "alias"), Order::Asc);
        self.all(&select).await
    }

    /// The aliases of one membership, in byte order.
    pub async fn aliases_of_membership(
        &self,
        membership: MembershipKey,
    ) -> Result<Vec<AliasRecord>, MetaError> {
        let mut select = select_aliases();
        select
            .and_where(Expr::col(("artifact_aliases", "membership_key")).eq(membership.0))
            .order_by(("artifact_aliases", "alias"), Order::Asc);
        self.all(&select).await
    }

    /// The aliases of a collection, in byte order.
    pub async fn aliases_of_collection(
        &self,
        collection: CollectionKey,
    ) -> Result<Vec<AliasRecord>, MetaError> {
        let mut select = select_aliases();
        select
            .and_where(Expr::col(("artifact_aliases", "collection_key")).eq(collection.0))
            .order_by(("artifact_aliases", "alias"), Order::Asc);
        self.all(&select).await
    }

    /// The tags of a version, in byte order.
    pub async fn artifact_tags(&self, artifact: ArtifactKey) -> Result<Vec<String>, MetaError> {
        self.tags("artifact_tags", "artifact_key", artifact.0).await
    }

    /// The tags of a collection, in byte order.
    pub async fn collection_tags(
        &self,
        collection: CollectionKey,
    ) -> Result<Vec<String>, MetaError> {
        self.tags("artifact_collection_tags", "collection_key", collection.0)
            .await
    }

    async fn tags(
        &self,
        table: &'static str,
        column: &'static str,
        key: i64,
    ) -> Result<Vec<String>, MetaError> {
        let select = Query::select()
            .column("tag")
            .from(table)
            .and_where(Expr::col(column).eq(key))
            .order_by("tag", Order::Asc)
            .to_owned();
        self.all_rows(table, &select)
            .await?
            .iter()
            .map(|row| row.get("tag"))
            .collect()
    }

    /// What a client's own identifier stands for: a version, or a collection.
    pub async fn client_id(
        &self,
        client_id: &str,
    ) -> Result<Option<(Option<ArtifactKey>, Option<CollectionKey>)>, MetaError> {
        let select = Query::select()
            .columns(["artifact_key", "collection_key"])
            .from("artifact_client_ids")
            .and_where(Expr::col("client_id").eq(client_id))
            .to_owned();
        let Some(row) = self.one_row("artifact_client_ids", &select).await? else {
            return Ok(None);
        };
        Ok(Some((
            row.get::<Option<i64>>("artifact_key")?.map(ArtifactKey),
            row.get::<Option<i64>>("collection_key")?.map(CollectionKey),
        )))
    }

    /// The manifests announced for a version, in the order in which they were.
    pub async fn manifests_of(
        &self,
        artifact: ArtifactKey,
    ) -> Result<Vec<ManifestRecord>, MetaError> {
        let mut select = select_manifests();
        select
            .and_where(Expr::col("artifact_key").eq(artifact.0))
            .order_by("manifest_key", Order::Asc);
        self.all(&select).await
    }

    /// The announced manifest under `key`.
    pub async fn manifest(&self, key: ManifestKey) -> Result<Option<ManifestRecord>, MetaError> {
        self.one(select_manifests().and_where(Expr::col("manifest_key").eq(key.0)))
            .await
    }

    /// The objects that manifests of committed versions are, by key of the version, for checking the whole store.
    pub async fn all_manifest_objects(
        &self,
        after: Option<ArtifactKey>,
        limit: u64,
    ) -> Result<Vec<(ArtifactKey, String)>, MetaError> {
        let select = Query::select()
            .columns(["artifact_key", "manifest_object"])
            .from("artifacts")
            .and_where(Expr::col("artifact_key").gt(after.map_or(0, |key| key.0)))
            .and_where(Expr::col("manifest_object").is_not_null())
            .order_by("artifact_key", Order::Asc)
            .limit(limit)
            .to_owned();
        self.all_rows("artifacts", &select)
            .await?
            .iter()
            .map(|row| {
                Ok((
                    ArtifactKey(row.get("artifact_key")?),
                    row.get("manifest_object")?,
                ))
            })
            .collect()
    }
}

impl MembershipRecord {
    fn read(row: &Row, artifact: ArtifactRecord) -> Result<Self, MetaError> {
        Ok(Self {
            key: MembershipKey(row.get("membership_key")?),
            collection: CollectionRecord::from_row(row)?,
            version: row.count("version")?,
            created_at: row.time("created_at")?,
            linked_by: row.get::<Option<i64>>("linked_by")?.map(UserKey),
            artifact,
        })
    }
}

fn restrict_versions(select: &mut SelectStatement, query: &VersionQuery) {
    select.and_where(Expr::col(("artifact_memberships", "collection_key")).eq(query.collection.0));
    for tag in &query.tags {
        let tagged = Query::select()
            .column("artifact_key")
            .from("artifact_tags")
            .and_where(Expr::col("tag").eq(tag.as_str()))
            .to_owned();
        select.and_where(Expr::col(("artifact_memberships", "artifact_key")).in_subquery(tagged));
    }
}

fn select_manifests() -> SelectStatement {
    Query::select()
        .columns([
            "manifest_key",
            "artifact_key",
            "kind",
            "base_artifact_key",
            "md5",
        ])
        .from("artifact_manifests")
        .to_owned()
}
