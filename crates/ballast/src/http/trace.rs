//! A span and a log line for every request.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tower_http::request_id::RequestId;
use tracing::Instrument as _;

/// Runs the request in a span with its id, method and path, and logs how it went.
///
/// The query is left out, since it may hold a token. Answers without fault are logged at debug; a fault of the
/// server was logged where it was handled, and its line here says which request met it.
pub(super) async fn trace(request: Request, next: Next) -> Response {
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default();
    let span = tracing::info_span!(
        "http.request",
        request.id = id,
        http.method = %request.method(),
        http.path = request.uri().path(),
    );
    let started = Instant::now();
    async {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let duration_ms = started.elapsed().as_secs_f64() * 1_000.0;
        match status {
            500.. => tracing::warn!(http.status = status, duration_ms, "request failed"),
            400.. => tracing::info!(http.status = status, duration_ms, "request refused"),
            _ => tracing::debug!(http.status = status, duration_ms, "request answered"),
        }
        response
    }
    .instrument(span)
    .await
}
