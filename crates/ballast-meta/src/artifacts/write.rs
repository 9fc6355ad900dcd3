//! Writing versions, memberships, aliases and tags.

use ballast_model::{
    ArtifactAlias, ArtifactKey, ArtifactTag, CollectionKey, MembershipKey, Timestamp, UserKey,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};

use super::{
    ArtifactPatch, ArtifactRecord, ArtifactState, CommittedArtifact, ManifestKey, ManifestKind,
    NewArtifact,
};
use crate::row::{int, micros, optional_text, text};
use crate::{MetaError, Tx};

impl Tx<'_> {
    /// Announces a version.
    pub async fn insert_artifact(&self, artifact: NewArtifact) -> Result<ArtifactKey, MetaError> {
        let now = micros(artifact.created_at);
        let insert = Query::insert()
            .into_table("artifacts")
            .columns([
                "collection_key",
                "state",
                "digest",
                "description",
                "metadata",
                "ttl_s",
                "history_step",
                "run_key",
                "user_key",
                "distributed_id",
                "commit_hash",
                "wanted",
                "n_files",
                "size_bytes",
                "manifest_bytes",
                "created_at",
                "updated_at",
            ])
            .values_panic([
                artifact.collection.0.into(),
                (ArtifactState::Pending as i16).into(),
                artifact.digest.into(),
                optional_text(artifact.description.as_deref()).into(),
                optional_text(artifact.metadata.as_deref()).into(),
                artifact.ttl_s.into(),
                artifact.history_step.into(),
                artifact.run.map(|run| run.0).into(),
                artifact.user.map(|user| user.0).into(),
                optional_text(artifact.distributed_id.as_deref()).into(),
                artifact.commit_hash.into(),
                artifact.wanted.into(),
                0_i64.into(),
                0_i64.into(),
                0_i64.into(),
                now.into(),
                now.into(),
            ])
            .returning_col("artifact_key")
            .to_owned();
        let key = self
            .insert_returning("artifacts", "artifact_key", &insert)
            .await?;
        Ok(ArtifactKey(key))
    }

    /// The version under `key`, which no other transaction changes before this one ends.
    pub async fn lock_artifact(
        &self,
        key: ArtifactKey,
    ) -> Result<Option<ArtifactRecord>, MetaError> {
        let lock = Query::select()
            .column("artifact_key")
            .from("artifacts")
            .and_where(Expr::col("artifact_key").eq(key.0))
            .lock_exclusive()
            .to_owned();
        self.all_rows("artifacts", &lock).await?;
        self.artifact(key).await
    }

    /// Makes a pending version complete. Returns whether it was pending.
    pub async fn commit_artifact(
        &self,
        key: ArtifactKey,
        committed: CommittedArtifact,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        let update = Query::update()
            .table("artifacts")
            .value("state", ArtifactState::Committed as i16)
            .value("version", int(committed.version))
            .value("digest", committed.digest)
            .value("wanted", Option::<String>::None)
            .value("n_files", int(committed.n_files))
            .value("size_bytes", int(committed.size_bytes))
            .value("manifest_object", committed.manifest_object)
            .value("manifest_bytes", int(committed.manifest_bytes))
            .value("manifest_md5", committed.manifest_md5)
            .value("updated_at", micros(now))
            .and_where(Expr::col("artifact_key").eq(key.0))
            .and_where(Expr::col("state").eq(ArtifactState::Pending as i16))
            .to_owned();
        Ok(self.execute("artifacts", &update).await? > 0)
    }

    /// Gives a pending version up, because `same` has its content.
    pub async fn resolve_artifact(
        &self,
        key: ArtifactKey,
        same: ArtifactKey,
        now: Timestamp,
    ) -> Result<(), MetaError> {
        let update = Query::update()
            .table("artifacts")
            .value("state", ArtifactState::Deleted as i16)
            .value("same_as", same.0)
            .value("wanted", Option::<String>::None)
            .value("updated_at", micros(now))
            .and_where(Expr::col("artifact_key").eq(key.0))
            .to_owned();
        self.execute("artifacts", &update).await?;
        Ok(())
    }

    /// Changes a version. Returns whether there is such a version.
    pub async fn update_artifact(
        &self,
        key: ArtifactKey,
        patch: ArtifactPatch,
        now: Timestamp,
    ) -> Result<bool, MetaError> {
        let mut update = Query::update()
            .table("artifacts")
            .value("updated_at", micros(now))
            .and_where(Expr::col("artifact_key").eq(key.0))
            .to_owned();
        for (column, value) in [
            ("description", patch.description),
            ("metadata", patch.metadata),
            ("wanted", patch.wanted),
        ] {
            if let Some(value) = value {
                update.value(column, text(&value));
            }
        }
        if let Some(ttl_s) = patch.ttl_s {
            update.value("ttl_s", ttl_s);
        }
        Ok(self.execute("artifacts", &update).await? > 0)
    }

    /// Marks a version as deleted: it leaves all collections, and its blobs are kept for a while only. Returns the
    /// object that its manifest is, which the caller dooms.
    pub async fn delete_artifact(
        &self,
        key: ArtifactKey,
        now: Timestamp,
    ) -> Result<Option<String>, MetaError> {
        let manifest = self
            .artifact(key)
            .await?
            .and_then(|artifact| artifact.manifest_object);
        let update = Query::update()
            .table("artifacts")
            .value("state", ArtifactState::Deleted as i16)
            .value("manifest_object", Option::<String>::None)
            .value("wanted", Option::<String>::None)
            .value("updated_at", micros(now))
            .and_where(Expr::col("artifact_key").eq(key.0))
            .to_owned();
        self.execute("artifacts", &update).await?;
        let delete = Query::delete()
            .from_table("artifact_memberships")
            .and_where(Expr::col("artifact_key").eq(key.0))
            .to_owned();
        self.execute("artifact_memberships", &delete).await?;
        self.release_blobs(key, now).await?;
        Ok(manifest)
    }

    /// Puts a version into a collection under a number; `linked_by` is who links it, if the collection is not its own.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if it is in there already, or the number is taken.
    pub async fn insert_membership(
        &self,
        collection: CollectionKey,
        artifact: ArtifactKey,
        version: u64,
        linked_by: Option<UserKey>,
        now: Timestamp,
    ) -> Result<MembershipKey, MetaError> {
        let insert = Query::insert()
            .into_table("artifact_memberships")
            .columns([
                "collection_key",
                "artifact_key",
                "version",
                "user_key",
                "created_at",
            ])
            .values_panic([
                collection.0.into(),
                artifact.0.into(),
                int(version).into(),
                linked_by.map(|user| user.0).into(),
                micros(now).into(),
            ])
            .returning_col("membership_key")
            .to_owned();
        let key = self
            .insert_returning("artifact_memberships", "membership_key", &insert)
            .await?;
        Ok(MembershipKey(key))
    }

    /// Takes a version out of a collection, with its aliases there. Returns whether it was in there.
    pub async fn delete_membership(&self, key: MembershipKey) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table("artifact_memberships")
            .and_where(Expr::col("membership_key").eq(key.0))
            .to_owned();
        Ok(self.execute("artifact_memberships", &delete).await? > 0)
    }

    /// Makes an alias name a membership, and no other one of the collection.
    pub async fn put_alias(
        &self,
        collection: CollectionKey,
        membership: MembershipKey,
        alias: &ArtifactAlias,
    ) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("artifact_aliases")
            .columns(["collection_key", "membership_key", "alias"])
            .values_panic([
                collection.0.into(),
                membership.0.into(),
                alias.as_str().into(),
            ])
            .on_conflict(
                OnConflict::columns(["collection_key", "alias"])
                    .update_column("membership_key")
                    .to_owned(),
            )
            .to_owned();
        self.execute("artifact_aliases", &insert).await?;
        Ok(())
    }

    /// Takes an alias away from a membership. Returns whether it had it.
    pub async fn delete_alias(
        &self,
        membership: MembershipKey,
        alias: &ArtifactAlias,
    ) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table("artifact_aliases")
            .and_where(Expr::col("membership_key").eq(membership.0))
            .and_where(Expr::col("alias").eq(alias.as_str()))
            .to_owned();
        Ok(self.execute("artifact_aliases", &delete).await? > 0)
    }

    /// Adds tags to a version; those that it has stay.
    pub async fn add_artifact_tags(
        &self,
        artifact: ArtifactKey,
        tags: &[ArtifactTag],
    ) -> Result<(), MetaError> {
        self.add_tags("artifact_tags", "artifact_key", artifact.0, tags)
            .await
    }

    /// Takes tags away from a version; those that it does not have are passed over.
    pub async fn delete_artifact_tags(
        &self,
        artifact: ArtifactKey,
        tags: &[ArtifactTag],
    ) -> Result<(), MetaError> {
        self.delete_tags("artifact_tags", "artifact_key", artifact.0, tags)
            .await
    }

    pub(super) async fn add_tags(
        &self,
        table: &'static str,
        column: &'static str,
        key: i64,
        tags: &[ArtifactTag],
    ) -> Result<(), MetaError> {
        for tag in tags {
            let insert = Query::insert()
                .into_table(table)
                .columns([column, "tag"])
                .values_panic([key.into(), tag.as_str().into()])
                .on_conflict(OnConflict::columns([column, "tag"]).do_nothing().to_owned())
                .to_owned();
            self.execute(table, &insert).await?;
        }
        Ok(())
    }

    pub(super) async fn delete_tags(
        &self,
        table: &'static str,
        column: &'static str,
        key: i64,
        tags: &[ArtifactTag],
    ) -> Result<(), MetaError> {
        let delete = Query::delete()
            .from_table(table)
            .and_where(Expr::col(column).eq(key))
            .and_where(Expr::col("tag").is_in(tags.iter().map(ArtifactTag::as_str)))
            .to_owned();
        self.execute(table, &delete).await?;
        Ok(())
    }

    /// Records what a client's own identifier stands for. One that is known already keeps its first meaning.
    pub async fn put_client_id(
        &self,
        client_id: &str,
        artifact: Option<ArtifactKey>,
        collection: Option<CollectionKey>,
    ) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("artifact_client_ids")
            .columns(["client_id", "artifact_key", "collection_key"])
            .values_panic([
                client_id.into(),
                artifact.map(|key| key.0).into(),
                collection.map(|key| key.0).into(),
            ])
            .on_conflict(OnConflict::column("client_id").do_nothing().to_owned())
            .to_owned();
        self.execute("artifact_client_ids", &insert).await?;
        Ok(())
    }

    /// Records that a client was told to send a manifest.
    pub async fn insert_manifest(
        &self,
        artifact: ArtifactKey,
        kind: ManifestKind,
        base: Option<ArtifactKey>,
        md5: Option<[u8; 16]>,
        now: Timestamp,
    ) -> Result<ManifestKey, MetaError> {
        let insert = Query::insert()
            .into_table("artifact_manifests")
            .columns([
                "artifact_key",
                "kind",
                "base_artifact_key",
                "md5",
                "created_at",
            ])
            .values_panic([
                artifact.0.into(),
                (kind as i16).into(),
                base.map(|key| key.0).into(),
                md5.map(|md5| md5.to_vec()).into(),
                micros(now).into(),
            ])
            .returning_col("manifest_key")
            .to_owned();
        let key = self
            .insert_returning("artifact_manifests", "manifest_key", &insert)
            .await?;
        Ok(ManifestKey(key))
    }
}
