//! What can be wrong with the configuration.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// A value is not what its key expects.
    #[error("`{key}` is {found}, from {origin}; expected {expected}")]
    Invalid {
        key: &'static str,
        /// The value in backticks, or words instead if it may be a secret.
        found: String,
        origin: Origin,
        expected: &'static str,
        #[source]
        reason: Option<Reason>,
    },
    /// An environment name that looks like ours, but is not.
    #[error("unknown environment name `{name}`")]
    UnknownVariable { name: String, nearest: String },
    /// A key of the file that does not exist.
    #[error("unknown key `{key}` in `{}`", file.display())]
    UnknownFileKey {
        key: String,
        file: PathBuf,
        nearest: String,
    },
    /// A key of the file that would decide which file is read.
    #[error("`{key}` cannot be set in `{}`, which was found by it", file.display())]
    MisplacedFileKey { key: &'static str, file: PathBuf },
    /// A value of the file that is no text, number or boolean.
    #[error("`{key}` in `{}` is {found}; expected a text, a whole number, `true` or `false`", file.display())]
    WrongType {
        key: String,
        file: PathBuf,
        found: &'static str,
    },
    /// The file is there, or asked for, but cannot be read.
    #[error("could not read the configuration file `{}`", file.display())]
    UnreadableFile {
        file: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("`{}` is not a valid configuration file, line {line}: {message}", file.display())]
    InvalidFile {
        file: PathBuf,
        line: usize,
        message: String,
    },
    /// An environment value that is no text.
    #[error("environment name `{name}` has a value that is not UTF-8")]
    NotUtf8 { name: String },
    /// Two keys contradict each other.
    #[error("`{key}` needs `{missing}`, which is not set")]
    Incomplete {
        key: &'static str,
        missing: &'static str,
    },
}

impl ConfigError {
    /// What to do about it, if the message does not say so.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownVariable { nearest, .. } | Self::UnknownFileKey { nearest, .. } => {
                Some(format!("the nearest name is `{nearest}`"))
            }
            Self::MisplacedFileKey { .. } => {
                Some("set it by flag or environment, or name the file with `--config`".to_owned())
            }
            _ => None,
        }
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag(String),
    Variable(String),
    File(PathBuf),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "the flag `{flag}`"),
            Self::Variable(name) => write!(formatter, "the environment name `{name}`"),
            Self::File(file) => write!(formatter, "`{}`", file.display()),
            Self::Default => formatter.write_str("its default"),
        }
    }
}

/// What exactly is wrong with a value.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct Reason(pub(crate) String);
