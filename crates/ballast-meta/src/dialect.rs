//! The one place where SQLite and PostgreSQL differ in what they are asked.
//!
//! # Revisions
//!
//! A revision must order changes such that whoever has read up to one never finds a change below it later. On SQLite
//! one writer commits in order, so a counter will do. On PostgreSQL transactions commit in any order, so a run
//! carries the id of the transaction that wrote it, and readers stop below the oldest transaction still running.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use tokio::sync::OnceCell;

use crate::{Db, MetaError, Revision, Tx};

/// The revision for the runs that `tx` writes. `bumped` keeps it, so that the counter moves once per transaction.
pub(crate) async fn next_revision(tx: &Tx<'_>, bumped: &OnceCell<i64>) -> Result<Expr, MetaError> {
    if tx.backend() == DbBackend::Postgres {
        return Ok(Expr::cust("pg_current_xact_id()::text::bigint"));
    }
    let bump = async || {
        let statement = Query::update()
            .table("revisions")
            .value("revision", Expr::col("revision").add(1))
            .returning_col("revision")
            .to_owned();
        tx.insert_returning("revisions", "revision", &statement)
            .await
    };
    Ok(Expr::val(*bumped.get_or_try_init(bump).await?))
}

/// The revision up to which every change is visible to statements that begin after this one.
pub(crate) async fn current_revision(db: &Db<'_>) -> Result<Revision, MetaError> {
    let statement: SelectStatement = if db.backend() == DbBackend::Postgres {
        let horizon = Expr::cust("pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1");
        Query::select().expr_as(horizon, "revision").to_owned()
    } else {
        Query::select()
            .column("revision")
            .from("revisions")
            .to_owned()
    };
    let row = db.one_row("revisions", &statement).await?;
    Ok(Revision(row.map_or(Ok(0), |row| row.get("revision"))?))
}

/// Bytes of the database file that hold nothing; 0 on PostgreSQL, which looks after them itself.
pub(crate) async fn free_bytes(db: &Db<'_>) -> Result<u64, MetaError> {
    if db.backend() == DbBackend::Postgres {
        return Ok(0);
    }
    let select = Query::select()
        .expr_as(
            Expr::cust(
                "(SELECT freelist_count FROM pragma_freelist_count) \
                 * (SELECT page_size FROM pragma_page_size)",
            ),
            "n",
        )
        .to_owned();
    db.number(&select).await
}

/// Cuts up to `n_pages` empty pages off the database file; nothing on PostgreSQL.
pub(crate) async fn give_back_pages(tx: &Tx<'_>, n_pages: u64) -> Result<(), MetaError> {
    if tx.backend() == DbBackend::Postgres {
        return Ok(());
    }
    tx.execute_text("database", format!("PRAGMA incremental_vacuum({n_pages})"))
        .await
}
