//! How long the feed of changes has shown that a run was purged.

use sea_orm_migration::prelude::*;

use super::columns::optional_integer;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Whoever purges a run leaves this empty, as the program before this step does.
        let aged = Table::alter()
            .table("purged_runs")
            .add_column(optional_integer("shown_at"))
            .to_owned();
        manager.alter_table(aged).await
    }
}
