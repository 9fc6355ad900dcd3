//! Generations and their chains, chunks, batches, segments, writers, console, leases, problems.

use sea_orm_migration::prelude::*;

use super::columns::{
    belongs_to, bytes, code, index, integer, key, name, optional_integer, primary_key, text, unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let tables = [
            Table::create()
                .table("generations")
                .col(key("generation_key"))
                .col(integer("run_key"))
                .col(code("stream"))
                .col(integer("first_line"))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
            Table::create()
                .table("pieces")
                .col(integer("run_key"))
                .col(code("stream"))
                .col(code("ordinal"))
                .col(integer("generation_key"))
                .col(optional_integer("end_line"))
                .primary_key(&mut primary_key(&["run_key", "stream", "ordinal"]))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .foreign_key(&mut belongs_to("generation_key", "generations"))
                .to_owned(),
            // The body comes last: SQLite reads a row from the front, so that nothing before it costs its pages.
            Table::create()
                .table("chunks")
                .col(key("chunk_key"))
                .col(integer("generation_key"))
                .col(integer("first_line"))
                .col(integer("end_line"))
                .col(optional_integer("min_step"))
                .col(optional_integer("max_step"))
                .col(integer("n_bytes"))
                .col(bytes("index"))
                .col(bytes("body"))
                .foreign_key(&mut belongs_to("generation_key", "generations"))
                .to_owned(),
            Table::create()
                .table("batches")
                .col(integer("generation_key"))
                .col(integer("first_line"))
                .col(integer("n_lines"))
                .col(bytes("digest"))
                .primary_key(&mut primary_key(&[
                    "generation_key",
                    "first_line",
                    "n_lines",
                ]))
                .foreign_key(&mut belongs_to("generation_key", "generations"))
                .to_owned(),
            Table::create()
                .table("segments")
                .col(key("segment_key"))
                .col(integer("generation_key"))
                .col(integer("first_line"))
                .col(integer("end_line"))
                .col(optional_integer("min_step"))
                .col(optional_integer("max_step"))
                .col(name("object_key", backend))
                .col(integer("n_bytes"))
                .col(bytes("checksum"))
                .col(bytes("index"))
                .foreign_key(&mut belongs_to("generation_key", "generations"))
                .to_owned(),
            Table::create()
                .table("writers")
                .col(integer("run_key"))
                .col(code("stream"))
                .col(name("writer", backend))
                .col(integer("next_line"))
                .primary_key(&mut primary_key(&["run_key", "stream", "writer"]))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
            Table::create()
                .table("console_chunks")
                .col(key("console_key"))
                .col(integer("run_key"))
                .col(integer("first_line"))
                .col(integer("end_line"))
                .col(bytes("body"))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
            Table::create()
                .table("leases")
                .col(name("name", backend).primary_key())
                .col(name("holder", backend))
                .col(integer("until"))
                .to_owned(),
            Table::create()
                .table("problems")
                .col(key("problem_key"))
                .col(integer("run_key"))
                .col(code("stream"))
                .col(integer("line"))
                .col(text("reason"))
                .col(text("excerpt"))
                .col(integer("at"))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            index("generations", "run", &["run_key"]),
            index("pieces", "generation", &["generation_key"]),
            unique("chunks", "line", &["generation_key", "first_line"]),
            // What folding counts, without a look at the rows.
            index("chunks", "size", &["generation_key", "n_bytes"]),
            index("segments", "line", &["generation_key", "first_line"]),
            unique("segments", "object", &["object_key"]),
            index("console_chunks", "line", &["run_key", "end_line"]),
            index("problems", "run", &["run_key"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
