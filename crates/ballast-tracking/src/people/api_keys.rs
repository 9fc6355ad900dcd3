//! API keys: what scripts sign in with.

use ballast_meta::{ApiKeyRecord, NewApiKey as NewApiKeyRecord};
use ballast_model::{ApiKeyKey, Timestamp};

use crate::secrets::{MIN_API_KEY_LENGTH, generate_api_key};
use crate::{Caller, Result, Tracking, TrackingError};

/// How stale the stored time of last use may become, in seconds: noting every request would be a write per read.
const TOUCH_INTERVAL_S: i64 = 60;

/// An API key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Storage key.
    pub id: ApiKeyKey,
    /// What its owner calls it.
    pub name: String,
    /// The last characters of the secret.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A key that was just made. The secret is told this once.
#[derive(Clone)]
pub struct NewApiKey {
    /// The key.
    pub api_key: ApiKey,
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewApiKey")
            .field("api_key", &self.api_key)
            .finish_non_exhaustive()
    }
}

impl From<ApiKeyRecord> for ApiKey {
    fn from(record: ApiKeyRecord) -> Self {
        Self {
            id: record.key,
            name: record.name,
            hint: record.hint,
            created_at: record.created_at,
            last_used_at: record.last_used_at,
        }
    }
}

/// Checks a secret that an admin chose.
pub(super) fn check(secret: &str) -> Result<()> {
    if secret.len() < MIN_API_KEY_LENGTH
        || secret.len() > 256
        || !secret.chars().all(|c| c.is_ascii_graphic())
    {
        let reason = format!(
            "an API key has {MIN_API_KEY_LENGTH} to 256 visible ASCII characters; the wandb client wants at least 40"
        );
        return Err(TrackingError::Invalid(reason));
    }
    Ok(())
}

/// The last characters of a secret.
pub(super) fn hint(secret: &str) -> String {
    secret
        .chars()
        .skip(secret.chars().count().saturating_sub(4))
        .collect()
}

impl Tracking {
    /// The user behind an API key; `None` if there is no such key.
    pub async fn authenticate_key(&self, secret: &str) -> Result<Option<Caller>> {
        let digest = self.inner.secret.digest(secret);
        let Some((key, user)) = self.inner.meta.read().lookup_api_key(&digest).await? else {
            return Ok(None);
        };
        let now = self.inner.clock.now();
        let stale = key
            .last_used_at
            .is_none_or(|at| now.as_second() - at.as_second() >= TOUCH_INTERVAL_S);
        if stale {
            self.inner
                .meta
                .write(move |tx| Box::pin(tx.touch_api_key(key.key, now)))
                .await?;
        }
        self.caller_of(&user).await.map(Some)
    }

    /// The caller's keys, oldest first.
    pub async fn list_api_keys(&self, caller: &Caller) -> Result<Vec<ApiKey>> {
        let keys = self.inner.meta.read().list_api_keys(caller.user).await?;
        Ok(keys.into_iter().map(ApiKey::from).collect())
    }

    /// Makes a key for the caller.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] for a name beyond 128 characters.
    pub async fn create_api_key(&self, caller: &Caller, name: &str) -> Result<NewApiKey> {
        if name.chars().count() > 128 || name.chars().any(char::is_control) {
            return Err(TrackingError::Invalid(
                "an API key's name has at most 128 plain characters".to_owned(),
            ));
        }
        let secret = generate_api_key(&*self.inner.entropy);
        let record = NewApiKeyRecord {
            user: caller.user,
            name: name.to_owned(),
            hint: hint(&secret),
            digest: self.inner.secret.digest(&secret),
            created_at: self.inner.clock.now(),
        };
        let stored = self
            .inner
            .meta
            .write(move |tx| Box::pin(tx.insert_api_key(record)))
            .await?;
        Ok(NewApiKey {
            api_key: stored.into(),
            secret,
        })
    }

    /// Revokes one of the caller's keys at once.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the caller has no such key.
    pub async fn delete_api_key(&self, caller: &Caller, id: ApiKeyKey) -> Result<()> {
        let user = caller.user;
        let deleted = self
            .inner
            .meta
            .write(move |tx| Box::pin(tx.delete_api_key(user, id)))
            .await?;
        if deleted {
            Ok(())
        } else {
            Err(TrackingError::not_found("API key", id))
        }
    }
}
