//! Configuration: every key, where it is set, what it means and how it is checked.
//!
//! A key is defined once, as a [`Key`] in the file of its section. Its name there is its name in the file; the flag
//! and the environment name follow from it. The order is flag, environment, file, default: the first that is given
//! counts. Everything is checked when the program starts, and a name that no key has is refused.
//!
//! To add a key: define it in its section, list it in that section's `SECTION`, read it in the section's `load`, and
//! run `cargo xtask generate`.

pub(crate) mod accounts;
mod environment;
mod error;
mod file;
mod flags;
mod key;
pub(crate) mod limits;
pub(crate) mod logging;
mod parse;
pub(crate) mod runs;
pub(crate) mod server;
mod sources;
pub(crate) mod storage;

use std::collections::BTreeMap;

pub(crate) use environment::{Environment, IGNORED_NAMES};
pub(crate) use error::ConfigError;
pub(crate) use flags::{OperatorFlags, ServerFlags};
pub(crate) use key::{DefaultValue, KeyInfo, Section};
use sources::Sources;

/// All sections, in the order of the reference.
pub(crate) const SECTIONS: &[&Section] = &[
    &storage::SECTION,
    &server::SECTION,
    &accounts::SECTION,
    &runs::SECTION,
    &limits::SECTION,
    &logging::SECTION,
];

/// Flags that were given, by the name of their key.
pub(crate) type FlagValues = BTreeMap<&'static str, String>;

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) storage: storage::Storage,
    pub(crate) server: server::Server,
    pub(crate) accounts: accounts::Accounts,
    pub(crate) runs: runs::Runs,
    pub(crate) limits: limits::Limits,
    pub(crate) logging: logging::Logging,
}

impl Config {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// The first thing that is wrong: an unknown name, a value that is not what its key expects, or a configuration
    /// file that cannot be read.
    pub(crate) fn load(flags: FlagValues, environment: Environment) -> Result<Self, ConfigError> {
        let sources = Sources::open(flags, environment)?;
        Ok(Self {
            storage: storage::Storage::load(&sources)?,
            server: server::Server::load(&sources)?,
            accounts: accounts::Accounts::load(&sources)?,
            runs: runs::Runs::load(&sources)?,
            limits: limits::Limits::load(&sources)?,
            logging: logging::Logging::load(&sources)?,
        })
    }
}

/// Every key of every section.
pub(crate) fn keys() -> impl Iterator<Item = &'static KeyInfo> {
    SECTIONS
        .iter()
        .flat_map(|section| section.keys.iter().copied())
}

#[cfg(test)]
mod tests;
