//! Blobs: the contents of files, each stored once for an entity, and which versions use them.
//!
//! A content is known by its MD5, which is how clients name it; the first bytes stored under an MD5 stay. A blob that
//! no version uses is kept for a while after it was last wanted, since an upload comes before the commit that uses it.

use std::collections::{HashMap, HashSet};

use ballast_model::{ArtifactKey, EntityKey, ProjectKey, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query, SelectStatement};

use crate::row::{FromRow, LIST_PART, Row, int, micros};
use crate::{Db, MetaError, Tx};

/// The storage key of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(pub i64);

/// A content to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlob {
    /// The entity among whose contents it is.
    pub entity: EntityKey,
    /// The MD5 of the bytes.
    pub md5: [u8; 16],
    /// The BLAKE3 digest, if the bytes passed the server.
    pub blake3: Option<[u8; 32]>,
    /// The size.
    pub size_bytes: u64,
    /// The object that holds the bytes.
    pub object_key: String,
    /// The version it was uploaded for.
    pub first_artifact: ArtifactKey,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// A stored content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRecord {
    /// The storage key.
    pub key: BlobKey,
    /// The entity among whose contents it is.
    pub entity: EntityKey,
    /// The MD5 of the bytes.
    pub md5: [u8; 16],
    /// The BLAKE3 digest, if the bytes passed the server.
    pub blake3: Option<[u8; 32]>,
    /// The size.
    pub size_bytes: u64,
    /// The object that holds the bytes.
    pub object_key: String,
    /// The version it was uploaded for, which may be gone.
    pub first_artifact: ArtifactKey,
    /// When it was last asked for or lost a use.
    pub wanted_at: Timestamp,
}

impl FromRow for BlobRecord {
    const TABLE: &'static str = "blobs";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: BlobKey(row.get("blob_key")?),
            entity: EntityKey(row.get("entity_key")?),
            md5: row.digest("md5")?,
            blake3: row.optional_digest("blake3")?,
            size_bytes: row.count("size_bytes")?,
            object_key: row.get("object_key")?,
            first_artifact: ArtifactKey(row.get("first_artifact_key")?),
            wanted_at: row.time("wanted_at")?,
        })
    }
}

fn select_blobs() -> SelectStatement {
    Query::select()
        .columns([
            "blob_key",
            "entity_key",
            "md5",
            "blake3",
            "size_bytes",
            "object_key",
            "first_artifact_key",
            "wanted_at",
        ])
        .from("blobs")
        .to_owned()
}

/// That no version uses the row of `blobs` at hand, and nobody has wanted it since `before`.
fn is_unused(before: Timestamp) -> Expr {
    let uses = Query::select()
        .column("blob_key")
        .from("blob_uses")
        .and_where(Expr::col(("blob_uses", "blob_key")).equals(("blobs", "blob_key")))
        .to_owned();
    Expr::col(("blobs", "wanted_at"))
        .lt(micros(before))
        .and(Expr::exists(uses).not())
}

