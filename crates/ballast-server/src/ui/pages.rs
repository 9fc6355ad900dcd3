//! Answers for every address that no route has: files of the web app, and its pages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::Site;
use crate::error::{ApiError, ErrorCode};
use crate::routes::is_api_path;

/// What the pages need.
pub(crate) type PageState = Arc<Site>;

/// What a page of ours may load and do. Nothing from elsewhere, no inline scripts, and nobody may frame it; styles are
/// set by scripts as attributes, so inline styles must be allowed.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; frame-src 'self' blob:; \
     media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Shown in place of every page by a binary without the web app.
const NO_APP: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Ballast</title>\
     <p>This server runs, but was built without its web app. <code>cargo xtask build</code> builds both.</p></html>\n";

/// Answers with a file of the web app if the path names one, with the app's page if a browser wants a page, and else
/// that there is nothing.
pub(crate) async fn answer(State(site): State<PageState>, request: Request) -> Response {
    let path = request.uri().path();
    if is_api_path(path) || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return nothing_at(path).into_response();
    }
    let mut response = if let Some(asset) = site.lookup(path.trim_start_matches('/')) {
        asset.respond(request.headers()).await
    } else if !wants_page(request.headers(), path) {
        return nothing_at(path).into_response();
    } else if let Some(index) = site.index() {
        index.respond(request.headers()).await
    } else {
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
        ];
        (StatusCode::SERVICE_UNAVAILABLE, headers, NO_APP).into_response()
    };
    protect(response.headers_mut());
    response
}

fn nothing_at(path: &str) -> ApiError {
    let shown: String = path.chars().take(200).collect();
    ApiError::new(
        ErrorCode::RouteNotFound,
        format!("there is nothing at `{shown}`"),
    )
}

/// Whether a browser navigates. A script or image that is missing must not get a page in its place.
fn wants_page(headers: &HeaderMap, path: &str) -> bool {
    let accepts_html = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"));
    path == "/" || (accepts_html && !path.starts_with("/assets/"))
}

fn protect(headers: &mut HeaderMap) {
    let rules = [
        (CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (OPENER_POLICY, "same-origin"),
    ];
    for (name, value) in rules {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
