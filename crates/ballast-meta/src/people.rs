//! People: entities, users, their API keys, sessions and sign-in links.
//!
//! Secrets never come here: keys, session tokens and link tokens are stored as 32-byte digests, passwords as hashes.
//! Names are unique, and looked up, without regard to case.

use ballast_model::{ApiKeyKey, EntityKey, EntityName, Timestamp, UserKey};

use crate::{Db, MetaError, Tx};

/// An owner of projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRecord {
    /// The storage key.
    pub key: EntityKey,
    /// The name in URLs.
    pub name: EntityName,
}

/// A new user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The name to sign in with; the user's entity gets the same.
    pub username: EntityName,
    /// The address; may be empty.
    pub email: String,
    /// The password's hash in PHC text form, if the user may sign in with a password.
    pub password_hash: Option<String>,
    /// Whether the user manages other users.
    pub admin: bool,
    /// When the user was made.
    pub created_at: Timestamp,
}

impl NewUser {
    /// A user without address, password and rights.
    pub fn new(username: EntityName, created_at: Timestamp) -> Self {
        Self {
            username,
            email: String::new(),
            password_hash: None,
            admin: false,
            created_at,
        }
    }
}

/// A stored user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The storage key.
    pub key: UserKey,
    /// The name to sign in with.
    pub username: EntityName,
    /// The address; may be empty.
    pub email: String,
    /// The password's hash, if the user may sign in with a password.
    pub password_hash: Option<String>,
    /// Whether the user manages other users.
    pub admin: bool,
    /// The user's own entity, of the same name.
    pub entity: EntityKey,
    /// When the user was made.
    pub created_at: Timestamp,
}

/// A new API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// The owner.
    pub user: UserKey,
    /// What the owner calls it.
    pub name: String,
    /// The last characters of the secret, to tell keys apart.
    pub hint: String,
    /// The keyed hash of the secret.
    pub digest: [u8; 32],
    /// When the key was made.
    pub created_at: Timestamp,
}

/// A stored API key, without its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// The storage key.
    pub key: ApiKeyKey,
    /// The owner.
    pub user: UserKey,
    /// What the owner calls it.
    pub name: String,
    /// The last characters of the secret.
    pub hint: String,
    /// When the key was made.
    pub created_at: Timestamp,
    /// When the key was last used, as far as it was recorded.
    pub last_used_at: Option<Timestamp>,
}

/// A new session of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The digest of the session's token.
    pub digest: [u8; 32],
    /// Who signed in.
    pub user: UserKey,
    /// When.
    pub created_at: Timestamp,
    /// When the session stops counting.
    pub expires_at: Timestamp,
}

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Who signed in.
    pub user: UserKey,
    /// When.
    pub created_at: Timestamp,
    /// When the session stops counting.
    pub expires_at: Timestamp,
}

/// A new sign-in link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignInLink {
    /// The digest of the link's token.
    pub digest: [u8; 32],
    /// Whom it signs in.
    pub user: UserKey,
    /// When it stops working.
    pub expires_at: Timestamp,
}

// ---- queries
impl Db<'_> {
    /// The entity `name`, in any case.
    pub async fn lookup_entity(
        &self,
        name: &EntityName,
    ) -> Result<Option<EntityRecord>, MetaError> {
        todo!()
    }

    /// The entity under `key`.
    pub async fn entity(&self, key: EntityKey) -> Result<Option<EntityRecord>, MetaError> {
        todo!()
    }

    /// The user `username`, in any case.
    pub async fn lookup_user(
        &self,
        username: &EntityName,
    ) -> Result<Option<UserRecord>, MetaError> {
        todo!()
    }

    /// The user under `key`.
    pub async fn user(&self, key: UserKey) -> Result<Option<UserRecord>, MetaError> {
        todo!()
    }

    /// Every user, by name.
    pub async fn list_users(&self) -> Result<Vec<UserRecord>, MetaError> {
        todo!()
    }

    /// How many users there are.
    pub async fn count_users(&self) -> Result<u64, MetaError> {
        todo!()
    }

    /// Whether any user may sign in with a password.
    pub async fn any_user_has_password(&self) -> Result<bool, MetaError> {
        todo!()
    }

    /// The API key with this digest, and its owner.
    pub async fn lookup_api_key(
        &self,
        digest: &[u8; 32],
    ) -> Result<Option<(ApiKeyRecord, UserRecord)>, MetaError> {
        todo!()
    }

    /// The API keys of `user`, oldest first.
    pub async fn list_api_keys(&self, user: UserKey) -> Result<Vec<ApiKeyRecord>, MetaError> {
        todo!()
    }

    /// The session with this digest that has not expired at `now`, and its user.
    pub async fn lookup_session(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, UserRecord)>, MetaError> {
        todo!()
    }
}

impl Tx<'_> {
    /// Makes a user and the entity of the same name.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if an entity or user of that name exists, in any case.
    pub async fn insert_user(&self, user: NewUser) -> Result<UserRecord, MetaError> {
        todo!()
    }

    /// Deletes a user for good, with entity, projects, runs, keys and sessions. Returns whether there was one.
    ///
    /// The objects of the runs are not doomed here: see [`Db::project_object_keys`].
    pub async fn delete_user(&self, key: UserKey) -> Result<bool, MetaError> {
        todo!()
    }

    /// Sets or, with `None`, takes away the password. Returns whether there is such a user.
    pub async fn set_password(
        &self,
        key: UserKey,
        password_hash: Option<String>,
    ) -> Result<bool, MetaError> {
        todo!()
    }

    /// Stores an API key.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if a key with that digest exists.
    pub async fn insert_api_key(&self, key: NewApiKey) -> Result<ApiKeyRecord, MetaError> {
        todo!()
    }

    /// Deletes the API key `key` if `user` owns it. Returns whether it was there.
    pub async fn delete_api_key(&self, user: UserKey, key: ApiKeyKey) -> Result<bool, MetaError> {
        todo!()
    }

    /// Records that an API key was used.
    pub async fn touch_api_key(&self, key: ApiKeyKey, at: Timestamp) -> Result<(), MetaError> {
        todo!()
    }

    /// Stores a session.
    pub async fn insert_session(&self, session: NewSession) -> Result<(), MetaError> {
        todo!()
    }

    /// Ends the session with this digest. Returns whether there was one.
    pub async fn delete_session(&self, digest: &[u8; 32]) -> Result<bool, MetaError> {
        todo!()
    }

    /// Ends every session of `user`. Returns how many there were.
    pub async fn delete_sessions_of(&self, user: UserKey) -> Result<u64, MetaError> {
        todo!()
    }

    /// Stores a sign-in link.
    pub async fn insert_sign_in_link(&self, link: NewSignInLink) -> Result<(), MetaError> {
        todo!()
    }

    /// Uses up the sign-in link with this digest: whom it signs in, or `None` if it is unknown, used or expired.
    pub async fn take_sign_in_link(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<UserKey>, MetaError> {
        todo!()
    }

    /// Deletes the sessions and sign-in links that have expired at `now`. Returns how many.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<u64, MetaError> {
        todo!()
    }
}
