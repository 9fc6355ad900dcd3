//! The HTTP server around the doors: what holds for every request, and the page of metrics.

mod metrics;
mod stalled;
mod trace;
mod unread;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::middleware;
use axum::serve::ListenerExt as _;
use ballast_model::Entropy;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use metrics::{Metrics, metrics_page};

use self::stalled::CutStalled;
use crate::shutdown::{GRACE, Shutdown};

/// A client that takes nothing of its answer for so long is cut off.
const PATIENCE: Duration = Duration::from_mins(1);

/// Wraps `router` in what holds for every request: its id, its log line, a 500 instead of a panic, and
/// an end of the connection where a body was left unread.
pub(crate) fn with_layers(router: Router, entropy: Arc<dyn Entropy>) -> Router {
    let router = router
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(unread::close_if_unread))
        .layer(middleware::from_fn(trace::trace));
    ballast_server::identify_requests(router, entropy)
}

/// Answers requests until `shutdown` begins and the requests that were accepted are answered, or [`GRACE`] is over.
///
/// # Errors
/// If the listener fails for good.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: &Shutdown,
) -> Result<()> {
    let listener = CutStalled::new(listener, PATIENCE).tap_io(|stream| {
        if let Err(error) = stream.get_ref().set_nodelay(true) {
            tracing::debug!(%error, "could not turn off the delay of small packets");
        }
    });
    let stopping = shutdown.stopping.clone();
    // Sign-ins are limited by the address that they come from.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(stopping.clone().cancelled_owned())
        .into_future();
    let deadline = async {
        stopping.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = server => result.context("could not go on serving"),
        () = deadline => {
            tracing::warn!("requests did not end in time: cutting them off");
            Ok(())
        }
    }
}
