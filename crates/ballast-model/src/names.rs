//! Names that people and clients choose, checked when they are made.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// Why a name was refused. The text says what was given and what is expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} `{found}` is not valid: {expected}")]
pub struct NameError {
    what: &'static str,
    found: String,
    expected: &'static str,
}

/// How much of a refused name an error repeats, in characters.
const QUOTED_CHARACTERS: usize = 80;

impl NameError {
    fn new(what: &'static str, found: &str, expected: &'static str) -> Self {
        let mut quoted: String = found.chars().take(QUOTED_CHARACTERS).collect();
        if quoted.len() < found.len() {
            quoted.push('…');
        }
        Self {
            what,
            found: quoted,
            expected,
        }
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks `text`.
            ///
            /// # Errors
            #[doc = concat!("[`NameError`] unless the text is ", $expected, ".")]
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(NameError::new($what, &text, $expected)) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }
    };
}

name! {
    /// The owner part of a URL: a user's own entity, a team or an organization.
    EntityName, "entity name",
    "1 to 64 ASCII letters, digits, `-` or `_`, starting with a letter or digit",
    |text| {
        text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    }
}

name! {
    /// The project part of a URL.
    ProjectName, "project name",
    "1 to 128 characters, none of `/ \\ # ? % :` and no control characters, not `.` or `..`",
    is_path_part
}

name! {
    /// The run part of a URL: the short id that the client shows and resumes by.
    RunId, "run id",
    "1 to 128 characters, none of `/ \\ # ? % :` and no control characters, not `.` or `..`",
    is_path_part
}

name! {
    /// The sweep part of a URL: the short id that agents are started with.
    SweepId, "sweep id",
    "1 to 128 characters, none of `/ \\ # ? % :` and no control characters, not `.` or `..`",
    is_path_part
}

name! {
    /// A tag of a run.
    Tag, "tag", "1 to 64 characters, none of them a control character",
    |text| !text.is_empty() && text.chars().count() <= 64 && !text.chars().any(char::is_control)
}

name! {
    /// The path of a run file, relative to the run, with `/` between its parts.
    FilePath, "file path",
    "a relative path of at most 1024 bytes with `/` between parts, none of them empty, `.` or `..`, without `\\` or control characters",
    |text| {
        !text.is_empty()
            && text.len() <= 1024
            && !text.chars().any(|c| c == '\\' || c.is_control())
            && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
    }
}

name! {
    /// What kind of thing a collection holds, such as `dataset` or `model`.
    ArtifactTypeName, "artifact type",
    "1 to 128 characters, none of `/ \\ # ? % :` and no control characters, not `.` or `..`",
    is_path_part
}

name! {
    /// The name of a collection of artifact versions, unique in its project.
    CollectionName, "artifact name",
    "1 to 128 characters, none of `/ \\ # ? % :` and no control characters, not `.` or `..`",
    is_path_part
}

name! {
    /// A name for one version in a collection, which can move to another version. Names such as `v3` are the versions'
    /// own and no aliases.
    ArtifactAlias, "artifact alias",
    "1 to 128 characters, none of `/ :` and no control characters, and not `v` with a number, which names a version",
    |text| {
        !text.is_empty()
            && text.chars().count() <= 128
            && !text.chars().any(|c| matches!(c, '/' | ':') || c.is_control())
            && version_number(text).is_none()
    }
}

name! {
    /// A word that artifact versions and collections are found by.
    ArtifactTag, "artifact tag",
    "1 to 128 letters, digits, `_` and `-`, with spaces only between them",
    |text| {
        !text.is_empty()
            && text.chars().count() <= 128
            && text.trim() == text
            && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
    }
}

/// How the names of projects begin that are registries, in an organization.
pub const REGISTRY_PREFIX: &str = "wandb-registry-";

/// The number in a name such as `v3`; `None` if it names no version.
pub fn version_number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('v')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

fn is_path_part(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= 128
        && text.trim() == text
        && text != "."
        && text != ".."
        && !text
            .chars()
            .any(|c| c.is_control() || "/\\#?%:".contains(c))
}

/// The full name of a run: entity, project, run id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RunPath {
    /// The owner of the project.
    pub entity: EntityName,
    /// The project.
    pub project: ProjectName,
    /// The run.
    pub run: RunId,
}

impl RunPath {
    /// Checks the three parts.
    ///
    /// # Errors
    /// [`NameError`] for the first part that is not valid.
    pub fn new(entity: &str, project: &str, run: &str) -> Result<Self, NameError> {
        Ok(Self {
            entity: EntityName::new(entity)?,
            project: ProjectName::new(project)?,
            run: RunId::new(run)?,
        })
    }
}

impl fmt::Display for RunPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.entity, self.project, self.run)
    }
}

/// The full name of a sweep: entity, project, sweep id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SweepPath {
    /// The owner of the project.
    pub entity: EntityName,
    /// The project.
    pub project: ProjectName,
    /// The sweep.
    pub sweep: SweepId,
}

impl SweepPath {
    /// Checks the three parts.
    ///
    /// # Errors
    /// [`NameError`] for the first part that is not valid.
    pub fn new(entity: &str, project: &str, sweep: &str) -> Result<Self, NameError> {
        Ok(Self {
            entity: EntityName::new(entity)?,
            project: ProjectName::new(project)?,
            sweep: SweepId::new(sweep)?,
        })
    }
}

impl fmt::Display for SweepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.entity, self.project, self.sweep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_cannot_climb() {
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a%2fb",
            "a:b",
            "a?b",
            "a#b",
            "a\nb",
            " a",
            &"x".repeat(129),
        ] {
            assert!(RunId::new(bad).is_err(), "{bad:?}");
        }
        for good in ["3k2j9x", "run 1", "größe", "🚀", "a..b", &"x".repeat(128)] {
            assert!(RunId::new(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn file_paths_stay_inside() {
        for bad in [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a//b",
            "a/",
            "c\\d",
            "a\0b",
            "./a",
        ] {
            assert!(FilePath::new(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "media/images/x 1.png", "..a/b..", "日本.txt"] {
            assert!(FilePath::new(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn aliases_are_not_versions() {
        for bad in ["", "v0", "v17", "a:b", "a/b", "a\nb", &"x".repeat(129)] {
            assert!(ArtifactAlias::new(bad).is_err(), "{bad:?}");
        }
        for good in ["latest", "v", "v1.0", "vx", "best model", "größe"] {
            assert!(ArtifactAlias::new(good).is_ok(), "{good:?}");
        }
        assert_eq!(version_number("v12"), Some(12));
        assert_eq!(version_number("v+1"), None);
        assert_eq!(version_number(&format!("v{}0", u64::MAX)), None);
    }

    #[test]
    fn artifact_tags_are_words() {
        for bad in ["", " a", "a ", "a.b", "a/b", &"x".repeat(129)] {
            assert!(ArtifactTag::new(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "a b", "a-b_c 1", "größe"] {
            assert!(ArtifactTag::new(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn refusal_repeats_no_flood() {
        let error = RunId::new("/".repeat(1_000_000)).expect_err("slashes are refused");
        assert!(error.to_string().len() < 500);
    }
}
