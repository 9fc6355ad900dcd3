//! Projects, runs, their documents, and what hangs on them.

use sea_orm_migration::prelude::*;

use super::columns::{
    belongs_to, code, flag, index, integer, key, name, optional_integer, optional_text,
    primary_key, refers_to, text, unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let tables = [
            Table::create()
                .table("projects")
                .col(key("project_key"))
                .col(integer("entity_key"))
                .col(name("name", backend))
                .col(text("description"))
                .col(integer("created_at"))
                .col(integer("next_run_number"))
                .foreign_key(&mut belongs_to("entity_key", "entities"))
                .to_owned(),
            Table::create()
                .table("runs")
                .col(key("run_key"))
                .col(integer("project_key"))
                .col(name("run_id", backend))
                .col(integer("number"))
                .col(text("display_name"))
                // Lower case, for searching.
                .col(text("folded_display_name"))
                .col(text("folded_run_id"))
                .col(name("state", backend))
                .col(optional_integer("exit_code"))
                .col(optional_text("notes"))
                // A JSON list in the order given; `run_tags` is its index.
                .col(text("tags"))
                .col(optional_text("run_group"))
                .col(optional_text("job_type"))
                .col(optional_text("host"))
                .col(optional_text("git_remote"))
                .col(optional_text("git_commit"))
                .col(optional_text("program"))
                .col(optional_text("sweep"))
                .col(optional_integer("user_key"))
                .col(optional_text("color"))
                .col(optional_integer("parent_run_key"))
                .col(optional_integer("parent_step"))
                .col(flag("stop_requested"))
                .col(integer("created_at"))
                .col(integer("heartbeat_at"))
                .col(optional_integer("ended_at"))
                .col(optional_integer("deleted_at"))
                .col(integer("updated_at"))
                .col(integer("revision"))
                .col(integer("history_lines"))
                .col(integer("system_lines"))
                .col(integer("console_lines"))
                .col(integer("n_problems"))
                .foreign_key(&mut belongs_to("project_key", "projects"))
                .foreign_key(&mut refers_to(
                    "user_key",
                    "users",
                    "user_key",
                    ForeignKeyAction::SetNull,
                ))
                .foreign_key(&mut refers_to(
                    "parent_run_key",
                    "runs",
                    "run_key",
                    ForeignKeyAction::SetNull,
                ))
                .to_owned(),
            Table::create()
                .table("run_documents")
                .col(integer("run_key"))
                .col(code("kind"))
                .col(text("body"))
                .primary_key(&mut primary_key(&["run_key", "kind"]))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
            Table::create()
                .table("run_tags")
                .col(integer("run_key"))
                .col(name("tag", backend))
                .primary_key(&mut primary_key(&["run_key", "tag"]))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
            // No foreign keys: these rows outlive what they speak of.
            Table::create()
                .table("purged_runs")
                .col(integer("run_key").primary_key())
                .col(integer("project_key"))
                .col(integer("revision"))
                .to_owned(),
            // One row: the revision last given out. PostgreSQL has its own and leaves this one alone.
            Table::create()
                .table("revisions")
                .col(integer("revision"))
                .to_owned(),
            Table::create()
                .table("alerts")
                .col(key("alert_key"))
                .col(integer("run_key"))
                .col(text("title"))
                .col(text("text"))
                .col(text("severity"))
                .col(integer("created_at"))
                .foreign_key(&mut belongs_to("run_key", "runs"))
                .to_owned(),
            Table::create()
                .table("chart_definitions")
                .col(key("chart_definition_key"))
                .col(integer("entity_key"))
                .col(name("name", backend))
                .col(text("display_name"))
                .col(text("kind"))
                .col(text("access"))
                .col(text("spec"))
                .foreign_key(&mut belongs_to("entity_key", "entities"))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            unique("projects", "name", &["entity_key", "name"]),
            unique("runs", "run_id", &["project_key", "run_id"]),
            unique("runs", "number", &["project_key", "number"]),
            index("runs", "revision", &["revision"]),
            index("runs", "state", &["state"]),
            index("runs", "user", &["user_key"]),
            index("runs", "parent", &["parent_run_key"]),
            index("run_tags", "tag", &["tag", "run_key"]),
            index("purged_runs", "revision", &["revision"]),
            index("alerts", "run", &["run_key"]),
            unique("chart_definitions", "name", &["entity_key", "name"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        let first = Query::insert()
            .into_table("revisions")
            .columns(["revision"])
            .values_panic([0_i64.into()])
            .take();
        manager.execute(first).await
    }
}
