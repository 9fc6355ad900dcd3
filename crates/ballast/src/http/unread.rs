//! Requests that are answered before their body was read.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};

/// Tells the client not to use the connection again if the answer came before the whole body was read.
///
/// The server closes such a connection, since what is left of the body stands where the next request would begin. A
/// client that is not told sends its next request into a closed connection and takes the server for dead.
pub(super) async fn close_if_unread(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let was_read = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| {
        Body::new(Watched {
            body,
            was_read: Arc::clone(&was_read),
        })
    });
    let mut response = next.run(request).await;
    if !was_read.load(Ordering::Relaxed) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// A body that tells when it was read to its end.
struct Watched {
    body: Body,
    was_read: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() || self.body.is_end_stream() {
            self.was_read.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    async fn connection_header(path: &str, body: Body) -> Option<HeaderValue> {
        let router = Router::new()
            .route("/read", post(async |body: Bytes| body))
            .route("/refuse", post(async || "no"))
            .layer(from_fn(close_if_unread));
        let request = Request::post(path).body(body).expect("valid");
        let response = router.oneshot(request).await.expect("always answers");
        response.headers().get(header::CONNECTION).cloned()
    }

    #[tokio::test]
    async fn only_an_unread_body_closes_the_connection() {
        let close = Some(HeaderValue::from_static("close"));
        let text = || Body::from("some text");
        assert_eq!(connection_header("/refuse", text()).await, close);
        assert_eq!(connection_header("/refuse", Body::empty()).await, None);
        assert_eq!(connection_header("/read", text()).await, None);
    }
}
