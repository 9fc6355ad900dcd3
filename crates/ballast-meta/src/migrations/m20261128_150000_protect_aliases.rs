//! Aliases that only the admins of a registry give and take.

use sea_orm_migration::prelude::*;

use super::columns::{belongs_to, integer, name, primary_key};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let aliases = Table::create()
            .table("registry_protected_aliases")
            .col(integer("project_key"))
            .col(name("alias", backend))
            .primary_key(&mut primary_key(&["project_key", "alias"]))
            .foreign_key(&mut belongs_to("project_key", "projects"))
            .to_owned();
        manager.create_table(aliases).await
    }
}
