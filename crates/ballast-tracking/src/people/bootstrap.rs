//! The first admin, and the operator's shell.

use ballast_meta::{MetaError, NewApiKey as NewApiKeyRecord};
use ballast_model::{EntityName, Role};

use super::{NewUser, api_keys};
use crate::secrets::generate_api_key;
use crate::{Caller, Result, Tracking, TrackingError};

/// What the start of a server did about its admin.
#[derive(Clone)]
pub struct Bootstrap {
    /// The admin's name.
    pub username: EntityName,
    /// The secret of the admin's first API key, if the admin was made now; stored nowhere else.
    pub new_api_key: Option<String>,
}

impl std::fmt::Debug for Bootstrap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bootstrap")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Tracking {
    /// Makes the first admin if there is no user yet, and sees to it that a configured API key works.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] if the name or key cannot be used; [`TrackingError::Conflict`] if the configured
    /// key belongs to someone else.
    pub async fn bootstrap(
        &self,
        admin_username: &str,
        admin_api_key: Option<&str>,
    ) -> Result<Bootstrap> {
        if self.inner.meta.read().count_users().await? == 0 {
            let secret =
                admin_api_key.map_or_else(|| generate_api_key(&*self.inner.entropy), str::to_owned);
            let new = NewUser {
                username: admin_username.to_owned(),
                is_admin: true,
                api_key: Some(secret.clone()),
                ..NewUser::default()
            };
            match self.add_user(new).await {
                Ok(user) => {
                    return Ok(Bootstrap {
                        username: user.username,
                        new_api_key: Some(secret),
                    });
                }
                // Another server that started at the same moment made the admin.
                Err(TrackingError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let admin = self.get_user(admin_username).await?;
        if let Some(secret) = admin_api_key {
            self.ensure_api_key(admin.key, secret).await?;
        }
        Ok(Bootstrap {
            username: admin.username,
            new_api_key: None,
        })
    }

    /// A caller with an admin's rights, for the operator's shell: whoever can open the stores is trusted with them.
    pub async fn operator(&self, admin_username: &str) -> Result<Caller> {
        let user = self.get_user(admin_username).await?;
        if !user.admin {
            return Err(TrackingError::Forbidden(format!(
                "user `{}` is no admin",
                user.username
            )));
        }
        self.caller_of(&user).await
    }

    /// A caller who acts as `username`, for the operator's shell.
    pub async fn act_as(&self, operator: &Caller, username: &str) -> Result<Caller> {
        Self::require_admin(operator)?;
        let user = self.get_user(username).await?;
        self.caller_of(&user).await
    }

    /// A caller who may do everything in `entity`, for the operator's shell: the user of that name, or an admin of the
    /// team or organization.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if there is no such entity.
    pub async fn act_in(&self, operator: &Caller, entity: &EntityName) -> Result<Caller> {
        let db = self.inner.meta.read();
        let found = db.lookup_entity(entity).await?;
        let found = found.ok_or_else(|| TrackingError::not_found("entity", entity))?;
        let members = db.list_members(found.key).await?;
        // Nobody but its user is in a user's own entity, and every other one has an admin.
        let admin = members.iter().find(|member| member.role == Role::Admin);
        let username = admin.map_or(&found.name, |admin| &admin.username);
        self.act_as(operator, username.as_str()).await
    }

    async fn ensure_api_key(&self, user: ballast_model::UserKey, secret: &str) -> Result<()> {
        api_keys::check(secret)?;
        let digest = self.inner.secret.digest(secret);
        let taken = || {
            TrackingError::Conflict(
                "the configured admin API key belongs to another user".to_owned(),
            )
        };
        if let Some((_, owner)) = self.inner.meta.read().lookup_api_key(&digest).await? {
            return if owner.key == user {
                Ok(())
            } else {
                Err(taken())
            };
        }
        let name = "configured key".to_owned();
        let created_at = self.inner.clock.now();
        let key = NewApiKeyRecord {
            user,
            name,
            hint: api_keys::hint(secret),
            digest,
            created_at,
        };
        match self
            .inner
            .meta
            .write(move |tx| Box::pin(tx.insert_api_key(key)))
            .await
        {
            // A server that started at the same moment stored it.
            Ok(_) | Err(MetaError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
