//! The handle.
use std::time::Duration;

use futures::future::BoxFuture;

use crate::{DatabaseUrl, Db, MetaError, Tx};

/// How to open a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// How many connections read at the same time (SQLite), or read and write (PostgreSQL).
    pub max_connections: u32,
    /// How long to wait for a free connection, or for a lock.
    pub acquire_timeout: Duration,
    /// How long one statement may take (PostgreSQL).
    pub statement_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            max_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(60),
        }
    }
}

/// The metadata database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Meta {}

impl Meta {
    /// Opens the database, makes it if it is a file that is not there, and brings it to the current schema.
    pub async fn open(url: &DatabaseUrl, options: &OpenOptions) -> Result<Self, MetaError> {
        todo!()
    }

    /// For reads. Each query sees everything that was committed before it began.
    pub fn read(&self) -> Db<'_> {
        todo!()
    }

    /// Runs `work` in one transaction and commits it; rolls back if `work` fails.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a Tx<'a>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<MetaError> + Send + 'static,
    {
        todo!()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), MetaError> {
        todo!()
    }

    /// Finishes the writes that wait and closes every connection. Later calls fail.
    pub async fn close(&self) {
        todo!()
    }
}
