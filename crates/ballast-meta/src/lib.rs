//! Metadata on SQLite and PostgreSQL.