impl Db<'_> {
    /// The blobs of `entity` with these MD5s, in no order; contents that are not stored are left out.
    pub async fn blobs_by_md5(
        &self,
        entity: EntityKey,
        md5s: &[[u8; 16]],
    ) -> Result<Vec<BlobRecord>, MetaError> {
        let mut blobs = Vec::with_capacity(md5s.len());
        for part in md5s.chunks(LIST_PART) {
            let mut select = select_blobs();
            select.and_where(Expr::col("entity_key").eq(entity.0));
            select.and_where(Expr::col("md5").is_in(part.iter().map(|md5| md5.to_vec())));
            blobs.extend(self.all::<BlobRecord>(&select).await?);
        }
        Ok(blobs)
    }

    /// Up to `limit` blobs after `after`, by key, that no version uses and that were last wanted before `before`.
    pub async fn unused_blobs(
        &self,
        before: Timestamp,
        after: Option<BlobKey>,
        limit: u64,
    ) -> Result<Vec<BlobRecord>, MetaError> {
        let mut select = select_blobs();
        select
            .and_where(Expr::col("blob_key").gt(after.map_or(0, |key| key.0)))
            .and_where(is_unused(before))
            .order_by("blob_key", Order::Asc)
            .limit(limit);
        self.all(&select).await
    }

    /// The objects of all blobs of an entity, in byte order.
    pub async fn blob_objects(&self, entity: EntityKey) -> Result<Vec<String>, MetaError> {
        let select = Query::select()
            .column("object_key")
            .from("blobs")
            .and_where(Expr::col("entity_key").eq(entity.0))
            .order_by("object_key", Order::Asc)
            .to_owned();
        self.all_rows("blobs", &select)
            .await?
            .iter()
            .map(|row| row.get("object_key"))
            .collect()
    }

    /// How many versions use each of these blobs, and the first of them; unused ones are missing.
    pub async fn uses_of_blobs(
        &self,
        keys: &[BlobKey],
    ) -> Result<HashMap<BlobKey, (u64, ArtifactKey)>, MetaError> {
        let mut uses = HashMap::with_capacity(keys.len());
        for part in keys.chunks(LIST_PART) {
            let select = Query::select()
                .column("blob_key")
                .expr_as(Expr::col("artifact_key").count(), "n")
                .expr_as(Expr::col("artifact_key").min(), "artifact_key")
                .from("blob_uses")
                .and_where(Expr::col("blob_key").is_in(part.iter().map(|key| key.0)))
                .group_by_col("blob_key")
                .to_owned();
            for row in self.all_rows("blob_uses", &select).await? {
                let first = ArtifactKey(row.get("artifact_key")?);
                uses.insert(BlobKey(row.get("blob_key")?), (row.count("n")?, first));
            }
        }
        Ok(uses)
    }

    /// Up to `limit` blobs of all entities after `after`, by key, for checking the whole store.
    pub async fn all_blobs(
        &self,
        after: Option<BlobKey>,
        limit: u64,
    ) -> Result<Vec<BlobRecord>, MetaError> {
        let mut select = select_blobs();
        select.and_where(Expr::col("blob_key").gt(after.map_or(0, |key| key.0)));
        self.all(select.order_by("blob_key", Order::Asc).limit(limit))
            .await
    }
}

