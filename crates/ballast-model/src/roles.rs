//! Who may do what with the projects of an entity.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What kind of thing owns projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    /// A user, who is alone in it.
    User,
    /// Several users, of an organization or none.
    Team,
    /// Users and teams that share registries.
    Organization,
}

impl EntityKind {
    /// The name in JSON and in texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::Organization => "organization",
        }
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a user may do in a team, an organization or a registry. A greater role may do all that a lesser one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees what a registry lists, without reading it. Only registries have it.
    RestrictedViewer,
    /// Reads everything.
    Viewer,
    /// Also writes: logs, edits and deletes runs and artifacts, makes projects.
    Member,
    /// Also manages members, and deletes projects and the thing itself.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [
        Self::RestrictedViewer,
        Self::Viewer,
        Self::Member,
        Self::Admin,
    ];

    /// The name in JSON and in texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RestrictedViewer => "restricted_viewer",
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("role {found:?} is unknown: expected `admin`, `member`, `viewer` or `restricted_viewer`")]
pub struct ParseRoleError {
    found: String,
}

impl FromStr for Role {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, ParseRoleError> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or_else(|| ParseRoleError {
            found: text.chars().take(64).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_found_by_their_names() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(
                serde_json::to_value(role).expect("a role is JSON"),
                role.as_str()
            );
        }
        assert!("owner".parse::<Role>().is_err());
    }

    #[test]
    fn greater_roles_come_later() {
        assert!(Role::ALL.is_sorted());
        assert!(Role::Viewer < Role::Member);
    }
}
