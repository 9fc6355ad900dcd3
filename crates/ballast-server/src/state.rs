//! What handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use ballast_model::Timestamp;
use ballast_tracking::Tracking;

use crate::auth::SignInLimiter;
use crate::settings::ServerSettings;

/// What handlers share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ServerState(Arc<Inner>);

struct Inner {
    tracking: Tracking,
    settings: ServerSettings,
    sign_ins: SignInLimiter,
}

impl ServerState {
    pub(crate) fn new(tracking: Tracking, settings: ServerSettings) -> Self {
        Self(Arc::new(Inner {
            tracking,
            settings,
            sign_ins: SignInLimiter::default(),
        }))
    }

    pub(crate) fn tracking(&self) -> &Tracking {
        &self.0.tracking
    }

    pub(crate) fn settings(&self) -> &ServerSettings {
        &self.0.settings
    }

    pub(crate) fn sign_ins(&self) -> &SignInLimiter {
        &self.0.sign_ins
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.tracking.clock().now()
    }

    /// The address of a page: below the public address, or just its path if that is not known.
    pub(crate) fn page_address(&self, path: &str) -> String {
        match &self.0.settings.public_url {
            Some(url) => format!("{}{path}", url.as_str().trim_end_matches('/')),
            None => path.to_owned(),
        }
    }

    /// Whether browsers reach us over TLS only.
    pub(crate) fn is_https(&self) -> bool {
        self.0
            .settings
            .public_url
            .as_ref()
            .is_some_and(|url| url.scheme() == "https")
    }
}

impl FromRef<ServerState> for Tracking {
    fn from_ref(state: &ServerState) -> Self {
        state.0.tracking.clone()
    }
}
