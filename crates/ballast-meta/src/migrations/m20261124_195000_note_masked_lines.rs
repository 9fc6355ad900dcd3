//! Lines that no chain shows any more, and since when.

use sea_orm_migration::prelude::*;

use super::columns::{belongs_to, integer};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let masked = Table::create()
            .table("masked_lines")
            .col(integer("generation_key").primary_key())
            .col(integer("first_line"))
            .col(integer("noticed_at"))
            .foreign_key(&mut belongs_to("generation_key", "generations"))
            .to_owned();
        manager.create_table(masked).await
    }
}
