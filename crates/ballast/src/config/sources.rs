//! Flags, environment, file and defaults as one: where values are looked up.

use super::environment::Environment;
use super::error::{ConfigError, Origin, Reason};
use super::file::File;
use super::key::{DefaultValue, Key, KeyInfo};
use super::{FlagValues, storage};

/// Everything that was said about the configuration.
#[derive(Debug)]
pub(crate) struct Sources {
    flags: FlagValues,
    environment: Environment,
    file: File,
}

impl Sources {
    /// Finds and reads the configuration file.
    ///
    /// # Errors
    /// If the file cannot be read or is not valid.
    pub(crate) fn open(flags: FlagValues, environment: Environment) -> Result<Self, ConfigError> {
        let mut sources = Self {
            flags,
            environment,
            file: File::default(),
        };
        sources.file = match sources.lookup(&storage::CONFIG)? {
            Some(path) => File::read(&path)?,
            None => File::read_in(&sources.value(&storage::DATA_DIR)?)?,
        };
        Ok(sources)
    }

    /// The value of a key that has a default.
    ///
    /// # Errors
    /// If what was given is not what the key expects.
    pub(crate) fn value<T>(&self, key: &Key<T>) -> Result<T, ConfigError> {
        let value = self.lookup(key)?;
        Ok(value.unwrap_or_else(|| panic!("`{}` has a default", key.info.name)))
    }

    /// The value of a key that may be left out.
    ///
    /// # Errors
    /// If what was given is not what the key expects.
    pub(crate) fn lookup<T>(&self, key: &Key<T>) -> Result<Option<T>, ConfigError> {
        let Some((text, origin)) = self.text(&key.info) else {
            return Ok(None);
        };
        let parsed = (key.parse)(text.trim());
        parsed.map(Some).map_err(|reason| ConfigError::Invalid {
            key: key.info.name,
            found: key.info.shown(text),
            origin,
            expected: key.info.expected,
            reason: (!reason.is_empty()).then_some(Reason(reason)),
        })
    }

    /// The value of an environment name that others have defined.
    pub(crate) fn foreign(&self, name: &str) -> Option<&str> {
        self.environment.lookup(name)
    }

    /// Whether the key was set at all.
    pub(crate) fn is_set(&self, key: &KeyInfo) -> bool {
        !matches!(self.text(key), None | Some((_, Origin::Default)))
    }

    fn text(&self, key: &KeyInfo) -> Option<(&str, Origin)> {
        if let Some(text) = self.flags.get(key.name) {
            return Some((text, Origin::Flag(key.flag()?)));
        }
        let variable = key.variable();
        if let Some(text) = self.environment.lookup(&variable) {
            return Some((text, Origin::Variable(variable)));
        }
        if let Some(text) = self.file.lookup(key.name) {
            return Some((text, Origin::File(self.file.path.clone())));
        }
        let fallback = key.fallback.and_then(|name| {
            let text = self.environment.lookup(name)?;
            Some((text, Origin::Variable(name.to_owned())))
        });
        if fallback.is_some() {
            return fallback;
        }
        match key.default {
            DefaultValue::Text(text) => Some((text, Origin::Default)),
            DefaultValue::Unset(_) => None,
        }
    }
}

/// The name that `name` was probably meant to be.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> &'a str {
    let distance = |candidate: &&str| strsim::damerau_levenshtein(name, candidate);
    known.into_iter().min_by_key(distance).unwrap_or_default()
}
