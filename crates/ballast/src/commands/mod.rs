//! One file for each subcommand.

pub(crate) mod diff;
pub(crate) mod fsck;
pub(crate) mod gc;
pub(crate) mod reference;
pub(crate) mod serve;
pub(crate) mod sweep;
pub(crate) mod user;
pub(crate) mod verify;
pub(crate) mod version;

/// What every command returns.
pub(crate) type Outcome = Result<(), crate::failure::Failure>;
