use ballast_tracking::people::{ApiKey, NewApiKey};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Time;

/// An API key without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyBody {
    /// Names the key in addresses.
    #[schema(example = "3")]
    id: String,
    /// What its owner calls it.
    #[schema(example = "laptop")]
    name: String,
    /// The last characters of the secret.
    #[schema(example = "x7Qa")]
    hint: String,
    /// When it was made.
    created_at: Time,
    /// When it was last used, to the minute.
    last_used_at: Option<Time>,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            hint: key.hint,
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(Time),
        }
    }
}

/// A new API key. Its secret is told this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewApiKey)]
pub(crate) struct NewApiKeyBody {
    /// Names the key in addresses.
    #[schema(example = "3")]
    id: String,
    /// What its owner calls it.
    #[schema(example = "laptop")]
    name: String,
    /// The last characters of the secret.
    #[schema(example = "x7Qa")]
    hint: String,
    /// When it was made.
    created_at: Time,
    /// The secret.
    key: String,
}

impl From<NewApiKey> for NewApiKeyBody {
    fn from(new: NewApiKey) -> Self {
        Self {
            id: new.api_key.id.to_string(),
            name: new.api_key.name,
            hint: new.api_key.hint,
            created_at: new.api_key.created_at.into(),
            key: new.secret,
        }
    }
}
