//! Sessions: what browsers sign in with.

use ballast_meta::{NewSession, NewSignInLink, UserRecord};
use ballast_model::{EntityName, Timestamp};
use jiff::SignedDuration;

use super::passwords;
use crate::secrets::generate_token;
use crate::{Caller, Result, Tracking};

/// How long a sign-in link works.
const LINK_VALIDITY: SignedDuration = SignedDuration::from_hours(24);

/// A browser that signed in.
#[derive(Clone)]
pub struct Session {
    /// The secret for the browser's cookie.
    pub token: String,
    /// When the session ends.
    pub expires_at: Timestamp,
    /// Who signed in.
    pub caller: Caller,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("caller", &self.caller.username())
            .finish_non_exhaustive()
    }
}

impl Tracking {
    /// Signs a user in by password; `None` if the name or the password is wrong.
    pub async fn sign_in(&self, username: &str, password: &str) -> Result<Option<Session>> {
        let user = match EntityName::new(username) {
            Ok(name) => self.inner.meta.read().lookup_user(&name).await?,
            Err(_) => None,
        };
        let hash = user.as_ref().and_then(|user| user.password_hash.clone());
        let verified = passwords::verify(password.to_owned(), hash).await?;
        match user {
            Some(user) if verified => self.begin_session(&user).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Signs a user in by a link that works once; `None` if it is unknown, used or expired.
    pub async fn sign_in_with_link(&self, token: &str) -> Result<Option<Session>> {
        let digest = self.inner.secret.digest(token);
        let now = self.inner.clock.now();
        let taken = self
            .inner
            .meta
            .write(move |tx| Box::pin(async move { tx.take_sign_in_link(&digest, now).await }))
            .await?;
        let Some(key) = taken else { return Ok(None) };
        match self.inner.meta.read().user(key).await? {
            Some(user) => self.begin_session(&user).await.map(Some),
            None => Ok(None),
        }
    }

    /// The user behind a session's token; `None` if it is unknown or expired.
    pub async fn authenticate_session(&self, token: &str) -> Result<Option<Caller>> {
        let digest = self.inner.secret.digest(token);
        let now = self.inner.clock.now();
        match self.inner.meta.read().lookup_session(&digest, now).await? {
            Some((_, user)) => self.caller_of(&user).await.map(Some),
            None => Ok(None),
        }
    }

    /// Ends a session. Ending it twice is no error.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        let digest = self.inner.secret.digest(token);
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { tx.delete_session(&digest).await }))
            .await?;
        Ok(())
    }

    /// Makes the token of a link that signs `username` in once, within a day.
    ///
    /// For the operator's shell; no door offers it.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`](crate::TrackingError::NotFound) for an unknown name.
    pub async fn create_sign_in_link(&self, username: &str) -> Result<String> {
        let user = self.get_user(username).await?;
        let token = generate_token(&*self.inner.entropy);
        let link = NewSignInLink {
            digest: self.inner.secret.digest(&token),
            user: user.key,
            expires_at: self.inner.clock.now() + LINK_VALIDITY,
        };
        self.inner
            .meta
            .write(move |tx| Box::pin(tx.insert_sign_in_link(link)))
            .await?;
        Ok(token)
    }

    async fn begin_session(&self, user: &UserRecord) -> Result<Session> {
        let token = generate_token(&*self.inner.entropy);
        let now = self.inner.clock.now();
        let expires_at = now + self.inner.settings.session_validity;
        let digest = self.inner.secret.digest(&token);
        let session = NewSession {
            digest,
            user: user.key,
            created_at: now,
            expires_at,
        };
        self.inner
            .meta
            .write(move |tx| Box::pin(tx.insert_session(session)))
            .await?;
        Ok(Session {
            token,
            expires_at,
            caller: self.caller_of(user).await?,
        })
    }
}
