//! What can go wrong.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};
use thiserror::Error;

use crate::url::ParseDatabaseUrlError;

/// Why a read or a write failed. Nothing of a failed write is stored.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum MetaError {
    /// The URL names no database.
    #[error(transparent)]
    Url(#[from] ParseDatabaseUrlError),
    /// Something of that name exists already: a unique index refused the row.
    #[error("the {what} exists already")]
    Conflict {
        /// What exists, for people: `run`, `user`.
        what: &'static str,
    },
    /// The database cannot be reached or cannot write now: connection lost, timeout, lock, full disk. Trying later
    /// may help.
    #[error("the database is not available")]
    Unavailable(#[source] Arc<DbErr>),
    /// A stored value is not what this program would have written.
    #[error("column `{column}` of table `{table}` holds a value that cannot be read: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with the value.
        reason: String,
    },
    /// The database refused a statement. Our bug, or a database that someone else changed.
    #[error("the database refused a statement")]
    Database(#[source] Arc<DbErr>),
}

impl MetaError {
    /// Whether trying again later may help.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether something of that name exists already.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// An [`MetaError::Unavailable`] that did not come from the driver.
    pub(crate) fn unavailable(why: &str) -> Self {
        Self::Unavailable(Arc::new(DbErr::Conn(RuntimeErr::Internal(why.to_owned()))))
    }

    /// Sorts an error of the driver. `what` is the thing that a unique index may have refused.
    pub(crate) fn of(error: DbErr, what: &'static str) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
            return Self::Conflict { what };
        }
        if is_unavailable(&error) {
            Self::Unavailable(Arc::new(error))
        } else {
            Self::Database(Arc::new(error))
        }
    }
}

impl From<DbErr> for MetaError {
    fn from(error: DbErr) -> Self {
        Self::of(error, "row")
    }
}

fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match &**error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                if error
                    .try_downcast_ref::<sqlx::sqlite::SqliteError>()
                    .is_some()
                {
                    is_sqlite_code_unavailable(&code)
                } else {
                    is_sqlstate_unavailable(&code)
                }
            }
            _ => false,
        },
        _ => false,
    }
}

/// The primary result codes `SQLITE_BUSY`, `LOCKED`, `NOMEM`, `READONLY`, `INTERRUPT`, `IOERR`, `FULL`, `CANTOPEN`;
/// an extended code holds its primary code in the lowest byte (<https://sqlite.org/rescode.html>).
fn is_sqlite_code_unavailable(code: &str) -> bool {
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5..=10 | 13 | 14))
}

/// Connection exceptions (08), lost races (40), insufficient resources (53), operator intervention and timeouts (57),
/// system errors (58), a read-only standby (25006) and lock timeouts (55P03), as listed in PostgreSQL's appendix A.
fn is_sqlstate_unavailable(code: &str) -> bool {
    ["08", "40", "53", "57", "58"]
        .iter()
        .any(|class| code.starts_with(class))
        || matches!(code, "25006" | "55P03")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_trouble_that_passes() {
        for code in ["5", "261", "13", "8", "778", "14", "10"] {
            assert!(is_sqlite_code_unavailable(code), "{code}");
        }
        for code in ["1", "2067", "787", "11", "26", ""] {
            assert!(!is_sqlite_code_unavailable(code), "{code}");
        }
        for code in [
            "08006", "40P01", "53100", "53300", "57P01", "57P03", "57014", "58030", "25006",
            "55P03",
        ] {
            assert!(is_sqlstate_unavailable(code), "{code}");
        }
        for code in ["23505", "42P01", "22021", "3D000"] {
            assert!(!is_sqlstate_unavailable(code), "{code}");
        }
    }
}
