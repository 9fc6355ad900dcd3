//! The environment, read once.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::error::ConfigError;
use super::keys;
use super::sources::nearest;

/// What our names begin with.
const PREFIX: &str = "BALLAST_";

/// Names that begin like ours and belong to the tests.
pub(crate) const IGNORED_NAMES: &[&str] = &["BALLAST_TEST_*", "BALLAST_BIN"];

/// The environment names that matter, with their values. An empty value counts as not set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Takes what is ours, or stands in for ours, from `variables`.
    ///
    /// # Errors
    /// If a name begins with `BALLAST_` and no key has it, or if a value is not UTF-8.
    pub(crate) fn read(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let ours: Vec<String> = keys().map(super::KeyInfo::variable).collect();
        let mut values = BTreeMap::new();
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|_| !value.is_empty()) else {
                continue;
            };
            let is_known = ours.iter().any(|known| known == name) || is_foreign(name);
            if !is_known && name.starts_with(PREFIX) && !is_ignored(name) {
                return Err(ConfigError::UnknownVariable {
                    name: name.to_owned(),
                    nearest: nearest(name, ours.iter().map(String::as_str)).to_owned(),
                });
            }
            if is_known {
                let Ok(value) = value.into_string() else {
                    let name = name.to_owned();
                    return Err(ConfigError::NotUtf8 { name });
                };
                values.insert(name.to_owned(), value);
            }
        }
        Ok(Self { values })
    }

    /// The value of `name`.
    pub(crate) fn lookup(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

/// Whether `name` is one that others have defined and we read, too.
fn is_foreign(name: &str) -> bool {
    keys().any(|key| key.fallback == Some(name)) || super::storage::PASSED_ON.contains(&name)
}

fn is_ignored(name: &str) -> bool {
    IGNORED_NAMES
        .iter()
        .any(|ignored| match ignored.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == *ignored,
        })
}
