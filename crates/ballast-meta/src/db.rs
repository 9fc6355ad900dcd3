//! Reads and write transactions, as the queries of every area see them.

use std::ops::Deref;
use std::sync::OnceLock;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult, Statement,
    StatementBuilder,
};
use tokio::sync::OnceCell;

use crate::MetaError;
use crate::dialect;
use crate::row::{FromRow, Row};

/// Read queries, on the pool or inside a transaction. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Db<'a> {
    connection: Connection<'a>,
}

#[derive(Clone, Copy)]
enum Connection<'a> {
    Pool(&'a DatabaseConnection),
    Transaction(&'a DatabaseTransaction, &'a TxState),
}

/// What a transaction remembers between its statements.
#[derive(Default)]
pub(crate) struct TxState {
    /// The first error. A transaction is over with it: PostgreSQL refuses further statements, and SQLite may have
    /// rolled back behind our back, so that further statements would stand alone.
    failure: OnceLock<MetaError>,
    /// The revision of the runs that this transaction writes (SQLite).
    revision: OnceCell<i64>,
}

impl TxState {
    pub(crate) fn failure(&self) -> Option<MetaError> {
        self.failure.get().cloned()
    }
}

impl<'a> Db<'a> {
    pub(crate) fn pool(connection: &'a DatabaseConnection) -> Self {
        Self {
            connection: Connection::Pool(connection),
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match self.connection {
            Connection::Pool(connection) => connection.get_database_backend(),
            Connection::Transaction(transaction, _) => transaction.get_database_backend(),
        }
    }

    /// The first record that the statement yields.
    pub(crate) async fn one<R: FromRow>(
        &self,
        statement: &impl StatementBuilder,
    ) -> Result<Option<R>, MetaError> {
        self.one_row(R::TABLE, statement)
            .await?
            .map(|row| R::from_row(&row))
            .transpose()
    }

    /// Every record that the statement yields.
    pub(crate) async fn all<R: FromRow>(
        &self,
        statement: &impl StatementBuilder,
    ) -> Result<Vec<R>, MetaError> {
        self.all_rows(R::TABLE, statement)
            .await?
            .iter()
            .map(R::from_row)
            .collect()
    }

    /// The first row that the statement yields. `table` names the thing for errors.
    pub(crate) async fn one_row(
        &self,
        table: &'static str,
        statement: &impl StatementBuilder,
    ) -> Result<Option<Row>, MetaError> {
        // The driver fetches one row and leaves the rest, which on SQLite would leave an `INSERT … RETURNING` unfinished.
        Ok(self.all_rows(table, statement).await?.into_iter().next())
    }

    /// Every row that the statement yields.
    pub(crate) async fn all_rows(
        &self,
        table: &'static str,
        statement: &impl StatementBuilder,
    ) -> Result<Vec<Row>, MetaError> {
        self.check()?;
        let statement = self.backend().build(statement);
        let result: Result<Vec<QueryResult>, _> = match self.connection {
            Connection::Pool(connection) => connection.query_all_raw(statement).await,
            Connection::Transaction(transaction, _) => transaction.query_all_raw(statement).await,
        };
        let rows = result.map_err(|error| self.fail(MetaError::of(error, singular(table))))?;
        Ok(rows.into_iter().map(|row| Row::new(table, row)).collect())
    }

    /// The number that the statement yields in its only column, `n`.
    pub(crate) async fn number(&self, statement: &impl StatementBuilder) -> Result<u64, MetaError> {
        match self.one_row("n", statement).await? {
            Some(row) => row.count("n"),
            None => Ok(0),
        }
    }

    fn check(&self) -> Result<(), MetaError> {
        match self.connection {
            Connection::Transaction(_, state) => state.failure().map_or(Ok(()), Err),
            Connection::Pool(_) => Ok(()),
        }
    }

    fn fail(&self, error: MetaError) -> MetaError {
        if let Connection::Transaction(_, state) = self.connection {
            // Only the first failure counts; `check` keeps later statements from running.
            let _ = state.failure.set(error.clone());
        }
        error
    }
}

impl std::fmt::Debug for Db<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").finish_non_exhaustive()
    }
}

/// A write transaction: every read of [`Db`], which sees the transaction's own writes, and every write.
///
/// A statement that fails ends the transaction, whatever the caller makes of the error: later statements fail with
/// the same error, and nothing is stored.
#[derive(Debug)]
pub struct Tx<'a> {
    db: Db<'a>,
    state: &'a TxState,
    transaction: &'a DatabaseTransaction,
}

impl std::fmt::Debug for TxState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TxState")
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(transaction: &'a DatabaseTransaction, state: &'a TxState) -> Self {
        Self {
            db: Db {
                connection: Connection::Transaction(transaction, state),
            },
            state,
            transaction,
        }
    }

    /// Runs a statement and tells how many rows it touched. `table` names the thing for errors.
    pub(crate) async fn execute(
        &self,
        table: &'static str,
        statement: &impl StatementBuilder,
    ) -> Result<u64, MetaError> {
        self.db.check()?;
        let statement = self.db.backend().build(statement);
        let result = self.transaction.execute_raw(statement).await;
        let result = result.map_err(|error| self.db.fail(MetaError::of(error, singular(table))))?;
        Ok(result.rows_affected())
    }

    /// Runs a statement that no builder knows. `table` names the thing for errors.
    pub(crate) async fn execute_text(
        &self,
        table: &'static str,
        statement: String,
    ) -> Result<(), MetaError> {
        self.db.check()?;
        let statement = Statement::from_string(self.db.backend(), statement);
        let result = self.transaction.execute_raw(statement).await;
        result.map_err(|error| self.db.fail(MetaError::of(error, singular(table))))?;
        Ok(())
    }

    /// Runs an `INSERT … RETURNING key` and returns the key.
    pub(crate) async fn insert_returning(
        &self,
        table: &'static str,
        column: &'static str,
        statement: &impl StatementBuilder,
    ) -> Result<i64, MetaError> {
        let row = self.db.one_row(table, statement).await?;
        row.expect("an insert that was not refused returns its row")
            .get(column)
    }

    /// The revision that this transaction gives to the runs it writes.
    pub(crate) async fn revision(&self) -> Result<Expr, MetaError> {
        dialect::next_revision(self, &self.state.revision).await
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = Db<'a>;

    fn deref(&self) -> &Db<'a> {
        &self.db
    }
}

/// What a row of `table` is called in [`MetaError::Conflict`].
fn singular(table: &'static str) -> &'static str {
    match table {
        "entities" => "entity",
        "users" => "user",
        "api_keys" => "API key",
        "sessions" => "session",
        "sign_in_links" => "sign-in link",
        "projects" => "project",
        "runs" => "run",
        "chunks" => "chunk",
        "batches" => "batch",
        "segments" => "segment",
        "uploads" => "upload",
        "sweeps" => "sweep",
        "sweep_agents" => "agent",
        "trials" => "trial",
        "artifact_collections" => "artifact collection",
        "artifacts" | "artifact_memberships" => "artifact version",
        other => other,
    }
}
