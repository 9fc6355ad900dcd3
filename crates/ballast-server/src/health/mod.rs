//! Whether the process lives and whether it can serve.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::error::{ApiError, ErrorCode};
use crate::state::ServerState;

/// How long the stores may take to answer.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// When to ask again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// `/healthz` answers while the process lives; `/readyz` and `/ready` while it takes requests and its stores answer.
pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/healthz", get(async || ok()))
        .route("/readyz", get(ready))
        .route("/ready", get(ready))
}

#[tracing::instrument(name = "handler.health.ready", skip_all)]
async fn ready(State(state): State<ServerState>) -> Result<impl IntoResponse, ApiError> {
    // A load balancer then turns to another server, while this one finishes what it accepted.
    if state.settings().shutdown.is_cancelled() {
        return Err(not_ready("the server is stopping"));
    }
    let check = tokio::time::timeout(CHECK_TIMEOUT, state.tracking().check_ready());
    let answered = check.await;
    answered.map_err(|_| not_ready("a store does not answer in time"))??;
    Ok(ok())
}

fn not_ready(message: &'static str) -> ApiError {
    ApiError::new(ErrorCode::Unavailable, message).with_retry_after(RETRY_AFTER)
}

fn ok() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "ok\n")
}
