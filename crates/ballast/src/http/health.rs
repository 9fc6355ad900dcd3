//! `/healthz`: the process answers. `/readyz`, also `/ready`: it can do its work.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use ballast_tracking::Tracking;
use tokio_util::sync::CancellationToken;

/// How long a check of readiness may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// What readiness depends on.
#[derive(Debug, Clone)]
pub(crate) struct Readiness {
    /// The database and the blob store must answer.
    pub(crate) tracking: Tracking,
    /// A server that stops is not ready, so that a load balancer turns to another one.
    pub(crate) stopping: CancellationToken,
}

pub(super) fn router(readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/ready", get(ready))
        .with_state(readiness)
}

async fn ready(State(readiness): State<Readiness>) -> (StatusCode, &'static str) {
    if readiness.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is stopping\n");
    }
    match tokio::time::timeout(CHECK_TIMEOUT, readiness.tracking.check_ready()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "not ready: a store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "a store does not answer\n")
        }
        Err(_) => {
            tracing::warn!("not ready: a store does not answer in time");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "a store does not answer in time\n",
            )
        }
    }
}
