//! A panic ends its request, not the server.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::error::ApiError;

/// Answers a panicking handler's request with `internal_error`. The panic's text goes to the log.
pub(crate) fn catch_panics() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(answer)
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn answer(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    ApiError::internal(format!("handler panicked: {text}")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;
    use crate::error::report_errors;

    async fn bug() -> &'static str {
        panic!("secret detail")
    }

    #[tokio::test]
    async fn panics_are_answered_without_their_text() {
        let router = Router::new()
            .route("/", get(bug))
            .layer(catch_panics())
            .layer(from_fn(report_errors));
        let request = Request::get("/").body(Body::empty()).expect("valid");
        let response = router.oneshot(request).await.expect("always answers");
        assert_eq!(response.status(), 500);
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        let text = std::str::from_utf8(&body).expect("UTF-8");
        assert!(
            text.contains("internal_error") && !text.contains("secret"),
            "{text}"
        );
    }
}
