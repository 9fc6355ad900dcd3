//! The life of a sweep.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where a sweep stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SweepState {
    /// No agent has come yet.
    Pending,
    /// Agents are given trials.
    Running,
    /// Agents wait; what runs goes on.
    Paused,
    /// Agents are sent home; what runs goes on. Everything was tried, or someone said that it is enough.
    Finished,
    /// Agents are sent home, and what runs was told to stop.
    Canceled,
}

impl SweepState {
    /// Every state, in the order of a sweep's life.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Paused,
        Self::Finished,
        Self::Canceled,
    ];

    /// The name in JSON and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Canceled => "canceled",
        }
    }

    /// Whether new trials may come, now or after a pause.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running | Self::Paused)
    }

    /// Whether someone may bring the sweep from this state into `next`. Setting the state that it has is no error.
    ///
    /// A sweep that has ended may be resumed: its config may have been edited, or runs of it deleted to be done again.
    pub const fn may_become(self, next: Self) -> bool {
        match next {
            Self::Pending => matches!(self, Self::Pending),
            Self::Running => true,
            Self::Paused => self.is_open(),
            Self::Finished => !matches!(self, Self::Canceled),
            Self::Canceled => true,
        }
    }
}

impl fmt::Display for SweepState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no [`SweepState`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no sweep state; expected one of pending, running, paused, finished, canceled")]
pub struct ParseSweepStateError(String);

impl FromStr for SweepState {
    type Err = ParseSweepStateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| ParseSweepStateError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_sweep_may_only_be_resumed_or_canceled() {
        assert!(SweepState::Finished.may_become(SweepState::Running));
        assert!(SweepState::Finished.may_become(SweepState::Canceled));
        assert!(!SweepState::Finished.may_become(SweepState::Paused));
        assert!(!SweepState::Canceled.may_become(SweepState::Finished));
        for state in SweepState::ALL {
            assert!(state.may_become(state));
            assert_eq!(
                state.may_become(SweepState::Pending),
                state == SweepState::Pending
            );
        }
    }

    #[test]
    fn names_round_trip() {
        for state in SweepState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("done".parse::<SweepState>().is_err());
    }
}
