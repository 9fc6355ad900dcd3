//! Connections and the schema.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous,
};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::migrations::Migrator;
use crate::{MetaError, OpenOptions};

/// How long a reading connection stays open without work.
const IDLE: Duration = Duration::from_mins(1);

/// After this time without use a connection is tried before it is handed out.
const TRUSTED: Duration = Duration::from_secs(1);

/// Held while a server migrates PostgreSQL, so that servers that start together take turns. Spells "ballast".
const MIGRATION_LOCK: i64 = 0x62_61_6c_6c_61_73_74;

/// What a SQLite connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqliteUse {
    Reading,
    Writing,
}

/// Opens the SQLite database at `path`; a writing connection makes it and its folder.
pub(crate) async fn sqlite(
    path: &Path,
    options: &OpenOptions,
    usage: SqliteUse,
) -> Result<DatabaseConnection, MetaError> {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(options.acquire_timeout)
        // As in PostgreSQL. It lets a prefix pattern use an index, too.
        .pragma("case_sensitive_like", "ON")
        // A log that grew under load shrinks again.
        .pragma("journal_size_limit", "67108864")
        .statement_cache_capacity(256)
        .disable_statement_logging();
    let pool = PoolOptions::<sqlx::Sqlite>::new()
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false);
    let (connect, pool) = match usage {
        SqliteUse::Writing => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| MetaError::from(io(error)))?;
            }
            let connect = connect
                .create_if_missing(true)
                // What is deleted can be given back, see `Tx::give_back_pages`. Only counts for a new file.
                .auto_vacuum(SqliteAutoVacuum::Incremental)
                // Fewer, larger checkpoints: a page that many commits write goes into the file once.
                .pragma("wal_autocheckpoint", "4000")
                // In KiB. The system's page cache has the file, too.
                .pragma("cache_size", "-8000");
            (
                connect,
                pool.max_connections(1)
                    .max_lifetime(None)
                    .idle_timeout(None),
            )
        }
        SqliteUse::Reading => (
            connect
                .pragma("query_only", "ON")
                .pragma("cache_size", "-2000"),
            pool.max_connections(options.max_connections)
                .idle_timeout(IDLE),
        ),
    };
    let pool = pool.connect_with(connect).await.map_err(failed)?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// Opens a pool on PostgreSQL.
pub(crate) async fn postgres(
    url: &str,
    options: &OpenOptions,
) -> Result<DatabaseConnection, MetaError> {
    let statement_timeout = options.statement_timeout.as_millis().to_string();
    let connect = PgConnectOptions::from_str(url)
        .map_err(failed)?
        .application_name("ballast")
        .options([
            ("statement_timeout", statement_timeout.as_str()),
            // A transaction that waits for a server that died would hold its locks and hold back the feed of changes.
            (
                "idle_in_transaction_session_timeout",
                statement_timeout.as_str(),
            ),
        ])
        .disable_statement_logging();
    let pool = PoolOptions::<sqlx::Postgres>::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, metadata| {
            Box::pin(async move {
                if metadata.idle_for > TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(connect)
        .await
        .map_err(failed)?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// Brings the schema to the current state, in one transaction. Servers that start together take turns.
pub(crate) async fn migrate(connection: &DatabaseConnection) -> Result<(), MetaError> {
    let transaction = begin(connection).await?;
    if connection.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        transaction
            .execute_raw(Statement::from_string(DbBackend::Postgres, lock))
            .await?;
    }
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(())
}

/// Begins a write transaction. On SQLite it takes the write lock at once, since a later upgrade could fail.
pub(crate) async fn begin(
    connection: &DatabaseConnection,
) -> Result<DatabaseTransaction, MetaError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    Ok(connection.begin_with_options(options).await?)
}

fn failed(error: sqlx::Error) -> MetaError {
    MetaError::from(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
}

fn io(error: std::io::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(sqlx::Error::Io(error))))
}
