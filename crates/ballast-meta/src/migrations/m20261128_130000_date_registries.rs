//! When projects changed last, and who linked versions.

use sea_orm_migration::prelude::*;

use super::columns::{index, optional_integer};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Null for projects that did not change since they were made, or since this step.
        let changed = Table::alter()
            .table("projects")
            .add_column(optional_integer("updated_at"))
            .to_owned();
        manager.alter_table(changed).await?;
        // Null where a version is in its own collection, and for links from before this step. SQLite adds such a column
        // only with the key spelled out in it.
        let mut linked_by = optional_integer("user_key");
        linked_by.extra("REFERENCES \"users\" (\"user_key\") ON DELETE SET NULL");
        let linked_by = Table::alter()
            .table("artifact_memberships")
            .add_column(linked_by)
            .to_owned();
        manager.alter_table(linked_by).await?;
        manager
            .create_index(index("artifact_memberships", "user", &["user_key"]))
            .await
    }
}
