//! The handle.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;

use crate::connect::{self, SqliteUse};
use crate::db::TxState;
use crate::writer::Queue;
use crate::{DatabaseUrl, Db, MetaError, Tx};

/// How to open a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// How many connections read at the same time (SQLite), or read and write (PostgreSQL).
    pub max_connections: u32,
    /// How long to wait for a free connection, or for a lock of SQLite.
    pub acquire_timeout: Duration,
    /// How long one statement may take (PostgreSQL).
    pub statement_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            max_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_mins(1),
        }
    }
}

/// The metadata database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Meta {
    inner: Arc<Inner>,
}

#[derive(Debug)]
enum Inner {
    Sqlite {
        readers: DatabaseConnection,
        queue: Queue,
    },
    Postgres {
        pool: DatabaseConnection,
    },
}

impl Meta {
    /// Opens the database, makes it if it is a file that is not there, and brings it to the current schema.
    ///
    /// Must be called in a Tokio runtime: on SQLite it starts the task that writes.
    ///
    /// # Errors
    /// [`MetaError::Unavailable`] if the database cannot be reached, opened or written;
    /// [`MetaError::Database`] if it is no database, or has a schema newer than this program.
    pub async fn open(url: &DatabaseUrl, options: &OpenOptions) -> Result<Self, MetaError> {
        let inner = match url {
            DatabaseUrl::Sqlite(path) => {
                let writer = connect::sqlite(path, options, SqliteUse::Writing).await?;
                connect::migrate(&writer).await?;
                let readers = connect::sqlite(path, options, SqliteUse::Reading).await?;
                Inner::Sqlite {
                    readers,
                    queue: Queue::start(writer, path.clone(), options.clone()),
                }
            }
            DatabaseUrl::Postgres(url) => {
                let pool = connect::postgres(url, options).await?;
                connect::migrate(&pool).await?;
                Inner::Postgres { pool }
            }
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// For reads. Each query sees everything that was committed before it began.
    pub fn read(&self) -> Db<'_> {
        Db::pool(self.readers())
    }

    /// Runs `work` in one transaction of its own and commits it; stores nothing if `work` fails or panics.
    ///
    /// The result is returned once the commit is durable. `work` must not wait for anything but its own statements:
    /// on SQLite all writers queue behind it. A caller that stops waiting does not learn whether the write happened.
    ///
    /// # Errors
    /// Whatever `work` returns; the error of the first statement that failed, if `work` went on after it;
    /// [`MetaError::Unavailable`] if the transaction could not begin or commit.
    ///
    /// # Panics
    /// If `work` does.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a Tx<'a>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<MetaError> + Send + 'static,
    {
        match &*self.inner {
            Inner::Sqlite { queue, .. } => queue.write(work).await,
            Inner::Postgres { pool } => write_postgres(pool, work).await,
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`MetaError::Unavailable`] if it does not.
    pub async fn ping(&self) -> Result<(), MetaError> {
        Ok(self.readers().ping().await?)
    }

    /// Finishes the writes that wait and closes every connection. Later calls fail with [`MetaError::Unavailable`].
    pub async fn close(&self) {
        if let Inner::Sqlite { queue, .. } = &*self.inner {
            queue.close().await;
        }
        // Closing a pool waits for its connections and has nothing to report.
        let _ = self.readers().close_by_ref().await;
    }

    fn readers(&self) -> &DatabaseConnection {
        match &*self.inner {
            Inner::Sqlite { readers, .. } => readers,
            Inner::Postgres { pool } => pool,
        }
    }
}

/// One transaction on the pool, READ COMMITTED. If `work` panics, dropping the transaction rolls it back.
async fn write_postgres<T, E, F>(pool: &DatabaseConnection, work: F) -> Result<T, E>
where
    F: for<'a> FnOnce(&'a Tx<'a>) -> BoxFuture<'a, Result<T, E>>,
    E: From<MetaError>,
{
    let transaction = connect::begin(pool).await?;
    let state = TxState::default();
    let result = work(&Tx::new(&transaction, &state)).await;
    match (result, state.failure()) {
        (Ok(value), None) => {
            transaction.commit().await.map_err(MetaError::from)?;
            Ok(value)
        }
        (result, failure) => {
            // If even this fails the connection is broken, and PostgreSQL rolls back when it notices.
            if let Err(error) = transaction.rollback().await {
                tracing::debug!(%error, "a transaction was not rolled back");
            }
            match (result, failure) {
                (Ok(_), Some(failure)) => Err(failure.into()),
                (result, _) => result,
            }
        }
    }
}
