//! Organizations, teams, their members, and who may do what in registries.

use sea_orm_migration::prelude::*;

use super::columns::{
    belongs_to, code, flag, index, integer, name, optional_integer, primary_key, refers_to,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        // Entities that were there, and those of the program before this step, are users'.
        let columns = [
            ("entities", code("kind").default(0).take()),
            ("entities", integer("created_at").default(0).take()),
            // The organization of a team.
            ("entities", reference("organization_key", "entities")),
            // Where runs go that name no entity; the user's own if null.
            ("users", reference("default_entity_key", "entities")),
            // Whether every member of the organization sees a registry.
            ("projects", code("access").default(0).take()),
            (
                "projects",
                flag("allow_all_artifact_types").default(true).take(),
            ),
        ];
        for (table, column) in columns {
            let alter = Table::alter().table(table).add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        let tables = [
            Table::create()
                .table("members")
                .col(integer("entity_key"))
                .col(integer("user_key"))
                .col(code("role"))
                .col(integer("created_at"))
                .primary_key(&mut primary_key(&["entity_key", "user_key"]))
                .foreign_key(&mut belongs_to("entity_key", "entities"))
                .foreign_key(&mut belongs_to("user_key", "users"))
                .to_owned(),
            Table::create()
                .table("registry_artifact_types")
                .col(integer("project_key"))
                .col(name("name", backend))
                .primary_key(&mut primary_key(&["project_key", "name"]))
                .foreign_key(&mut belongs_to("project_key", "projects"))
                .to_owned(),
            Table::create()
                .table("project_members")
                .col(integer("project_key"))
                .col(integer("user_key"))
                .col(code("role"))
                .col(integer("created_at"))
                .primary_key(&mut primary_key(&["project_key", "user_key"]))
                .foreign_key(&mut belongs_to("project_key", "projects"))
                .foreign_key(&mut belongs_to("user_key", "users"))
                .to_owned(),
            Table::create()
                .table("project_teams")
                .col(integer("project_key"))
                .col(integer("team_key"))
                .col(code("role"))
                .col(integer("created_at"))
                .primary_key(&mut primary_key(&["project_key", "team_key"]))
                .foreign_key(&mut belongs_to("project_key", "projects"))
                .foreign_key(&mut refers_to(
                    "team_key",
                    "entities",
                    "entity_key",
                    ForeignKeyAction::Cascade,
                ))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            index("entities", "organization", &["organization_key"]),
            index("entities", "kind", &["kind"]),
            index("users", "default_entity", &["default_entity_key"]),
            index("projects", "access", &["entity_key", "access"]),
            index("members", "user", &["user_key"]),
            index("project_members", "user", &["user_key"]),
            index("project_teams", "team", &["team_key"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        let age = Query::update()
            .table("entities")
            .value(
                "created_at",
                Expr::cust(
                    "COALESCE((SELECT users.created_at FROM users \
                     WHERE users.entity_key = entities.entity_key), 0)",
                ),
            )
            .to_owned();
        manager.exec_stmt(age).await
    }
}

/// A column that names an entity as long as it is there. SQLite adds such a column only with the key spelled out in it.
fn reference(column: &'static str, table: &'static str) -> ColumnDef {
    optional_integer(column)
        .extra(format!(
            "REFERENCES \"{table}\" (\"entity_key\") ON DELETE SET NULL"
        ))
        .take()
}
