//! Settings, entities, users and what they sign in with.

use sea_orm_migration::prelude::*;

use super::columns::{
    belongs_to, bytes, flag, index, integer, key, name, optional_integer, optional_text, text,
    unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let tables = [
            Table::create()
                .table("settings")
                .col(name("name", backend).primary_key())
                .col(bytes("value"))
                .to_owned(),
            Table::create()
                .table("entities")
                .col(key("entity_key"))
                .col(name("name", backend))
                .col(name("folded_name", backend))
                .to_owned(),
            Table::create()
                .table("users")
                .col(key("user_key"))
                .col(name("username", backend))
                .col(name("folded_username", backend))
                .col(text("email"))
                .col(optional_text("password_hash"))
                .col(flag("admin"))
                .col(integer("entity_key"))
                .col(integer("created_at"))
                .foreign_key(&mut belongs_to("entity_key", "entities"))
                .to_owned(),
            Table::create()
                .table("api_keys")
                .col(key("api_key_key"))
                .col(integer("user_key"))
                .col(text("name"))
                .col(text("hint"))
                .col(bytes("digest"))
                .col(integer("created_at"))
                .col(optional_integer("last_used_at"))
                .foreign_key(&mut belongs_to("user_key", "users"))
                .to_owned(),
            Table::create()
                .table("sessions")
                .col(key("session_key"))
                .col(bytes("digest"))
                .col(integer("user_key"))
                .col(integer("created_at"))
                .col(integer("expires_at"))
                .foreign_key(&mut belongs_to("user_key", "users"))
                .to_owned(),
            Table::create()
                .table("sign_in_links")
                .col(key("sign_in_link_key"))
                .col(bytes("digest"))
                .col(integer("user_key"))
                .col(integer("expires_at"))
                .foreign_key(&mut belongs_to("user_key", "users"))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            unique("entities", "name", &["folded_name"]),
            unique("users", "username", &["folded_username"]),
            unique("users", "entity", &["entity_key"]),
            unique("api_keys", "digest", &["digest"]),
            index("api_keys", "user", &["user_key"]),
            unique("sessions", "digest", &["digest"]),
            index("sessions", "user", &["user_key"]),
            index("sessions", "expiry", &["expires_at"]),
            unique("sign_in_links", "digest", &["digest"]),
            index("sign_in_links", "user", &["user_key"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
