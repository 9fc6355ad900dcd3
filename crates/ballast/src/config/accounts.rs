//! The first admin.

use ballast_model::EntityName;

use super::error::ConfigError;
use super::key::{DefaultValue, Key, KeyInfo, KeyKind, Section};
use super::parse;
use super::sources::Sources;
use crate::secret::Secret;

/// Shortest API key that may be chosen.
const MIN_API_KEY_LENGTH: usize = 20;

static ADMIN_USERNAME: Key<EntityName> = Key {
    info: KeyInfo {
        name: "admin_username",
        placeholder: "NAME",
        doc: "The name of the first admin, who is made when the database has no user.",
        expected: "a user name",
        default: DefaultValue::Text("admin"),
        kind: KeyKind::Plain,
        fallback: None,
    },
    parse: parse::from_str,
};

static ADMIN_API_KEY: Key<Secret> = Key {
    info: KeyInfo {
        name: "admin_api_key",
        placeholder: "KEY",
        doc: "An API key of the first admin, so that a deployment can be scripted. The wandb client before 0.23 takes keys of exactly 40 characters.",
        expected: "at least 20 printable ASCII characters without spaces",
        default: DefaultValue::Unset("a new one, printed at the first start"),
        kind: KeyKind::Secret,
        fallback: None,
    },
    parse: api_key,
};

/// The keys of this section.
pub(crate) static SECTION: Section = Section {
    title: "Accounts",
    keys: &[&ADMIN_USERNAME.info, &ADMIN_API_KEY.info],
};

/// The first admin.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    pub(crate) admin_username: EntityName,
    pub(crate) admin_api_key: Option<Secret>,
}

impl Accounts {
    pub(super) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        Ok(Self {
            admin_username: sources.value(&ADMIN_USERNAME)?,
            admin_api_key: sources.lookup(&ADMIN_API_KEY)?,
        })
    }
}

fn api_key(text: &str) -> Result<Secret, String> {
    if text.len() < MIN_API_KEY_LENGTH {
        return Err(format!("it has {} characters", text.chars().count()));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it has other characters".to_owned());
    }
    Ok(Secret::new(text))
}
