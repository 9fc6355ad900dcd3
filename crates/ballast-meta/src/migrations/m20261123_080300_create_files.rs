//! Files of runs, uploads, and objects that are coming or going.

use sea_orm_migration::prelude::*;

use super::columns::{
    belongs_to, index, integer, key, name, optional_bytes, optional_text, text, unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let tables = [
            Table::create()
                .table("run_files")
                .col(key("file_key"))
                .col(integer("run_key"))
                .col(name("path", backend))
                .col(name("object_key", backend))
                .col(integer("size_bytes"))
                .col(optional_text("md5"))
                .col(optional_bytes("blake3"))
                .col(text("mime_type"))
                .col(integer("updated_at"))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
            Table::create()
                .table("uploads")
                .col(name("object_key", backend).primary_key())
                .col(integer("run_key"))
                .col(name("path", backend))
                .col(integer("created_at"))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
            Table::create()
                .table("pending_objects")
                .col(name("object_key", backend).primary_key())
                .col(integer("at"))
                .to_owned(),
            Table::create()
                .table("doomed_objects")
                .col(name("object_key", backend).primary_key())
                .col(integer("at"))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            unique("run_files", "path", &["run_key", "path"]),
            index("uploads", "path", &["run_key", "path"]),
            index("uploads", "age", &["created_at"]),
            index("pending_objects", "age", &["at"]),
            index("doomed_objects", "age", &["at"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
