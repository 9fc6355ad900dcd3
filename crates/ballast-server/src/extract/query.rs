//! Query strings.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, ErrorCode};
use crate::state::ServerState;

/// The query string as `T`, in which a list gathers every parameter of its name.
pub(crate) struct QueryString<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<ServerState> for QueryString<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &ServerState) -> Result<Self, ApiError> {
        let text = parts.uri.query().unwrap_or_default();
        serde_html_form::from_str(text).map(Self).map_err(|error| {
            let message = format!("the query string is not valid: {error}");
            ApiError::new(ErrorCode::InvalidQuery, message)
        })
    }
}
