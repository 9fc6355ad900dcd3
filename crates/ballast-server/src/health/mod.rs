//! Whether the process lives and whether it can serve.

use axum::Router;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::error::ApiError;
use crate::state::ServerState;

/// `/healthz` answers while the process lives; `/readyz` and `/ready` while its stores answer too.
pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/healthz", get(async || ok()))
        .route("/readyz", get(ready))
        .route("/ready", get(ready))
}

#[tracing::instrument(name = "handler.health.ready", skip_all)]
async fn ready(State(state): State<ServerState>) -> Result<impl IntoResponse, ApiError> {
    state.tracking().check_ready().await?;
    Ok(ok())
}

fn ok() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "ok\n")
}
