//! Users, their API keys and sessions, and how a request becomes a [`Caller`].

mod api_keys;
mod bootstrap;
mod passwords;
mod sessions;
mod users;

pub use api_keys::{ApiKey, NewApiKey};
pub use bootstrap::Bootstrap;
pub use sessions::Session;
pub use users::{NewUser, User};

use ballast_meta::UserRecord;

use crate::{Caller, Result, Tracking, TrackingError};

impl Tracking {
    pub(crate) async fn caller_of(&self, user: &UserRecord) -> Result<Caller> {
        let grants = self.inner.meta.read().grants_of(user.key).await?;
        Ok(Caller::new(user, grants))
    }

    /// The caller with what they may do now, after something of it changed.
    pub(crate) async fn with_roles_of_now(&self, caller: &Caller) -> Result<Caller> {
        let grants = self.inner.meta.read().grants_of(caller.user).await?;
        Ok(caller.with_grants(grants))
    }

    fn require_admin(caller: &Caller) -> Result<()> {
        if caller.is_admin() {
            Ok(())
        } else {
            Err(TrackingError::Forbidden(
                "only an admin may manage users".to_owned(),
            ))
        }
    }
}
