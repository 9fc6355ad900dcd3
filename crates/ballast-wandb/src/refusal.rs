//! What the door answers when it cannot do what was asked.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ballast_model::NameError;
use ballast_tracking::{RETRY_AFTER, TrackingError};
use serde_json::json;
use thiserror::Error;

/// A refusal with the status and the text that the client shows.
///
/// Every refusal of the door, whatever the route, has the body `{"errors": [{"message": …}]}`: the client reads the
/// message from there and falls back to the status line otherwise.
#[derive(Debug, Clone, Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    pub(crate) retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal that the same request would meet again.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            retry_after: None,
        }
    }

    /// What was sent makes no sense.
    ///
    /// Always 400, never 422: Python code of clients up to 0.28 repeats a 422 until it times out.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The thing does not exist, or not for this caller.
    pub(crate) fn not_found(what: &str, name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("{what} `{name}` does not exist"),
        )
    }

    /// The body is larger than the server accepts.
    pub(crate) fn too_large(limit: u64) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("request body is larger than {limit} bytes"),
        )
    }
}

/// The status that the client handles as each error deserves (which ones it repeats, which end a run).
pub(crate) fn status_of(error: &TrackingError) -> StatusCode {
    match error {
        TrackingError::NotFound { .. } => StatusCode::NOT_FOUND,
        TrackingError::Forbidden(_) => StatusCode::FORBIDDEN,
        TrackingError::Invalid(_) => StatusCode::BAD_REQUEST,
        TrackingError::Conflict(_) => StatusCode::CONFLICT,
        TrackingError::Deleted { .. } => StatusCode::GONE,
        TrackingError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        TrackingError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        TrackingError::Damaged { .. } | TrackingError::Internal(_) => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// Writes what the caller is not told into the log.
pub(crate) fn log_fault(error: &TrackingError) {
    match error {
        TrackingError::Damaged { source, .. } | TrackingError::Internal(source) => {
            tracing::error!(
                error = &**source as &dyn std::error::Error,
                "operation failed"
            );
        }
        TrackingError::Unavailable(source) => {
            tracing::warn!(
                error = &**source as &dyn std::error::Error,
                "storage is unavailable"
            );
        }
        _ => {}
    }
}

impl From<TrackingError> for Refusal {
    fn from(error: TrackingError) -> Self {
        log_fault(&error);
        let retry_after = matches!(error, TrackingError::Unavailable(_)).then_some(RETRY_AFTER);
        Self {
            status: status_of(&error),
            message: error.to_string(),
            retry_after,
        }
    }
}

impl From<NameError> for Refusal {
    fn from(error: NameError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "errors": [{ "message": self.message }] });
        let mut response = (self.status, axum::Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            let seconds = HeaderValue::from(wait.as_secs());
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
