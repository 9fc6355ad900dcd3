//! What an operator may set.

use std::time::Duration;

/// Sizes that are accepted. Everything larger is refused with [`TrackingError::TooLarge`](crate::TrackingError).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body, after decompression.
    pub request_bytes: u64,
    /// Bytes of one logged line.
    pub line_bytes: u64,
    /// Bytes of a run's config, and of its summary, as JSON text.
    pub config_bytes: u64,
    /// Bytes of one run file.
    pub file_bytes: u64,
}

impl Default for Limits {
    /// 16 MiB a request and a config, 10 MiB a line, 5 GiB a file.
    fn default() -> Self {
        Self {
            request_bytes: 16 << 20,
            line_bytes: 10 << 20,
            config_bytes: 16 << 20,
            file_bytes: 5 << 30,
        }
    }
}

/// How the operations behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Accepted sizes.
    pub limits: Limits,
    /// How long a live run may be silent before it counts as crashed.
    pub heartbeat_limit: Duration,
    /// How long an agent may be silent before its trials that never started go to others.
    pub agent_limit: Duration,
    /// How long a signed file address is valid.
    pub ticket_validity: Duration,
    /// How long a browser stays signed in.
    pub session_validity: Duration,
    /// How long after its end a run's history is folded, however short it is.
    pub fold_ended_after: Duration,
    /// How many bytes of chunks a run may have before they are folded while it goes on.
    pub fold_bytes: u64,
    /// How many chunks a run may have before they are folded while it goes on, however small they are, since each is a
    /// read of its own.
    pub fold_chunks: u64,
    /// Memory that parts of history read lately may take, in bytes.
    pub cache_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            heartbeat_limit: Duration::from_mins(5),
            agent_limit: Duration::from_mins(5),
            ticket_validity: Duration::from_hours(24),
            session_validity: Duration::from_hours(30 * 24),
            fold_ended_after: Duration::from_mins(10),
            fold_bytes: 4 << 20,
            fold_chunks: 256,
            cache_bytes: 256 << 20,
        }
    }
}
