//! Users, as admins manage them.

use ballast_meta::{MetaError, NewApiKey as NewApiKeyRecord, NewUser as NewUserRecord, UserRecord};
use ballast_model::{EntityKind, EntityName, Timestamp, UserKey};

use super::{api_keys, passwords};
use crate::projects::delete_entity;
use crate::teams::keep_admins_without;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// A user, as others see one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Storage key.
    pub key: UserKey,
    /// The name to sign in with, and of the user's own entity.
    pub username: EntityName,
    /// E-mail address; may be empty.
    pub email: String,
    /// Whether the user manages other users.
    pub is_admin: bool,
    /// When the user was made.
    pub created_at: Timestamp,
}

/// A user to make.
#[derive(Clone, Default)]
pub struct NewUser {
    /// The name to sign in with; also names the user's own entity, so no route may have it.
    pub username: String,
    /// E-mail address; may be empty.
    pub email: String,
    /// A password, if the user signs in with one.
    pub password: Option<String>,
    /// Whether the user manages other users.
    pub is_admin: bool,
    /// A first API key chosen beforehand, so that a deployment can be scripted.
    pub api_key: Option<String>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl From<UserRecord> for User {
    fn from(record: UserRecord) -> Self {
        Self {
            key: record.key,
            username: record.username,
            email: record.email,
            is_admin: record.admin,
            created_at: record.created_at,
        }
    }
}

impl Tracking {
    /// Every user, by name. Admins only.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if the caller is no admin.
    pub async fn list_users(&self, caller: &Caller) -> Result<Vec<User>> {
        Self::require_admin(caller)?;
        let users = self.inner.meta.read().list_users().await?;
        Ok(users.into_iter().map(User::from).collect())
    }

    /// Whether anyone can sign in with a password.
    pub async fn has_users_with_password(&self) -> Result<bool> {
        Ok(self.inner.meta.read().any_user_has_password().await?)
    }

    /// Makes a user with an entity of the same name. Admins only.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if the caller is no admin; [`TrackingError::Invalid`] for a name, password or key
    /// that cannot be used; [`TrackingError::Conflict`] if the name or the key is taken.
    pub async fn create_user(&self, caller: &Caller, new: NewUser) -> Result<User> {
        Self::require_admin(caller)?;
        self.add_user(new).await.map(User::from)
    }

    pub(super) async fn add_user(&self, new: NewUser) -> Result<UserRecord> {
        let username = EntityName::new(new.username)?;
        self.refuse_reserved(EntityKind::User, &username)?;
        if new.email.len() > 320 || new.email.chars().any(char::is_control) {
            return Err(TrackingError::Invalid(
                "an e-mail address has at most 320 plain characters".to_owned(),
            ));
        }
        let password_hash = match new.password {
            Some(password) => {
                passwords::check(&password)?;
                Some(passwords::hash(password, &*self.inner.entropy).await?)
            }
            None => None,
        };
        let now = self.inner.clock.now();
        let api_key = match &new.api_key {
            Some(secret) => {
                api_keys::check(secret)?;
                Some((api_keys::hint(secret), self.inner.secret.digest(secret)))
            }
            None => None,
        };
        let record = NewUserRecord {
            username: username.clone(),
            email: new.email,
            password_hash,
            admin: new.is_admin,
            created_at: now,
        };
        let made = self.inner.meta.write(move |tx| {
            Box::pin(async move {
                let user = tx.insert_user(record).await?;
                if let Some((hint, digest)) = api_key {
                    let name = "first key".to_owned();
                    let key = NewApiKeyRecord {
                        user: user.key,
                        name,
                        hint,
                        digest,
                        created_at: now,
                    };
                    tx.insert_api_key(key).await?;
                }
                Ok::<_, MetaError>(user)
            })
        });
        match made.await {
            Err(MetaError::Conflict { what: "API key" }) => Err(TrackingError::Conflict(
                "the API key is in use already".to_owned(),
            )),
            Err(MetaError::Conflict { .. }) => Err(self.name_taken(&username).await?),
            other => Ok(other?),
        }
    }

