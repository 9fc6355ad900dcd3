//! What the API answers when it refuses or fails.

mod code;
mod reference;
mod report;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use ballast_model::NameError;
use ballast_tracking::{RETRY_AFTER, TrackingError};
use serde::Serialize;
use utoipa::ToSchema;

pub use code::ErrorCode;
pub use reference::error_reference;
pub(crate) use report::report_errors;

/// The body of every refusal and failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// Says what went wrong to a program. Codes never change their meaning.
    #[schema(example = "run_not_found")]
    pub code: String,
    /// Says what went wrong to a person.
    #[schema(example = "run `3k2j9x` does not exist in `ada/vision`")]
    pub message: String,
    /// Says what to do about it, where that is known.
    pub hint: Option<String>,
    /// Finds the request in the server's log; also in the header `x-request-id`.
    pub request_id: String,
}

/// What to do about damaged history.
const DAMAGE_HINT: &str =
    "`ballast fsck` lists everything that is damaged; restore it from a backup";

type Source = Arc<dyn std::error::Error + Send + Sync>;

/// A refusal or failure on its way out.
///
/// As a response it has a status and headers but no body yet: [`report_errors`] writes that, where the request's id
/// is known.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    code: ErrorCode,
    message: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
    retry_after: Option<Duration>,
    headers: Vec<(HeaderName, HeaderValue)>,
    source: Option<Source>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            retry_after: None,
            headers: Vec::new(),
            source: None,
        }
    }

    /// A fault of ours. `source` is logged and not sent.
    pub(crate) fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(Arc::from(source.into())),
            ..Self::new(ErrorCode::InternalError, "internal error")
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds how long to wait before trying again.
    #[must_use]
    pub(crate) fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds a header of the answer.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The body for the request `request_id`.
    fn body(&self, request_id: &str) -> ErrorBody {
        ErrorBody {
            code: self.code.as_str().to_owned(),
            message: self.message.clone().into_owned(),
            hint: self.hint.clone().map(Cow::into_owned),
            request_id: request_id.to_owned(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs_f64().ceil() as u64;
            response
                .headers_mut()
                .insert(axum::http::header::RETRY_AFTER, seconds.max(1).into());
        }
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<NameError> for ApiError {
    fn from(error: NameError) -> Self {
        Self::new(ErrorCode::InvalidName, error.to_string())
    }
}

impl From<TrackingError> for ApiError {
    fn from(error: TrackingError) -> Self {
        let message = error.to_string();
        match error {
            TrackingError::NotFound { what, .. } => Self::new(ErrorCode::not_found(what), message),
            TrackingError::Forbidden(_) => Self::new(ErrorCode::Forbidden, message),
            TrackingError::Invalid(_) => Self::new(ErrorCode::InvalidValue, message),
            TrackingError::Conflict(_) => Self::new(ErrorCode::Conflict, message),
            TrackingError::Deleted { .. } => Self::new(ErrorCode::RunDeleted, message),
            TrackingError::TooLarge { .. } => Self::new(ErrorCode::TooLarge, message),
            TrackingError::Unavailable(source) => Self {
                source: Some(Arc::from(source)),
                retry_after: Some(RETRY_AFTER),
                ..Self::new(ErrorCode::Unavailable, message)
            },
            TrackingError::Damaged { source, .. } => Self {
                source: Some(Arc::from(source)),
                hint: Some(DAMAGE_HINT.into()),
                ..Self::new(ErrorCode::HistoryDamaged, message)
            },
            TrackingError::Internal(source) => Self::internal(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unavailable_store_says_when_to_come_back() {
        let error = ApiError::from(TrackingError::Unavailable("disk full".into()));
        assert!(!error.message.contains("disk"), "{}", error.message);
        let response = error.into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
    }

    #[test]
    fn operations_errors_have_their_statuses() {
        let not_found = |what| TrackingError::NotFound {
            what,
            name: "x".to_owned(),
            place: None,
        };
        let deleted = TrackingError::Deleted {
            run: "x".to_owned(),
            project: "a/b".to_owned(),
        };
        let damaged = TrackingError::Damaged {
            what: "chunk 3".to_owned(),
            source: "detail".into(),
        };
        let too_large = TrackingError::TooLarge {
            what: "notes",
            found: 2,
            limit: 1,
        };
        for (error, status, code) in [
            (not_found("run"), 404, "run_not_found"),
            (not_found("something new"), 404, "not_found"),
            (TrackingError::Forbidden(String::new()), 403, "forbidden"),
            (TrackingError::Invalid(String::new()), 422, "invalid_value"),
            (TrackingError::Conflict(String::new()), 409, "conflict"),
            (deleted, 410, "run_deleted"),
            (too_large, 413, "too_large"),
            (damaged, 500, "history_damaged"),
            (
                TrackingError::Internal("detail".into()),
                500,
                "internal_error",
            ),
        ] {
            let error = ApiError::from(error);
            assert_eq!(
                (error.code.status().as_u16(), error.code.as_str()),
                (status, code)
            );
        }
    }
}