impl Tx<'_> {
    /// Stores contents, unless they are stored already. Returns the objects of those that were stored now; the other
    /// objects are the caller's to doom.
    pub async fn insert_blobs_if_absent(
        &self,
        blobs: &[NewBlob],
    ) -> Result<HashSet<String>, MetaError> {
        let mut inserted = HashSet::with_capacity(blobs.len());
        for part in blobs.chunks(LIST_PART) {
            let mut insert = Query::insert();
            insert.into_table("blobs").columns([
                "entity_key",
                "md5",
                "blake3",
                "size_bytes",
                "object_key",
                "first_artifact_key",
                "created_at",
                "wanted_at",
            ]);
            for blob in part {
                insert.values_panic([
                    blob.entity.0.into(),
                    blob.md5.to_vec().into(),
                    blob.blake3.map(|digest| digest.to_vec()).into(),
                    int(blob.size_bytes).into(),
                    blob.object_key.as_str().into(),
                    blob.first_artifact.0.into(),
                    micros(blob.created_at).into(),
                    micros(blob.created_at).into(),
                ]);
            }
            insert
                .on_conflict(
                    OnConflict::columns(["entity_key", "md5"])
                        .do_nothing()
                        .to_owned(),
                )
                .returning_col("object_key");
            for row in self.all_rows("blobs", &insert).await? {
                inserted.insert(row.get("object_key")?);
            }
        }
        Ok(inserted)
    }

    /// Keeps contents for a while, because someone was told that they need not be uploaded. Returns those that are
    /// stored, in no order.
    pub async fn want_blobs(
        &self,
        entity: EntityKey,
        md5s: &[[u8; 16]],
        now: Timestamp,
    ) -> Result<Vec<BlobRecord>, MetaError> {
        for part in md5s.chunks(LIST_PART) {
            let update = Query::update()
                .table("blobs")
                .value("wanted_at", micros(now))
                .and_where(Expr::col("entity_key").eq(entity.0))
                .and_where(Expr::col("md5").is_in(part.iter().map(|md5| md5.to_vec())))
                .and_where(Expr::col("wanted_at").lt(micros(now)))
                .to_owned();
            self.execute("blobs", &update).await?;
        }
        self.blobs_by_md5(entity, md5s).await
    }

    /// Records that a version uses these blobs, none of them twice. Returns how many of them are there.
    pub async fn use_blobs(
        &self,
        artifact: ArtifactKey,
        blobs: &[BlobKey],
    ) -> Result<u64, MetaError> {
        let mut n_used = 0;
        for part in blobs.chunks(LIST_PART) {
            let there = Query::select()
                .expr(Expr::val(artifact.0))
                .column("blob_key")
                .from("blobs")
                .and_where(Expr::col("blob_key").is_in(part.iter().map(|key| key.0)))
                .to_owned();
            let insert = Query::insert()
                .into_table("blob_uses")
                .columns(["artifact_key", "blob_key"])
                .select_from(there)
                .expect("as many columns are selected as are inserted")
                .to_owned();
            n_used += self.execute("blob_uses", &insert).await?;
        }
        Ok(n_used)
    }

    /// Records that a version uses no blobs any more. They are kept for a while from `now` on.
    pub async fn release_blobs(
        &self,
        artifact: ArtifactKey,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let used = Query::select()
            .column("blob_key")
            .from("blob_uses")
            .and_where(Expr::col("artifact_key").eq(artifact.0))
            .to_owned();
        let update = Query::update()
            .table("blobs")
            .value("wanted_at", micros(now))
            .and_where(Expr::col("blob_key").in_subquery(used))
            .to_owned();
        self.execute("blobs", &update).await?;
        let delete = Query::delete()
            .from_table("blob_uses")
            .and_where(Expr::col("artifact_key").eq(artifact.0))
            .to_owned();
        self.execute("blob_uses", &delete).await?;
        Ok(())
    }

    /// Keeps the blobs that versions of a project use for a while from `now` on, because the project goes.
    pub async fn want_blobs_of_project(
        &self,
        project: ProjectKey,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let used = Query::select()
            .column("blob_key")
            .from("blob_uses")
            .and_where(Expr::col("artifact_key").in_subquery(artifacts_of_project(project)))
            .to_owned();
        let update = Query::update()
            .table("blobs")
            .value("wanted_at", micros(now))
            .and_where(Expr::col("blob_key").in_subquery(used))
            .to_owned();
        self.execute("blobs", &update).await?;
        Ok(())
    }

    /// Forgets those of these blobs that no version uses and that were last wanted before `before`. Returns them; their
    /// objects are the caller's to doom.
    pub async fn delete_unused_blobs(
        &self,
        keys: &[BlobKey],
        before: Timestamp,
    ) -> Result<Vec<(String, u64)>, MetaError> {
        let mut deleted = Vec::with_capacity(keys.len());
        for part in keys.chunks(LIST_PART) {
            let delete = Query::delete()
                .from_table("blobs")
                .and_where(Expr::col("blob_key").is_in(part.iter().map(|key| key.0)))
                .and_where(is_unused(before))
                .returning(Query::returning().columns(["object_key", "size_bytes"]))
                .to_owned();
            for row in self.all_rows("blobs", &delete).await? {
                deleted.push((row.get("object_key")?, row.count("size_bytes")?));
            }
        }
        Ok(deleted)
    }
}

/// The versions of all collections of a project.
pub(crate) fn artifacts_of_project(project: ProjectKey) -> SelectStatement {
    let collections = Query::select()
        .column("collection_key")
        .from("artifact_collections")
        .and_where(Expr::col("project_key").eq(project.0))
        .to_owned();
    Query::select()
        .column("artifact_key")
        .from("artifacts")
        .and_where(Expr::col("collection_key").in_subquery(collections))
        .to_owned()
}
