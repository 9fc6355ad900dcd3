//! The last change of a project, without reading its runs.

use sea_orm_migration::prelude::*;

use super::columns::index;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = &["project_key", "revision"];
        manager
            .create_index(index("runs", "project_revision", columns))
            .await
    }
}
