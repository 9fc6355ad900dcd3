//! The life of a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where a run stands.
///
/// A run is made `Pending` or `Running`. What it reports moves it ([`RunState::on_exit`], [`RunState::on_report`]);
/// silence moves it too ([`RunState::on_silence`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Made ahead of its process, by a queue or a sweep.
    Pending,
    /// Its process reports.
    Running,
    /// Its process was told that it will be preempted.
    Preempting,
    /// It was preempted before it ended.
    Preempted,
    /// It ended with exit code 0.
    Finished,
    /// It ended with another exit code.
    Failed,
    /// It was interrupted: by its user or by a stop request.
    Killed,
    /// Its process fell silent.
    Crashed,
}

/// The exit code that the wandb client reports for a `KeyboardInterrupt`.
const INTERRUPTED: i32 = 255;

impl RunState {
    /// Every state, in the order of a run's life.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Running,
        Self::Preempting,
        Self::Preempted,
        Self::Finished,
        Self::Failed,
        Self::Killed,
        Self::Crashed,
    ];

    /// The name in URLs, JSON and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Preempting => "preempting",
            Self::Preempted => "preempted",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Killed => "killed",
            Self::Crashed => "crashed",
        }
    }

    /// Whether a process is expected to report.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Running | Self::Preempting)
    }

    /// The state after the process reported anything but its end. Reporting revives an ended run.
    #[must_use]
    pub const fn on_report(self) -> Self {
        match self {
            Self::Preempting => Self::Preempting,
            _ => Self::Running,
        }
    }

    /// The state after the process ended with `exit_code`.
    #[must_use]
    pub const fn on_exit(self, exit_code: i32) -> Self {
        match (self, exit_code) {
            (_, 0) => Self::Finished,
            (Self::Preempting, _) => Self::Preempted,
            (_, INTERRUPTED) => Self::Killed,
            _ => Self::Failed,
        }
    }

    /// The state after a live run was silent for longer than the heartbeat limit; other runs stay as they are.
    #[must_use]
    pub const fn on_silence(self) -> Self {
        match self {
            Self::Running => Self::Crashed,
            Self::Preempting => Self::Preempted,
            other => other,
        }
    }

    /// Whether a user may set `next` by hand: a live or failed run may be queued again, and a run that never
    /// ended may be declared failed.
    pub const fn may_be_set_to(self, next: Self) -> bool {
        match next {
            Self::Pending => {
                matches!(
                    self,
                    Self::Running | Self::Failed | Self::Crashed | Self::Preempted
                )
            }
            Self::Failed => matches!(self, Self::Pending | Self::Running),
            _ => false,
        }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no [`RunState`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no run state; expected one of pending, running, preempting, preempted, finished, failed, killed, crashed"
)]
pub struct ParseRunStateError(String);

impl FromStr for RunState {
    type Err = ParseRunStateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| ParseRunStateError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_name_the_end() {
        assert_eq!(RunState::Running.on_exit(0), RunState::Finished);
        assert_eq!(RunState::Running.on_exit(1), RunState::Failed);
        assert_eq!(RunState::Running.on_exit(255), RunState::Killed);
        assert_eq!(RunState::Preempting.on_exit(0), RunState::Finished);
        assert_eq!(RunState::Preempting.on_exit(1), RunState::Preempted);
    }

    #[test]
    fn silence_ends_only_live_runs() {
        assert_eq!(RunState::Running.on_silence(), RunState::Crashed);
        assert_eq!(RunState::Preempting.on_silence(), RunState::Preempted);
        for state in RunState::ALL.into_iter().filter(|state| !state.is_live()) {
            assert_eq!(state.on_silence(), state);
        }
    }

    #[test]
    fn names_round_trip() {
        for state in RunState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("done".parse::<RunState>().is_err());
    }
}
