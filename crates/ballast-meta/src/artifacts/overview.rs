//! What lists of collections and versions show beside the records, read for a whole page at once.

use std::collections::HashMap;

use ballast_model::{
    ArtifactKey, ArtifactTypeName, CollectionKey, CollectionName, EntityKey, EntityName,
    ProjectKey, ProjectName, RunId, RunKey, RunState, Timestamp,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Order, Query, WindowStatement};

use super::lineage::is_committed;
use super::read::select_memberships;
use super::{ArtifactRecord, ArtifactRole, ArtifactTypeKey, CollectionRecord, MembershipRecord};
use crate::row::{FromRow, LIST_PART, Row};
use crate::{Db, MetaError};

/// What the versions in a collection add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CollectionFigures {
    /// How many versions are in it.
    pub n_versions: u64,
    /// The sum of their sizes, in bytes. A content that several of them have counts once for each.
    pub size_bytes: u64,
}

/// A version of a collection that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedVersion {
    /// The alias.
    pub alias: String,
    /// The number in the collection.
    pub version: u64,
}

/// A run as it is named beside other things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReference {
    /// The storage key.
    pub key: RunKey,
    /// The owner of the project.
    pub entity: EntityKey,
    /// The owner's name.
    pub entity_name: EntityName,
    /// The project.
    pub project: ProjectKey,
    /// The project's name.
    pub project_name: ProjectName,
    /// The short id in addresses.
    pub run_id: RunId,
    /// The title for people.
    pub display_name: String,
    /// Where the run stands.
    pub state: RunState,
    /// What it did, such as `train` or `eval`.
    pub job_type: Option<String>,
    /// The group that its script put it in.
    pub group: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A version as it is named beside other things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactReference {
    /// The storage key.
    pub key: ArtifactKey,
    /// The owner of the project.
    pub entity: EntityKey,
    /// The owner's name.
    pub entity_name: EntityName,
    /// The project.
    pub project: ProjectKey,
    /// The project's name.
    pub project_name: ProjectName,
    /// The collection in which it is looked at.
    pub collection: CollectionKey,
    /// The collection's name.
    pub collection_name: CollectionName,
    /// The name of its type.
    pub type_name: ArtifactTypeName,
    /// Its number in the collection.
    pub version: u64,
    /// The digest of its manifest, in hexadecimal.
    pub digest: String,
    /// How many entries its manifest has.
    pub n_files: u64,
    /// The sum of the sizes of its entries, in bytes.
    pub size_bytes: u64,
    /// When it was announced.
    pub created_at: Timestamp,
}

impl ArtifactReference {
    /// The version as its own collection names it.
    pub fn at_home(artifact: &ArtifactRecord) -> Self {
        let collection = &artifact.collection;
        Self::named(artifact, collection, artifact.version.unwrap_or_default())
    }

    fn named(artifact: &ArtifactRecord, collection: &CollectionRecord, version: u64) -> Self {
        Self {
            key: artifact.key,
            entity: collection.entity,
            entity_name: collection.entity_name.clone(),
            project: collection.project,
            project_name: collection.project_name.clone(),
            collection: collection.key,
            collection_name: collection.name.clone(),
            type_name: collection.type_name.clone(),
            version,
            digest: artifact.digest.clone(),
            n_files: artifact.n_files,
            size_bytes: artifact.size_bytes,
            created_at: artifact.created_at,
        }
    }
}

impl From<&MembershipRecord> for ArtifactReference {
    fn from(membership: &MembershipRecord) -> Self {
        Self::named(
            &membership.artifact,
            &membership.collection,
            membership.version,
        )
    }
}

impl FromRow for ArtifactReference {
    const TABLE: &'static str = "artifacts";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: ArtifactKey(row.get("artifact_key")?),
            entity: EntityKey(row.get("entity_key")?),
            entity_name: row.parse("entity_name")?,
            project: ProjectKey(row.get("project_key")?),
            project_name: row.parse("project_name")?,
            collection: CollectionKey(row.get("collection_key")?),
            collection_name: row.parse("collection_name")?,
            type_name: row.parse("type_name")?,
            version: row.count("version")?,
            digest: row.get("digest")?,
            n_files: row.count("n_files")?,
            size_bytes: row.count("size_bytes")?,
            created_at: row.time("created_at")?,
        })
    }
}

impl FromRow for RunReference {
    const TABLE: &'static str = "runs";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: RunKey(row.get("run_key")?),
            entity: EntityKey(row.get("entity_key")?),
            entity_name: row.parse("entity_name")?,
            project: ProjectKey(row.get("project_key")?),
            project_name: row.parse("project_name")?,
            run_id: row.parse("run_id")?,
            display_name: row.get("display_name")?,
            state: row.parse("state")?,
            job_type: row.get("job_type")?,
            group: row.get("run_group")?,
            created_at: row.time("created_at")?,
        })
    }
}

