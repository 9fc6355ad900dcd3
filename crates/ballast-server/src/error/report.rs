//! Errors become bodies and log lines, in one place.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::ApiError;
use crate::middleware::request_id_of;

/// Writes the body of every [`ApiError`] that passes, and logs it once.
pub(crate) async fn report_errors(request: Request, next: Next) -> Response {
    let request_id = request_id_of(&request).to_owned();
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    log(&error, &request_id);
    let mut reported = (response.status(), Json(error.body(&request_id))).into_response();
    append_headers(reported.headers_mut(), response.headers());
    reported
}

fn log(error: &ApiError, request_id: &str) {
    let code = error.code.as_str();
    let status = error.code.status();
    let causes = error.source.as_ref().map(|source| causes(&**source));
    let causes = causes.as_deref();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        tracing::warn!(
            error.code = code,
            error.causes = causes,
            request.id = request_id,
            "request could not be served: {}",
            error.message
        );
    } else if status.is_server_error() {
        tracing::error!(
            error.code = code,
            error.causes = causes,
            request.id = request_id,
            "request failed: {}",
            error.message
        );
    } else {
        tracing::debug!(
            error.code = code,
            request.id = request_id,
            "request refused: {}",
            error.message
        );
    }
}

/// An error and everything behind it, outermost first.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Adds what `from` says about anything but the body, which was empty.
fn append_headers(to: &mut HeaderMap, from: &HeaderMap) {
    for (name, value) in from {
        if name != axum::http::header::CONTENT_LENGTH && name != axum::http::header::CONTENT_TYPE {
            to.append(name, value.clone());
        }
    }
}
