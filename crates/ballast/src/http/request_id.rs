//! A name for every request, in its log lines, its errors and the header `x-request-id` of its answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use ballast_model::Entropy;
use ballast_model::clock::{ID_ALPHABET, random_text};
use tower_http::request_id::RequestId;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LENGTH: usize = 16;
const MAX_LENGTH: usize = 64;

/// Gives the request an id, as an extension of type [`RequestId`] and as its header. An id that a proxy has given
/// stays, if it is at most 64 letters, digits, `-`, `_` or `.`.
pub(super) async fn identify(
    State(entropy): State<Arc<dyn Entropy>>,
    mut request: Request,
    next: Next,
) -> Response {
    let given = request.headers().get(HEADER).filter(|id| is_plain(id));
    let id = given.cloned().unwrap_or_else(|| {
        let text = random_text(&*entropy, ID_ALPHABET, LENGTH);
        HeaderValue::try_from(text).expect("letters and digits make a header value")
    });
    request.headers_mut().insert(HEADER, id.clone());
    request.extensions_mut().insert(RequestId::new(id.clone()));
    let mut response = next.run(request).await;
    response.headers_mut().insert(HEADER, id);
    response
}

fn is_plain(id: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
}
