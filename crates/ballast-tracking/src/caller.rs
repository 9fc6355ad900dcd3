//! Who is asking.

use ballast_meta::{EntityRecord, UserRecord};
use ballast_model::{EntityKey, EntityName, UserKey};

/// A signed-in user, as every operation takes it.
///
/// Only [`Tracking`](crate::Tracking) makes one, from an API key or a session, so holding a `Caller` is proof of
/// authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub(crate) user: UserKey,
    pub(crate) entity_key: EntityKey,
    username: String,
    entity: EntityName,
    email: String,
    is_admin: bool,
    has_password: bool,
}

impl Caller {
    /// The name that the user signs in with.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The user's own entity, where runs go that name none.
    pub fn entity(&self) -> &EntityName {
        &self.entity
    }

    /// The user's e-mail address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Whether the user manages other users.
    pub fn is_admin(&self) -> bool {
        self.is_admin
    }

    /// Whether the user can sign in with a password.
    pub fn has_password(&self) -> bool {
        self.has_password
    }

    /// The user's storage key.
    pub fn user_key(&self) -> UserKey {
        self.user
    }

    pub(crate) fn may_use(&self, entity: EntityKey) -> bool {
        // Teams will widen this; until then an entity belongs to one user.
        self.entity_key == entity
    }
}

impl Caller {
    pub(crate) fn new(user: &UserRecord, entity: EntityRecord) -> Self {
        Self {
            user: user.key,
            entity_key: entity.key,
            username: user.username.as_str().to_owned(),
            entity: entity.name,
            email: user.email.clone(),
            is_admin: user.admin,
            has_password: user.password_hash.is_some(),
        }
    }
}
