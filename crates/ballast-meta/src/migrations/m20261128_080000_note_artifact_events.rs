//! What happened to versions of artifacts after they were announced.

use sea_orm_migration::prelude::*;

use super::columns::{
    belongs_to, code, index, integer, key, optional_integer, optional_text, refers_to,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("artifact_events")
                    .col(key("event_key"))
                    .col(integer("artifact_key"))
                    .col(code("kind"))
                    // What the kind is about: an alias, a tag, the place of a link, a time to live.
                    .col(optional_text("detail"))
                    .col(optional_integer("user_key"))
                    .col(integer("created_at"))
                    .foreign_key(&mut belongs_to("artifact_key", "artifacts"))
                    .foreign_key(&mut refers_to(
                        "user_key",
                        "users",
                        "user_key",
                        ForeignKeyAction::SetNull,
                    ))
                    .to_owned(),
            )
            .await?;
        for index in [
            index("artifact_events", "artifact", &["artifact_key"]),
            index("artifact_events", "user", &["user_key"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
