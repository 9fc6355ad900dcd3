//! The configuration file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::error::ConfigError;
use super::sources::nearest;
use super::{keys, storage};

/// Its name in the data folder.
pub(crate) const FILE_NAME: &str = "ballast.toml";

/// A configuration file: texts, whatever the TOML type was, by key.
#[derive(Debug, Clone, Default)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    values: BTreeMap<String, String>,
}

impl File {
    /// Reads a file that was asked for by name.
    ///
    /// # Errors
    /// If it cannot be read or is not valid.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::UnreadableFile {
            file: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    /// Reads the file of a data folder, if there is one.
    ///
    /// # Errors
    /// If it is there, but cannot be read or is not valid, or if it names another data folder.
    pub(crate) fn read_in(data_dir: &Path) -> Result<Self, ConfigError> {
        match Self::read(&data_dir.join(FILE_NAME)) {
            Err(ConfigError::UnreadableFile { source, .. })
                if matches!(
                    source.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(Self::default())
            }
            Ok(file) if file.lookup(storage::DATA_DIR.info.name).is_some() => {
                Err(ConfigError::MisplacedFileKey {
                    key: storage::DATA_DIR.info.name,
                    file: file.path,
                })
            }
            result => result,
        }
    }

    /// The value of `key`.
    pub(crate) fn lookup(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let table: Table = text.parse().map_err(|error| invalid(path, text, &error))?;
        let known: Vec<&str> = keys().filter_map(super::KeyInfo::file_key).collect();
        let mut values = BTreeMap::new();
        for (key, value) in table {
            if !known.contains(&key.as_str()) {
                return Err(ConfigError::UnknownFileKey {
                    nearest: nearest(&key, known).to_owned(),
                    key,
                    file: path.to_owned(),
                });
            }
            let text = match value {
                Value::String(text) => text,
                Value::Integer(number) => number.to_string(),
                Value::Boolean(flag) => flag.to_string(),
                Value::Float(_) => return Err(wrong_type(path, key, "a fraction")),
                Value::Datetime(_) => return Err(wrong_type(path, key, "a date")),
                Value::Array(_) => return Err(wrong_type(path, key, "a list")),
                Value::Table(_) => return Err(wrong_type(path, key, "a table")),
            };
            values.insert(key, text);
        }
        Ok(Self {
            path: path.to_owned(),
            values,
        })
    }
}

fn wrong_type(path: &Path, key: String, found: &'static str) -> ConfigError {
    ConfigError::WrongType {
        key,
        file: path.to_owned(),
        found,
    }
}

/// Leaves out the line itself, which the parser would quote: it may hold a secret.
fn invalid(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let offset = error.span().map_or(0, |span| span.start);
    let before = text.get(..offset).unwrap_or_default();
    ConfigError::InvalidFile {
        file: path.to_owned(),
        line: before.matches('\n').count() + 1,
        message: error.message().replace('\n', ", "),
    }
}
