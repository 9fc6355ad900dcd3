//! A name for each request, by which it is found in the log.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use ballast_model::Entropy;
use ballast_model::clock::{ID_ALPHABET, random_text};
use tower_http::request_id::RequestId;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LENGTH: usize = 16;

/// Longest id that is taken over from a proxy in front of us.
const MAX_LENGTH: usize = 64;

/// Gives every request to `router` its id, as an extension of type [`RequestId`], and its answer the header
/// `x-request-id`. An id that a proxy has given stays, if it is at most 64 letters, digits, `-`, `_` or `.`.
///
/// Goes around everything that is served, whatever door answers.
pub fn identify_requests(router: Router, entropy: Arc<dyn Entropy>) -> Router {
    router.layer(from_fn_with_state(entropy, identify))
}

async fn identify(
    State(entropy): State<Arc<dyn Entropy>>,
    mut request: Request,
    next: Next,
) -> Response {
    let given = request.headers().get(HEADER).filter(|id| is_plain(id));
    let id = given.cloned().unwrap_or_else(|| {
        let text = random_text(&*entropy, ID_ALPHABET, LENGTH);
        HeaderValue::try_from(text).expect("letters and digits make a header value")
    });
    request.extensions_mut().insert(RequestId::new(id.clone()));
    let mut response = next.run(request).await;
    response.headers_mut().insert(HEADER, id);
    response
}

fn is_plain(id: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
}

/// The id that [`identify_requests`] gave; empty where it did not run.
pub(crate) fn request_id_of(request: &Request) -> &str {
    request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default()
}
