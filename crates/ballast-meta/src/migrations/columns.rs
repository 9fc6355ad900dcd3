//! Columns, keys and indexes in the few forms that the schema uses.

use sea_orm::DbBackend;
use sea_orm::sea_query::{
    ColumnDef, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index, IndexCreateStatement,
};

/// A key that the database hands out, never twice.
pub(super) fn key(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .take()
}

/// A key of another table, a count, a size, a line, or an instant in microseconds.
pub(super) fn integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// [`integer`], or nothing.
pub(super) fn optional_integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().take()
}

/// The number of a stream or a kind of document.
pub(super) fn code(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).small_integer().not_null().take()
}

/// Free text.
pub(super) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Free text, or nothing.
pub(super) fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().take()
}

/// Text that is compared and ordered byte by byte, in both databases.
pub(super) fn name(name: &'static str, backend: DbBackend) -> ColumnDef {
    let mut column = text(name);
    if backend == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// Opaque bytes.
pub(super) fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().take()
}

/// Opaque bytes, or nothing.
pub(super) fn optional_bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().null().take()
}

/// Yes or no.
pub(super) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// `column` names a row of `table` and goes with it.
pub(super) fn belongs_to(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    refers_to(column, table, column, ForeignKeyAction::Cascade)
}

/// `column` names a row of `table` by `key`; `action` says what happens to it when that row is deleted.
pub(super) fn refers_to(
    column: &'static str,
    table: &'static str,
    key: &'static str,
    action: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_col(column)
        .to(table, key)
        .on_delete(action)
        .to_owned()
}

/// An index named after its table and what it is `by`.
pub(super) fn index(
    table: &'static str,
    by: &str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create()
        .name(format!("{table}_by_{by}"))
        .table(table)
        .to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}

/// An index that also refuses repetition.
pub(super) fn unique(
    table: &'static str,
    by: &str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    index(table, by, columns).unique().to_owned()
}

/// A primary key of several columns.
pub(super) fn primary_key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    for column in columns {
        index.col(*column);
    }
    index.primary().to_owned()
}
