//! What a store needs beside its address: credentials, mostly.

use std::collections::BTreeMap;
use std::fmt;

/// Credentials and other settings of a cloud store. A folder needs none.
///
/// Settings are the ones of the `object_store` crate by its names, for example `aws_access_key_id`,
/// `aws_web_identity_token_file`, `google_service_account` or `azure_storage_account_key`; so whoever reads the
/// configuration can pass on what the tools of each provider use. What the [`BlobUrl`](crate::BlobUrl) says wins
/// over a setting. `Debug` shows names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BlobOptions {
    settings: BTreeMap<String, String>,
}

impl BlobOptions {
    /// No settings: enough for a folder, and for a machine whose cloud lends it an identity.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a setting by the name `object_store` has for it, in lower case. The last value for a name counts.
    #[must_use]
    pub fn with_setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings
            .insert(name.into().to_ascii_lowercase(), value.into());
        self
    }

    /// Adds the key pair of an S3 account.
    #[must_use]
    pub fn with_s3_keys(
        self,
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
    ) -> Self {
        self.with_setting("aws_access_key_id", access_key)
            .with_setting("aws_secret_access_key", secret_key)
    }

    /// All settings by name.
    pub(crate) fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for BlobOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlobOptions")
            .field(&self.settings.keys().collect::<Vec<_>>())
            .finish()
    }
}
