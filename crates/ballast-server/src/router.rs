//! The router of everything this crate serves.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version};
use axum::middleware::from_fn;
use ballast_tracking::Tracking;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::error::{ApiError, ErrorCode, report_errors};
use crate::extract::MAX_BODY_BYTES;
use crate::middleware::{catch_panics, describe_metrics, measure_requests};
use crate::routes::API_ROOT;
use crate::settings::ServerSettings;
use crate::state::ServerState;
use crate::ui::{self, Site};
use crate::{
    api_keys, artifacts, charts, collections, console, diff, entities, files, health, history,
    lineage, live, me, organizations, projects, registries, runs, server, session, sweeps, teams,
    users,
};

/// Answers smaller than this are not worth compressing, in bytes.
const MIN_COMPRESSED_BYTES: u16 = 1024;

/// Every operation of the API, with its documentation.
pub(crate) fn api() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .merge(server::api())
        .merge(session::api())
        .merge(me::api())
        .merge(users::api())
        .merge(api_keys::api())
        .merge(entities::api())
        .merge(organizations::api())
        .merge(teams::api())
        .merge(registries::api())
        .merge(projects::api())
        .merge(runs::api())
        .merge(sweeps::api())
        .merge(history::api())
        .merge(console::api())
        .merge(files::api())
        .merge(collections::api())
        .merge(artifacts::api())
        .merge(lineage::api())
        .merge(diff::api())
        .merge(charts::api())
        .merge(live::api())
}

/// Everything this crate serves: the API under `/api/v1`, the probes `/healthz`, `/readyz` and `/ready`, and the web
/// app's files and pages under every other address.
///
/// The pages are the router's fallback. Errors name the request if
/// [`identify_requests`](crate::identify_requests) goes around it. To limit sign-ins by address, serve it with
/// [`into_make_service_with_connect_info`](Router::into_make_service_with_connect_info) of a `SocketAddr`.
pub fn router(tracking: Tracking, settings: ServerSettings) -> Router {
    assemble(ServerState::new(tracking, settings), Site::embedded())
}

/// The router over a given web app.
pub(crate) fn assemble(state: ServerState, site: Site) -> Router {
    describe_metrics();
    let (api, _) = api().split_for_parts();
    let api = api
        .fallback(async |uri: Uri| unknown_route(&uri))
        .method_not_allowed_fallback(async || method_not_allowed())
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(
            CompressionLayer::new()
                .compress_when(SizeAbove::new(MIN_COMPRESSED_BYTES).and(is_json)),
        )
        .layer(default_header(CACHE_CONTROL, "no-store"))
        .layer(default_header(
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .layer(default_header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(default_header(REFERRER_POLICY, "no-referrer"))
        .layer(default_header(RESOURCE_POLICY, "same-origin"));
    Router::new()
        .nest(API_ROOT, api)
        .merge(health::routes())
        .fallback_service(ui::answer.with_state(Arc::new(site)))
        .layer(catch_panics())
        .layer(from_fn(report_errors))
        .layer(from_fn(measure_requests))
        .with_state(state)
}

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Only JSON is compressed: files keep their ranges and entity tags, curves are dense numbers that gain little for
/// their cost, and events must not wait in a compressor.
fn is_json(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

fn unknown_route(uri: &Uri) -> ApiError {
    let shown: String = uri.path().chars().take(200).collect();
    ApiError::new(
        ErrorCode::RouteNotFound,
        format!("the API has no path `{shown}`"),
    )
}

fn method_not_allowed() -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        "the path exists, but not with this method",
    )
}