    /// Refuses a name under which an entity would be out of reach.
    pub(crate) fn refuse_reserved(&self, kind: EntityKind, name: &EntityName) -> Result<()> {
        let folded = name.as_str().to_ascii_lowercase();
        if !self.inner.reserved.contains(&folded) {
            return Ok(());
        }
        let what = match kind {
            EntityKind::User => "username",
            EntityKind::Team => "team name",
            EntityKind::Organization => "organization name",
        };
        Err(TrackingError::Invalid(format!(
            "{what} `{name}` is reserved for a page of this server; choose another"
        )))
    }

    /// The refusal to make an entity under a name that another has.
    pub(crate) async fn name_taken(&self, name: &EntityName) -> Result<TrackingError> {
        let entity = self.inner.meta.read().lookup_entity(name).await?;
        let kind = entity.map_or(EntityKind::User, |entity| entity.kind);
        Ok(TrackingError::Conflict(format!(
            "{kind} `{name}` exists already"
        )))
    }

    /// Deletes a user with their projects, runs, keys and sessions, for good. Admins only.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if the caller is no admin; [`TrackingError::NotFound`] for an unknown name;
    /// [`TrackingError::Conflict`] if the caller would delete themselves, or the only admin of a team or organization.
    pub async fn delete_user(&self, caller: &Caller, username: &str) -> Result<()> {
        Self::require_admin(caller)?;
        let unknown = || TrackingError::not_found("user", username);
        let name = EntityName::new(username).map_err(|_| unknown())?;
        let user = self
            .inner
            .meta
            .read()
            .lookup_user(&name)
            .await?
            .ok_or_else(unknown)?;
        if user.key == caller.user {
            return Err(TrackingError::Conflict(
                "you cannot delete yourself; ask another admin".to_owned(),
            ));
        }
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    keep_admins_without(tx, &user).await?;
                    delete_entity(tx, user.entity, now).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Sets where the caller's runs go that name no entity: into their own or one that they are in.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity does not exist or is not the caller's.
    pub async fn set_default_entity(&self, caller: &Caller, name: &EntityName) -> Result<()> {
        let entity = caller.entity_for(name, Access::List)?;
        let (user, entity) = (caller.user, Some(entity.key));
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { tx.set_default_entity(user, entity).await }))
            .await
            .map_err(|error: MetaError| TrackingError::from(error))?;
        Ok(())
    }

    /// Changes the caller's own password. A caller who has one must give it.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if `current` is wrong or missing; [`TrackingError::Invalid`] if `new` cannot be
    /// used.
    pub async fn set_password(
        &self,
        caller: &Caller,
        current: Option<&str>,
        new: &str,
    ) -> Result<()> {
        let gone = || TrackingError::not_found("user", caller.username());
        let user = self
            .inner
            .meta
            .read()
            .user(caller.user)
            .await?
            .ok_or_else(gone)?;
        if user.password_hash.is_some() {
            let given = current.unwrap_or_default().to_owned();
            if !passwords::verify(given, user.password_hash).await? {
                return Err(TrackingError::Forbidden(
                    "the current password is wrong".to_owned(),
                ));
            }
        }
        self.store_password(user.key, new).await
    }

    /// Sets another user's password without knowing the old one. Admins only.
    ///
    /// # Errors
    /// As [`Tracking::delete_user`], and [`TrackingError::Invalid`] if `new` cannot be used.
    pub async fn reset_password(&self, caller: &Caller, username: &str, new: &str) -> Result<()> {
        Self::require_admin(caller)?;
        let user = self.get_user(username).await?;
        self.store_password(user.key, new).await
    }

    pub(crate) async fn get_user(&self, username: &str) -> Result<UserRecord> {
        let unknown = || TrackingError::not_found("user", username);
        let name = EntityName::new(username).map_err(|_| unknown())?;
        self.inner
            .meta
            .read()
            .lookup_user(&name)
            .await?
            .ok_or_else(unknown)
    }

    /// Stores a new password and signs the user out everywhere.
    async fn store_password(&self, user: ballast_model::UserKey, new: &str) -> Result<()> {
        passwords::check(new)?;
        let hash = passwords::hash(new.to_owned(), &*self.inner.entropy).await?;
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    tx.set_password(user, Some(hash)).await?;
                    tx.delete_sessions_of(user).await
                })
            })
            .await?;
        Ok(())
    }
}
