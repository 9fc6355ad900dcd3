//! What can go wrong with an operation, in the terms a caller tells apart.

use std::fmt;
use std::time::Duration;

use ballast_blobs::BlobError;
use ballast_history::{FoldError, ReadError};
use ballast_meta::MetaError;
use ballast_model::NameError;
use thiserror::Error;

/// How long a client should wait before it tries again after [`TrackingError::Unavailable`].
pub const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why an operation was refused or failed.
///
/// The doors map each variant to a status; the texts are written for the person at the other end.
#[derive(Debug, Error)]
pub enum TrackingError {
    /// The thing does not exist, or the caller may not know that it does.
    #[error("{what} `{name}` does not exist{}", place.as_ref().map(|place| format!(" in `{place}`")).unwrap_or_default())]
    NotFound {
        /// The kind of thing, such as `run`.
        what: &'static str,
        /// The name that was asked for.
        name: String,
        /// Where it was looked for.
        place: Option<String>,
    },
    /// The caller may see the thing but not do this.
    #[error("{0}")]
    Forbidden(String),
    /// What was sent makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// What was asked contradicts what is stored.
    #[error("{0}")]
    Conflict(String),
    /// The run is in the bin; its id is free again once it is purged.
    #[error(
        "run `{run}` was deleted; restore it from the bin of `{project}` or purge it there to use the id again"
    )]
    Deleted {
        /// The run's id.
        run: String,
        /// `entity/project`.
        project: String,
    },
    /// Something is larger than this server accepts.
    #[error("{what} has {found} bytes; the limit is {limit}")]
    TooLarge {
        /// The kind of thing.
        what: &'static str,
        /// Its size in bytes.
        found: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The database, the blob store or the disk cannot take it now; the same call may work later.
    #[error("storage is unavailable; try again later")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Stored rows are gone or damaged, and waiting does not bring them back.
    #[error("stored history is damaged: {what} cannot be read")]
    Damaged {
        /// The chunk or object.
        what: String,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A fault of ours.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl TrackingError {
    pub(crate) fn not_found(what: &'static str, name: impl fmt::Display) -> Self {
        Self::NotFound {
            what,
            name: name.to_string(),
            place: None,
        }
    }

    pub(crate) fn not_found_in(
        what: &'static str,
        name: impl fmt::Display,
        place: impl fmt::Display,
    ) -> Self {
        Self::NotFound {
            what,
            name: name.to_string(),
            place: Some(place.to_string()),
        }
    }

    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<NameError> for TrackingError {
    fn from(error: NameError) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<MetaError> for TrackingError {
    fn from(error: MetaError) -> Self {
        match error {
            MetaError::Conflict { .. } => Self::Conflict(error.to_string()),
            MetaError::Unavailable { .. } => Self::Unavailable(error.into()),
            other => Self::internal(other),
        }
    }
}

impl From<BlobError> for TrackingError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::NotFound { key } => Self::not_found("blob", key),
            BlobError::TooLarge { limit, .. } => Self::TooLarge {
                what: "file",
                found: limit.saturating_add(1),
                limit,
            },
            BlobError::LengthMismatch { .. }
            | BlobError::DigestMismatch { .. }
            | BlobError::Body { .. }
            | BlobError::InvalidRange { .. } => Self::Invalid(error.to_string()),
            BlobError::Full { .. } | BlobError::Refused { .. } | BlobError::Unavailable { .. } => {
                Self::Unavailable(error.into())
            }
            other => Self::internal(other),
        }
    }
}

impl From<ReadError> for TrackingError {
    fn from(error: ReadError) -> Self {
        match (error.damaged(), error) {
            (Some(what), error) => Self::Damaged {
                what,
                source: error.into(),
            },
            (None, error @ ReadError::Source(_)) => Self::Unavailable(error.into()),
            (None, error) => Self::internal(error),
        }
    }
}

impl From<FoldError> for TrackingError {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Read(error) => error.into(),
            FoldError::Store { .. } => Self::Unavailable(error.into()),
            FoldError::Parquet { .. } => Self::internal(error),
        }
    }
}
