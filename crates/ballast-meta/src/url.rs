//! Where the database is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

/// Where the database is. Shown without the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, made when it is not there, with its folder.
    Sqlite(PathBuf),
    /// A `postgres://` URL as libpq understands it.
    Postgres(String),
}

impl DatabaseUrl {
    /// The database in the file `path`.
    pub fn sqlite(path: impl AsRef<Path>) -> Self {
        Self::Sqlite(path.as_ref().to_path_buf())
    }
}

/// A text that names no database.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{scheme}` is no database; expected `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`"
)]
pub struct ParseDatabaseUrlError {
    /// What was there instead of a known scheme; never the part that may hold a password.
    scheme: String,
}

impl FromStr for DatabaseUrl {
    type Err = ParseDatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            // `sqlite:///a/b` and `sqlite:/a/b` are the same file; `sqlite:a/b` and `sqlite://a/b` are relative.
            Some(path) if !path.trim_start_matches("//").is_empty() => Ok(Self::Sqlite(
                PathBuf::from(path.strip_prefix("//").unwrap_or(path)),
            )),
            _ => Err(ParseDatabaseUrlError {
                scheme: text
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .take(40)
                    .collect(),
            }),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&masked(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// The URL without the password before the host and without query parameters, which may hold one too.
fn masked(url: &str) -> String {
    let url = url.split_once('?').map_or(url, |(before, _)| before);
    let Some((scheme, rest)) = url.split_once("://") else {
        return "postgres://…".to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user_info, host)) => match user_info.split_once(':') {
            Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
            None => url.to_owned(),
        },
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_files_and_servers() {
        assert_eq!(
            "sqlite:data/b.db".parse(),
            Ok(DatabaseUrl::sqlite("data/b.db"))
        );
        assert_eq!(
            "sqlite:///data/b.db".parse(),
            Ok(DatabaseUrl::sqlite("/data/b.db"))
        );
        assert_eq!(
            "sqlite:/data/b.db".parse(),
            Ok(DatabaseUrl::sqlite("/data/b.db"))
        );
        assert_eq!(
            "postgres://u@h/d".parse(),
            Ok(DatabaseUrl::Postgres("postgres://u@h/d".to_owned()))
        );
        for bad in [
            "",
            "sqlite:",
            "sqlite://",
            "mysql://u:secret@h/d",
            "/data/b.db",
        ] {
            let error = bad.parse::<DatabaseUrl>().expect_err(bad);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        for (url, shown) in [
            ("postgres://u:p@ss@h:5432/d", "postgres://u:***@h:5432/d"),
            ("postgresql://u@h/d?password=p", "postgresql://u@h/d"),
            ("postgres://h/d", "postgres://h/d"),
        ] {
            let url: DatabaseUrl = url.parse().expect("a database URL");
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown})"));
        }
    }
}
