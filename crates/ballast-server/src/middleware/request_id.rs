//! A name for each request, by which it is found in the log.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use ballast_model::clock::{ID_ALPHABET, random_text};
use tower_http::request_id::RequestId;
use tracing::Instrument as _;

use crate::state::ServerState;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over from a proxy in front of us.
const MAX_LENGTH: usize = 64;

/// Gives the request its id: the one that a proxy sent along if it is short and plain, else a random one. The answer
/// carries it too.
pub(crate) async fn identify_request(
    State(state): State<ServerState>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = given_id(&request).unwrap_or_else(|| {
        let text = random_text(state.entropy(), ID_ALPHABET, 16);
        HeaderValue::try_from(text).expect("letters and digits are a valid header value")
    });
    request.extensions_mut().insert(RequestId::new(id.clone()));
    let span = tracing::info_span!(
        "request",
        request.id = id.to_str().unwrap_or_default(),
        request.method = %request.method(),
        request.path = request.uri().path(),
    );
    let mut response = next.run(request).instrument(span).await;
    response.headers_mut().insert(HEADER, id);
    response
}

fn given_id(request: &Request) -> Option<HeaderValue> {
    let value = request.headers().get(HEADER)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let bytes = value.as_bytes();
    let acceptable = (1..=MAX_LENGTH).contains(&bytes.len()) && bytes.iter().all(plain);
    acceptable.then(|| value.clone())
}

/// The id that [`identify_request`] gave; empty where it did not run.
pub(crate) fn request_id_of(request: &Request) -> &str {
    request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default()
}
