//! Blocks of console lines, which chunks are folded into.

use sea_orm_migration::prelude::*;

use super::columns::{belongs_to, bytes, index, integer, key};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let blocks = Table::create()
            .table("console_blocks")
            .col(key("block_key"))
            .col(integer("run_key"))
            .col(integer("first_line"))
            .col(integer("end_line"))
            .col(integer("n_bytes"))
            .col(bytes("body"))
            .foreign_key(&mut belongs_to("run_key", "runs"))
            .to_owned();
        manager.create_table(blocks).await?;
        // Chunks that are there are small: nothing is lost if their size does not count.
        let sized = Table::alter()
            .table("console_chunks")
            .add_column(integer("n_bytes").default(0).take())
            .to_owned();
        manager.alter_table(sized).await?;
        let by_line = Index::drop()
            .name("console_chunks_by_line")
            .table("console_chunks")
            .to_owned();
        manager.drop_index(by_line).await?;
        // What folding counts and reading looks for, without a look at the rows.
        for table in ["console_chunks", "console_blocks"] {
            let by_line = index(table, "line", &["run_key", "end_line", "first_line"]);
            manager.create_index(by_line).await?;
        }
        Ok(())
    }
}
