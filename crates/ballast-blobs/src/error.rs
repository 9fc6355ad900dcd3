//! What can go wrong with a blob, as cases a caller tells apart.

use std::error::Error;
use std::io::ErrorKind;
use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The cause below a [`BlobError`].
pub(crate) type Source = Box<dyn Error + Send + Sync + 'static>;

/// Why an operation on a blob failed. Every case that concerns a blob names its key.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The key is not one a store accepts, see [`validate_key`](crate::validate_key).
    #[error("blob key `{key}` is not valid: {reason}")]
    InvalidKey {
        /// The key as given.
        key: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no such blob.
    #[error("blob `{key}` does not exist")]
    NotFound {
        /// The key asked for.
        key: String,
    },
    /// There is such a blob, and it is to stay.
    #[error("blob `{key}` exists already")]
    Exists {
        /// The key of the refused blob.
        key: String,
    },
    /// The asked bytes are not all inside the blob.
    #[error("blob `{key}` has no bytes {}..{}", range.start, range.end)]
    InvalidRange {
        /// The key asked for.
        key: String,
        /// The bytes asked for.
        range: Range<u64>,
    },
    /// The body is longer than the caller allows.
    #[error("blob `{key}` is larger than {limit} bytes")]
    TooLarge {
        /// The key of the refused blob.
        key: String,
        /// The largest accepted size in bytes.
        limit: u64,
    },
    /// The body is not as long as announced.
    #[error("blob `{key}` was announced with {expected} bytes, but {received} arrived")]
    LengthMismatch {
        /// The key of the refused blob.
        key: String,
        /// The announced size in bytes.
        expected: u64,
        /// The bytes that arrived, a lower bound if more than announced came.
        received: u64,
    },
    /// The body has another MD5 than announced.
    #[error(
        "blob `{key}` was announced with MD5 `{}`, but the bytes have `{}`",
        BASE64_STANDARD.encode(expected),
        BASE64_STANDARD.encode(received)
    )]
    DigestMismatch {
        /// The key of the refused blob.
        key: String,
        /// The announced MD5.
        expected: [u8; 16],
        /// The MD5 of the bytes that arrived.
        received: [u8; 16],
    },
    /// The sender's stream failed before its end.
    #[error("the body of blob `{key}` broke off")]
    Body {
        /// The key of the refused blob.
        key: String,
        /// The error of the stream.
        #[source]
        source: Source,
    },
    /// The disk or the quota is full.
    #[error("no space left to store blob `{key}`")]
    Full {
        /// The key of the blob that did not fit.
        key: String,
        /// The store's answer.
        #[source]
        source: Source,
    },
    /// The store does not let us: wrong credentials or missing permission.
    #[error("the blob store refuses access to `{key}`")]
    Refused {
        /// The key asked for.
        key: String,
        /// The store's answer.
        #[source]
        source: Source,
    },
    /// The store does not answer, answers nonsense, or its bucket or folder is gone. Trying later may help.
    #[error("the blob store failed on `{key}`")]
    Unavailable {
        /// The key asked for.
        key: String,
        /// The store's answer.
        #[source]
        source: Source,
    },
    /// The store could not be opened: its settings contradict each other or its folder cannot be used.
    #[error("cannot open the blob store `{url}`")]
    Open {
        /// The address of the store.
        url: String,
        /// What is wrong.
        #[source]
        source: Source,
    },
    /// A signed URL must be valid for 1 second to 7 days.
    #[error("a signed URL of blob `{key}` cannot be valid for {expires_in_s} s")]
    InvalidExpiry {
        /// The key asked for.
        key: String,
        /// The asked validity in seconds.
        expires_in_s: u64,
    },
    /// A header value asked for in a signed URL has characters that no header may have.
    #[error("`{value}` cannot be a header value in a signed URL of blob `{key}`")]
    InvalidHeader {
        /// The key asked for.
        key: String,
        /// The refused value.
        value: String,
    },
}

impl BlobError {
    /// Files an I/O error of the folder under the case it belongs to.
    pub(crate) fn from_io(key: &str, error: std::io::Error) -> Self {
        let key = key.to_owned();
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound { key },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full {
                    key,
                    source: error.into(),
                }
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Refused {
                key,
                source: error.into(),
            },
            _ => Self::Unavailable {
                key,
                source: error.into(),
            },
        }
    }

    /// Files an error of `object_store` under the case it belongs to.
    pub(crate) fn from_store(key: &str, error: object_store::Error) -> Self {
        use object_store::Error as StoreError;

        let key = key.to_owned();
        match error {
            StoreError::NotFound { .. } => Self::NotFound { key },
            StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
                Self::Refused {
                    key,
                    source: error.into(),
                }
            }
            other => match io_kind(&other) {
                // A key below a blob of a folder.
                Some(ErrorKind::NotADirectory) => Self::NotFound { key },
                Some(ErrorKind::PermissionDenied) => Self::Refused {
                    key,
                    source: other.into(),
                },
                _ => Self::Unavailable {
                    key,
                    source: other.into(),
                },
            },
        }
    }

    /// As [`from_store`](Self::from_store) for a write, where "not found" can only mean the bucket itself.
    pub(crate) fn from_store_write(key: &str, error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Unavailable {
                key: key.to_owned(),
                source: error.into(),
            },
            other => Self::from_store(key, other),
        }
    }
}

/// The kind of the I/O error somewhere below `error`, if there is one.
fn io_kind(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return Some(error.kind());
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            let error = BlobError::from_io("k", kind.into());
            assert!(
                matches!(&error, BlobError::Full { key, .. } if key == "k"),
                "{error:?}"
            );
        }
        let read_only = BlobError::from_io("k", ErrorKind::ReadOnlyFilesystem.into());
        assert!(matches!(read_only, BlobError::Refused { .. }));
        let broken = BlobError::from_io("k", std::io::Error::other("broken"));
        assert!(matches!(broken, BlobError::Unavailable { .. }));
    }

    #[test]
    fn messages_name_what_was_announced() {
        let error = BlobError::DigestMismatch {
            key: "k".to_owned(),
            expected: [0; 16],
            received: [255; 16],
        };
        assert_eq!(
            error.to_string(),
            "blob `k` was announced with MD5 `AAAAAAAAAAAAAAAAAAAAAA==`, but the bytes have \
             `/////////////////////w==`"
        );
    }
}