impl Db<'_> {
    /// How many collections of each type a project has; types without any are missing.
    pub async fn count_collections_by_type(
        &self,
        project: ProjectKey,
    ) -> Result<HashMap<ArtifactTypeKey, u64>, MetaError> {
        let select = Query::select()
            .column("artifact_type_key")
            .expr_as(Expr::col("collection_key").count(), "n")
            .from("artifact_collections")
            .and_where(Expr::col("project_key").eq(project.0))
            .and_where(Expr::col("live_name").is_not_null())
            .group_by_col("artifact_type_key")
            .to_owned();
        self.all_rows("artifact_collections", &select)
            .await?
            .iter()
            .map(|row| {
                let key = ArtifactTypeKey(row.get("artifact_type_key")?);
                Ok((key, row.count("n")?))
            })
            .collect()
    }

    /// The figures of collections; empty ones are missing.
    pub async fn collection_figures(
        &self,
        collections: &[CollectionKey],
    ) -> Result<HashMap<CollectionKey, CollectionFigures>, MetaError> {
        let mut figures = HashMap::with_capacity(collections.len());
        for part in collections.chunks(LIST_PART) {
            let size = Func::sum(Expr::col(("artifacts", "size_bytes")));
            let collection = ("artifact_memberships", "collection_key");
            let select = Query::select()
                .column(collection)
                .expr_as(
                    Expr::col(("artifact_memberships", "membership_key")).count(),
                    "n",
                )
                .expr_as(size.cast_as("bigint"), "size_bytes")
                .from("artifact_memberships")
                .inner_join(
                    "artifacts",
                    Expr::col(("artifacts", "artifact_key"))
                        .equals(("artifact_memberships", "artifact_key")),
                )
                .and_where(Expr::col(collection).is_in(part.iter().map(|key| key.0)))
                .group_by_col(collection)
                .to_owned();
            for row in self.all_rows("artifact_memberships", &select).await? {
                let found = CollectionFigures {
                    n_versions: row.count("n")?,
                    size_bytes: row.count("size_bytes")?,
                };
                figures.insert(CollectionKey(row.get("collection_key")?), found);
            }
        }
        Ok(figures)
    }

    /// The versions that have this alias in collections; collections without are missing.
    pub async fn memberships_with_alias(
        &self,
        collections: &[CollectionKey],
        alias: &str,
    ) -> Result<Vec<MembershipRecord>, MetaError> {
        let mut memberships = Vec::with_capacity(collections.len());
        for part in collections.chunks(LIST_PART) {
            let named = Query::select()
                .column("membership_key")
                .from("artifact_aliases")
                .and_where(Expr::col("collection_key").is_in(part.iter().map(|key| key.0)))
                .and_where(Expr::col("alias").eq(alias))
                .to_owned();
            let mut select = select_memberships();
            select.and_where(
                Expr::col(("artifact_memberships", "membership_key")).in_subquery(named),
            );
            memberships.extend(self.memberships(&select).await?);
        }
        Ok(memberships)
    }

    /// The aliases of collections but for `except`, each with the version that has it: those of the newest versions
    /// first, and at most `most` of a collection. Collections without are missing.
    pub async fn named_versions(
        &self,
        collections: &[CollectionKey],
        except: &str,
        most: u64,
    ) -> Result<HashMap<CollectionKey, Vec<NamedVersion>>, MetaError> {
        let version = ("artifact_memberships", "version");
        let alias = ("artifact_aliases", "alias");
        let mut named: HashMap<_, Vec<NamedVersion>> = HashMap::new();
        for part in collections.chunks(LIST_PART) {
            let mut window = WindowStatement::partition_by(("artifact_aliases", "collection_key"));
            window.order_by(version, Order::Desc);
            window.order_by(alias, Order::Asc);
            let mut ranked = Query::select();
            ranked
                .column(("artifact_aliases", "collection_key"))
                .column(alias)
                .column(version)
                .expr_window_as(Func::cust("ROW_NUMBER"), window, "place")
                .from("artifact_aliases")
                .inner_join(
                    "artifact_memberships",
                    Expr::col(("artifact_memberships", "membership_key"))
                        .equals(("artifact_aliases", "membership_key")),
                )
                .and_where(
                    Expr::col(("artifact_aliases", "collection_key"))
                        .is_in(part.iter().map(|key| key.0)),
                )
                .and_where(Expr::col(alias).ne(except));
            let select = Query::select()
                .column("collection_key")
                .column("alias")
                .column("version")
                .from_subquery(ranked, "ranked")
                .and_where(Expr::col("place").lte(most))
                .order_by("collection_key", Order::Asc)
                .order_by("place", Order::Asc)
                .to_owned();
            for row in self.all_rows("artifact_aliases", &select).await? {
                let found = NamedVersion {
                    alias: row.get("alias")?,
                    version: row.count("version")?,
                };
                let collection = CollectionKey(row.get("collection_key")?);
                named.entry(collection).or_default().push(found);
            }
        }
        Ok(named)
    }

    /// The places of versions in all collections that they are in, oldest first; those that are not committed are in
    /// none.
    pub async fn memberships_of_artifacts(
        &self,
        artifacts: &[ArtifactKey],
    ) -> Result<Vec<MembershipRecord>, MetaError> {
        let mut memberships = Vec::with_capacity(artifacts.len());
        for part in artifacts.chunks(LIST_PART) {
            let mut select = select_memberships();
            select.and_where(
                Expr::col(("artifact_memberships", "artifact_key"))
                    .is_in(part.iter().map(|key| key.0)),
            );
            select.order_by(("artifact_memberships", "membership_key"), Order::Asc);
            memberships.extend(self.memberships(&select).await?);
        }
        Ok(memberships)
    }

    /// The aliases of versions in every collection that they are in, in byte order.
    pub async fn aliases_of_artifacts(
        &self,
        artifacts: &[ArtifactKey],
    ) -> Result<HashMap<(ArtifactKey, CollectionKey), Vec<String>>, MetaError> {
        let mut aliases: HashMap<_, Vec<String>> = HashMap::new();
        for part in artifacts.chunks(LIST_PART) {
            let select = Query::select()
                .column(("artifact_memberships", "artifact_key"))
                .column(("artifact_memberships", "collection_key"))
                .column(("artifact_aliases", "alias"))
                .from("artifact_memberships")
                .inner_join(
                    "artifact_aliases",
                    Expr::col(("artifact_aliases", "membership_key"))
                        .equals(("artifact_memberships", "membership_key")),
                )
                .and_where(
                    Expr::col(("artifact_memberships", "artifact_key"))
                        .is_in(part.iter().map(|key| key.0)),
                )
                .order_by(("artifact_aliases", "alias"), Order::Asc)
                .to_owned();
            for row in self.all_rows("artifact_aliases", &select).await? {
                let key = (
                    ArtifactKey(row.get("artifact_key")?),
                    CollectionKey(row.get("collection_key")?),
                );
                aliases.entry(key).or_default().push(row.get("alias")?);
            }
        }
        Ok(aliases)
    }

    /// The tags of versions, in byte order; versions without are missing.
    pub async fn tags_of_artifacts(
        &self,
        artifacts: &[ArtifactKey],
    ) -> Result<HashMap<ArtifactKey, Vec<String>>, MetaError> {
        let keys: Vec<i64> = artifacts.iter().map(|key| key.0).collect();
        let tags = self.tags_by_key("artifact_tags", "artifact_key", &keys);
        Ok(keyed(tags.await?, ArtifactKey))
    }

    /// The tags of collections, in byte order; collections without are missing.
    pub async fn tags_of_collections(
        &self,
        collections: &[CollectionKey],
    ) -> Result<HashMap<CollectionKey, Vec<String>>, MetaError> {
        let keys: Vec<i64> = collections.iter().map(|key| key.0).collect();
        let tags = self.tags_by_key("artifact_collection_tags", "collection_key", &keys);
        Ok(keyed(tags.await?, CollectionKey))
    }

    async fn tags_by_key(
        &self,
        table: &'static str,
        column: &'static str,
        keys: &[i64],
    ) -> Result<HashMap<i64, Vec<String>>, MetaError> {
        let mut tags: HashMap<i64, Vec<String>> = HashMap::new();
        for part in keys.chunks(LIST_PART) {
            let select = Query::select()
                .columns([column, "tag"])
                .from(table)
                .and_where(Expr::col(column).is_in(part.iter().copied()))
                .order_by("tag", Order::Asc)
                .to_owned();
            for row in self.all_rows(table, &select).await? {
                tags.entry(row.get(column)?)
                    .or_default()
                    .push(row.get("tag")?);
            }
        }
        Ok(tags)
    }

    /// How many runs, the bin left out, used each of these versions; unused ones are missing.
    pub async fn count_users_of_artifacts(
        &self,
        artifacts: &[ArtifactKey],
    ) -> Result<HashMap<ArtifactKey, u64>, MetaError> {
        let counts = self.use_counts_of_artifacts(artifacts).await?;
        Ok(counts
            .into_iter()
            .filter(|(_, counts)| counts.n_used_by > 0)
            .map(|(key, counts)| (key, counts.n_used_by))
            .collect())
    }

    /// How a run uses versions: what its script called each of them; versions without such a name are missing.
    pub async fn names_of_use(
        &self,
        run: RunKey,
        artifacts: &[ArtifactKey],
    ) -> Result<HashMap<ArtifactKey, String>, MetaError> {
        let mut names = HashMap::new();
        for part in artifacts.chunks(LIST_PART) {
            let select = Query::select()
                .columns(["artifact_key", "used_as"])
                .from("artifact_runs")
                .and_where(Expr::col("run_key").eq(run.0))
                .and_where(Expr::col("role").eq(ArtifactRole::Used as i16))
                .and_where(Expr::col("used_as").is_not_null())
                .and_where(Expr::col("artifact_key").is_in(part.iter().map(|key| key.0)))
                .to_owned();
            for row in self.all_rows("artifact_runs", &select).await? {
                names.insert(ArtifactKey(row.get("artifact_key")?), row.get("used_as")?);
            }
        }
        Ok(names)
    }

    /// The runs under these keys, in no order; unknown ones and those in the bin are missing.
    pub async fn run_references(&self, keys: &[RunKey]) -> Result<Vec<RunReference>, MetaError> {
        let mut runs = Vec::with_capacity(keys.len());
        for part in keys.chunks(LIST_PART) {
            let select = Query::select()
                .columns(
                    [
                        "run_key",
                        "run_id",
                        "display_name",
                        "state",
                        "job_type",
                        "run_group",
                        "created_at",
                    ]
                    .map(|column| ("runs", column)),
                )
                .column(("projects", "entity_key"))
                .column(("projects", "project_key"))
                .expr_as(Expr::col(("projects", "name")), "project_name")
                .expr_as(Expr::col(("entities", "name")), "entity_name")
                .from("runs")
                .inner_join(
                    "projects",
                    Expr::col(("projects", "project_key")).equals(("runs", "project_key")),
                )
                .inner_join(
                    "entities",
                    Expr::col(("entities", "entity_key")).equals(("projects", "entity_key")),
                )
                .and_where(Expr::col(("runs", "run_key")).is_in(part.iter().map(|key| key.0)))
                .and_where(Expr::col(("runs", "deleted_at")).is_null())
                .to_owned();
            runs.extend(self.all::<RunReference>(&select).await?);
        }
        Ok(runs)
    }

    /// The committed versions under these keys, in no order, each as its own collection names it.
    pub async fn artifact_references(
        &self,
        keys: &[ArtifactKey],
    ) -> Result<Vec<ArtifactReference>, MetaError> {
        let mut artifacts = Vec::with_capacity(keys.len());
        for part in keys.chunks(LIST_PART) {
            let mut select = Query::select();
            for column in [
                "artifact_key",
                "collection_key",
                "version",
                "digest",
                "n_files",
                "size_bytes",
                "created_at",
            ] {
                select.column(("artifacts", column));
            }
            for (table, column, name) in [
                ("artifact_collections", "name", "collection_name"),
                ("artifact_types", "name", "type_name"),
                ("projects", "name", "project_name"),
                ("projects", "project_key", "project_key"),
                ("projects", "entity_key", "entity_key"),
                ("entities", "name", "entity_name"),
            ] {
                select.expr_as(Expr::col((table, column)), name);
            }
            select.from("artifacts");
            for (joined, with, key) in [
                ("artifact_collections", "artifacts", "collection_key"),
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
            select
                .and_where(
                    Expr::col(("artifacts", "artifact_key")).is_in(part.iter().map(|key| key.0)),
                )
                .and_where(is_committed(self.backend()));
            artifacts.extend(self.all::<ArtifactReference>(&select).await?);
        }
        Ok(artifacts)
    }

    /// The versions that a run logged or used and that are committed, the first `limit` of them.
    pub async fn artifact_keys_of_run(
        &self,
        run: RunKey,
        role: ArtifactRole,
        limit: u64,
    ) -> Result<Vec<ArtifactKey>, MetaError> {
        let select = Query::select()
            .column(("artifacts", "artifact_key"))
            .from("artifact_runs")
            .inner_join(
                "artifacts",
                Expr::col(("artifacts", "artifact_key")).equals(("artifact_runs", "artifact_key")),
            )
            .and_where(Expr::col(("artifact_runs", "run_key")).eq(run.0))
            .and_where(Expr::col(("artifact_runs", "role")).eq(role as i16))
            .and_where(is_committed(self.backend()))
            .order_by(("artifact_runs", "created_at"), Order::Asc)
            .order_by(("artifact_runs", "artifact_key"), Order::Asc)
            .limit(limit)
            .to_owned();
        self.all_rows("artifact_runs", &select)
            .await?
            .iter()
            .map(|row| row.get("artifact_key").map(ArtifactKey))
            .collect()
    }
}

fn keyed<K: std::hash::Hash + Eq>(
    tags: HashMap<i64, Vec<String>>,
    key: impl Fn(i64) -> K,
) -> HashMap<K, Vec<String>> {
    tags.into_iter()
        .map(|(number, tags)| (key(number), tags))
        .collect()
}
