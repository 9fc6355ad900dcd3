//! `/metrics`: what the `metrics` facade has collected, as Prometheus text.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Bounds of the buckets of durations, in seconds.
const DURATION_BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The metrics of this process.
#[derive(Clone)]
pub(crate) struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to collect. Once in the life of the process.
    ///
    /// Histograms whose names end in `_seconds` have buckets from a millisecond to ten seconds.
    ///
    /// # Errors
    /// If something else collects already.
    pub(crate) fn start() -> Result<Self> {
        PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), DURATION_BUCKETS)
            .context("the buckets of durations are empty")?
            .install_recorder()
            .map(Self)
            .context("could not start collecting metrics")
    }

    /// Folds what histograms have gathered, so that they do not grow when nobody reads `/metrics`.
    pub(crate) fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

/// The page `/metrics`.
pub(crate) fn metrics_page(metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(page))
        .with_state(metrics)
}

async fn page(State(metrics): State<Metrics>) -> impl IntoResponse {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], metrics.0.render())
}
