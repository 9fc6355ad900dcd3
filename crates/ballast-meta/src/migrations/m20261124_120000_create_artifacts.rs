//! Artifacts: types, collections, versions and what they are found by, and the blobs that their files are.

use sea_orm_migration::prelude::*;

use super::columns::{
    belongs_to, bytes, code, index, integer, key, name, optional_bytes, optional_integer,
    optional_text, primary_key, refers_to, text, unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let mut live_name = name("live_name", backend);
        live_name.null();
        let tables = [
            Table::create()
                .table("artifact_types")
                .col(key("artifact_type_key"))
                .col(integer("project_key"))
                .col(name("name", backend))
                .col(text("description"))
                .col(integer("created_at"))
                .foreign_key(&mut belongs_to("project_key", "projects"))
                .to_owned(),
            Table::create()
                .table("artifact_collections")
                .col(key("collection_key"))
                .col(integer("project_key"))
                .col(integer("artifact_type_key"))
                .col(code("kind"))
                .col(name("name", backend))
                // The name as long as the collection exists; null once it is deleted, so that the name is free again.
                .col(live_name)
                .col(optional_text("description"))
                .col(integer("next_version"))
                .col(integer("created_at"))
                .col(integer("updated_at"))
                .foreign_key(&mut belongs_to("project_key", "projects"))
                .foreign_key(&mut belongs_to("artifact_type_key", "artifact_types"))
                .to_owned(),
            Table::create()
                .table("artifacts")
                .col(key("artifact_key"))
                .col(integer("collection_key"))
                .col(code("state"))
                .col(optional_integer("version"))
                .col(text("digest"))
                .col(optional_text("description"))
                .col(optional_text("metadata"))
                .col(optional_integer("ttl_s"))
                .col(optional_integer("history_step"))
                .col(optional_integer("run_key"))
                .col(optional_integer("user_key"))
                .col(optional_text("distributed_id"))
                .col(text("commit_hash"))
                // What a commit has to do besides: aliases and tags, as JSON. Null once it is done.
                .col(optional_text("wanted"))
                // The version that this one turned out to be the same as, at its commit.
                .col(optional_integer("same_as"))
                .col(integer("n_files"))
                .col(integer("size_bytes"))
                .col(optional_text("manifest_object"))
                .col(integer("manifest_bytes"))
                .col(optional_text("manifest_md5"))
                .col(integer("created_at"))
                .col(integer("updated_at"))
                .foreign_key(&mut belongs_to("collection_key", "artifact_collections"))
                .foreign_key(&mut refers_to(
                    "run_key",
                    "runs",
                    "run_key",
                    ForeignKeyAction::SetNull,
                ))
                .foreign_key(&mut refers_to(
                    "user_key",
                    "users",
                    "user_key",
                    ForeignKeyAction::SetNull,
                ))
                .to_owned(),
            Table::create()
                .table("artifact_memberships")
                .col(key("membership_key"))
                .col(integer("collection_key"))
                .col(integer("artifact_key"))
                .col(integer("version"))
                .col(integer("created_at"))
                .foreign_key(&mut belongs_to("collection_key", "artifact_collections"))
                .foreign_key(&mut belongs_to("artifact_key", "artifacts"))
                .to_owned(),
            Table::create()
                .table("artifact_aliases")
                .col(key("alias_key"))
                .col(integer("collection_key"))
                .col(integer("membership_key"))
                .col(name("alias", backend))
                .foreign_key(&mut belongs_to("collection_key", "artifact_collections"))
                .foreign_key(&mut belongs_to("membership_key", "artifact_memberships"))
                .to_owned(),
            Table::create()
                .table("artifact_tags")
                .col(integer("artifact_key"))
                .col(name("tag", backend))
                .primary_key(&mut primary_key(&["artifact_key", "tag"]))
                .foreign_key(&mut belongs_to("artifact_key", "artifacts"))
                .to_owned(),
            Table::create()
                .table("artifact_collection_tags")
                .col(integer("collection_key"))
                .col(name("tag", backend))
                .primary_key(&mut primary_key(&["collection_key", "tag"]))
                .foreign_key(&mut belongs_to("collection_key", "artifact_collections"))
                .to_owned(),
            Table::create()
                .table("artifact_client_ids")
                .col(name("client_id", backend).primary_key())
                .col(optional_integer("artifact_key"))
                .col(optional_integer("collection_key"))
                .foreign_key(&mut belongs_to("artifact_key", "artifacts"))
                .foreign_key(&mut belongs_to("collection_key", "artifact_collections"))
                .to_owned(),
            Table::create()
                .table("artifact_manifests")
                .col(key("manifest_key"))
                .col(integer("artifact_key"))
                .col(code("kind"))
                .col(optional_integer("base_artifact_key"))
                .col(optional_bytes("md5"))
                .col(integer("created_at"))
                .foreign_key(&mut belongs_to("artifact_key", "artifacts"))
                .to_owned(),
            Table::create()
                .table("artifact_runs")
                .col(integer("run_key"))
                .col(integer("artifact_key"))
                .col(code("role"))
                .col(optional_text("used_as"))
                .col(integer("created_at"))
                .primary_key(&mut primary_key(&["run_key", "artifact_key", "role"]))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .foreign_key(&mut belongs_to("artifact_key", "artifacts"))
                .to_owned(),
            Table::create()
                .table("blobs")
                .col(key("blob_key"))
                .col(integer("entity_key"))
                .col(bytes("md5"))
                .col(optional_bytes("blake3"))
                .col(integer("size_bytes"))
                .col(name("object_key", backend))
                .col(integer("first_artifact_key"))
                .col(integer("created_at"))
                .col(integer("wanted_at"))
                .foreign_key(&mut belongs_to("entity_key", "entities"))
                .to_owned(),
            Table::create()
                .table("blob_uses")
                .col(integer("artifact_key"))
                .col(integer("blob_key"))
                .primary_key(&mut primary_key(&["artifact_key", "blob_key"]))
                .foreign_key(&mut belongs_to("artifact_key", "artifacts"))
                // A blob that is in use cannot go, whoever tries.
                .foreign_key(&mut refers_to(
                    "blob_key",
                    "blobs",
                    "blob_key",
                    ForeignKeyAction::NoAction,
                ))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            unique("artifact_types", "name", &["project_key", "name"]),
            unique(
                "artifact_collections",
                "name",
                &["project_key", "live_name"],
            ),
            index("artifact_collections", "type", &["artifact_type_key"]),
            unique("artifacts", "version", &["collection_key", "version"]),
            index("artifacts", "digest", &["collection_key", "digest"]),
            index("artifacts", "age", &["state", "created_at"]),
            index("artifacts", "run", &["run_key"]),
            index("artifacts", "user", &["user_key"]),
            unique(
                "artifact_memberships",
                "version",
                &["collection_key", "version"],
            ),
            unique(
                "artifact_memberships",
                "artifact",
                &["artifact_key", "collection_key"],
            ),
            unique("artifact_aliases", "alias", &["collection_key", "alias"]),
            index("artifact_aliases", "membership", &["membership_key"]),
            index("artifact_client_ids", "artifact", &["artifact_key"]),
            index("artifact_client_ids", "collection", &["collection_key"]),
            index("artifact_manifests", "artifact", &["artifact_key"]),
            index("artifact_runs", "artifact", &["artifact_key", "role"]),
            unique("blobs", "md5", &["entity_key", "md5"]),
            index("blobs", "age", &["wanted_at"]),
            index("blob_uses", "blob", &["blob_key"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
