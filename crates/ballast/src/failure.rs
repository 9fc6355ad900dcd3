//! How a command ends.

use std::fmt;
use std::process::ExitCode;

use ballast_tracking::TrackingError;

/// What a shell sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// It worked.
    Success = 0,
    /// The input or the environment does not allow it; the message says what to change.
    Failure = 1,
    /// Something happened that should not: a fault of ours, or of the machine.
    Unexpected = 2,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

/// Why a command did not do what was asked.
///
/// An [`anyhow::Error`] turns into an unexpected one; [`Failure::expected`] is for what the user can put right.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: ExitStatus,
    error: anyhow::Error,
    hint: Option<String>,
}

impl Failure {
    /// A failure caused by the input or the environment.
    pub(crate) fn expected(error: impl Into<anyhow::Error>) -> Self {
        Self {
            status: ExitStatus::Failure,
            error: error.into(),
            hint: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            status: ExitStatus::Unexpected,
            error,
            hint: None,
        }
    }
}

impl From<TrackingError> for Failure {
    fn from(error: TrackingError) -> Self {
        match error {
            TrackingError::Internal(_) => Self::from(anyhow::Error::new(error)),
            _ => Self::expected(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.error)?;
        for cause in self.error.chain().skip(1) {
            write!(formatter, "\n  caused by: {cause}")?;
        }
        if let Some(hint) = &self.hint {
            write!(formatter, "\n\nhint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{ExitStatus, Failure};

    #[test]
    fn causes_and_the_hint_follow_the_message() {
        let error = anyhow!("connection refused").context("could not open the database");
        let failure = Failure::expected(error).with_hint("start it");
        assert_eq!(failure.status, ExitStatus::Failure);
        assert_eq!(
            failure.to_string(),
            "error: could not open the database\n  caused by: connection refused\n\nhint: start it"
        );
    }
}
