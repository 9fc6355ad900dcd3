//! Request bodies.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use headers::{ContentType, HeaderMapExt as _};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::{ApiError, ErrorCode};
use crate::state::ServerState;

/// Bytes that a request body may have. The largest honest one asks for curves of a thousand runs and 200 keys.
pub(crate) const MAX_BODY_BYTES: usize = 1 << 20;

/// A JSON body of the shape `T`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<ServerState> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, ApiError> {
        if !is_json(&request) {
            let message = "the request body must have the content type `application/json`";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, message)
                .with_hint("with curl: `--json '{...}'`"));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    let message = format!("the request body has more than {MAX_BODY_BYTES} bytes");
                    ApiError::new(ErrorCode::TooLarge, message)
                } else {
                    ApiError::new(ErrorCode::InvalidJson, "the request body was cut off")
                }
            })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| refusal(&error))
    }
}

fn is_json(request: &Request) -> bool {
    let content_type = request.headers().typed_get::<ContentType>();
    content_type.is_some_and(|value| {
        let mime = mime_guess::Mime::from(value);
        mime.subtype() == mime_guess::mime::JSON || mime.suffix() == Some(mime_guess::mime::JSON)
    })
}

fn refusal(error: &serde_json::Error) -> ApiError {
    let code = match error.classify() {
        Category::Data => ErrorCode::InvalidBody,
        Category::Syntax | Category::Eof | Category::Io => ErrorCode::InvalidJson,
    };
    ApiError::new(code, format!("the request body is not valid: {error}"))
}
