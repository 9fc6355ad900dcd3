//! Sweeps, their agents, and the ledger of their trials.

use sea_orm_migration::prelude::*;

use super::columns::{
    belongs_to, flag, index, integer, key, name, optional_integer, optional_text, primary_key,
    refers_to, text, unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let of_user = || refers_to("user_key", "users", "user_key", ForeignKeyAction::SetNull);
        let tables = [
            Table::create()
                .table("sweeps")
                .col(key("sweep_key"))
                .col(integer("project_key"))
                .col(name("sweep_id", backend))
                .col(optional_integer("user_key"))
                .col(name("state", backend))
                .col(optional_text("state_reason"))
                .col(optional_text("display_name"))
                .col(optional_text("description"))
                .col(text("config"))
                // Grows with each edit of the config.
                .col(integer("config_version"))
                .col(optional_text("controller"))
                .col(integer("seed"))
                // Grows with each change of the ledger that a proposal must not overlook.
                .col(integer("ledger_version"))
                .col(integer("next_number"))
                // Trials that count for the cap.
                .col(integer("n_issued"))
                .col(integer("n_failures_in_row"))
                // No point of the grid before this one is free.
                .col(integer("grid_cursor"))
                .col(integer("created_at"))
                .col(integer("updated_at"))
                .foreign_key(&mut belongs_to("project_key", "projects"))
                .foreign_key(&mut of_user())
                .to_owned(),
            Table::create()
                .table("sweep_agents")
                .col(key("agent_key"))
                .col(integer("sweep_key"))
                .col(optional_integer("user_key"))
                .col(name("name", backend))
                .col(text("host"))
                .col(flag("exited"))
                .col(integer("created_at"))
                .col(integer("heartbeat_at"))
                .foreign_key(&mut belongs_to("sweep_key", "sweeps"))
                .foreign_key(&mut of_user())
                .to_owned(),
            Table::create()
                .table("trials")
                .col(integer("sweep_key"))
                .col(integer("number"))
                .col(optional_integer("run_key"))
                .col(text("config"))
                .col(optional_integer("grid_index"))
                .col(integer("attempt"))
                .col(flag("prior"))
                .col(optional_integer("agent_key"))
                // How often it was sent to that agent, and whether the agent has said since that it works on it.
                .col(integer("n_sent"))
                .col(flag("seen"))
                .col(flag("stopping"))
                // Null while it is open.
                .col(optional_text("outcome"))
                .col(optional_text("reason"))
                .col(optional_text("schedule_id"))
                .col(integer("issued_at"))
                .col(optional_integer("ended_at"))
                .primary_key(&mut primary_key(&["sweep_key", "number"]))
                .foreign_key(&mut belongs_to("sweep_key", "sweeps"))
                .foreign_key(&mut refers_to(
                    "run_key",
                    "runs",
                    "run_key",
                    ForeignKeyAction::SetNull,
                ))
                .foreign_key(&mut refers_to(
                    "agent_key",
                    "sweep_agents",
                    "agent_key",
                    ForeignKeyAction::SetNull,
                ))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            unique("sweeps", "sweep_id", &["project_key", "sweep_id"]),
            index("sweeps", "state", &["state"]),
            index("sweeps", "user", &["user_key"]),
            unique("sweep_agents", "name", &["sweep_key", "name"]),
            index("sweep_agents", "user", &["user_key"]),
            // What keeps a point from being given out twice, whatever the program does.
            unique(
                "trials",
                "grid_index",
                &["sweep_key", "grid_index", "attempt"],
            ),
            unique("trials", "sweep_run", &["sweep_key", "run_key"]),
            index("trials", "run", &["run_key"]),
            unique("trials", "schedule", &["sweep_key", "schedule_id"]),
            index("trials", "outcome", &["sweep_key", "outcome"]),
            index("trials", "agent", &["agent_key"]),
            index("runs", "sweep", &["project_key", "sweep"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
