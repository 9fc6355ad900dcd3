//! Answers that are files: whole, a range, or nothing new.

use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use ballast_tracking::files::ByteRange;
use bytes::Bytes;
use futures::Stream;
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};

use super::disposition::{attachment, inline};
use super::policy::{content_type, security_policy};
use super::range::{AskedRange, asked_range};
use crate::error::{ApiError, ErrorCode};

/// A file to answer with.
pub(crate) struct ServedFile<'a> {
    /// The path, whose last part browsers call the file.
    pub(crate) path: &'a str,
    /// Size in bytes.
    pub(crate) size_bytes: u64,
    /// Content type.
    pub(crate) mime_type: &'a str,
    /// The tag of its content.
    pub(crate) etag: ETag,
}

/// What of a file to send.
pub(crate) enum Wanted {
    /// Nothing: the caller has it. This is the answer.
    Nothing(Response),
    /// All of it, or a range of its bytes.
    Bytes(Option<ByteRange>),
}

impl ServedFile<'_> {
    /// What the request asks for.
    pub(crate) fn wanted(&self, request: &HeaderMap) -> Result<Wanted, ApiError> {
        let held: Option<IfNoneMatch> = request.typed_get();
        if held.is_some_and(|held| !held.precondition_passes(&self.etag)) {
            let answer = (StatusCode::NOT_MODIFIED, self.caching_headers());
            return Ok(Wanted::Nothing(answer.into_response()));
        }
        match asked_range(request, &self.etag, self.size_bytes) {
            AskedRange::Whole => Ok(Wanted::Bytes(None)),
            AskedRange::Part(range) => Ok(Wanted::Bytes(Some(range))),
            AskedRange::Outside => Err(self.range_not_satisfiable()),
        }
    }

    /// The answer with these bytes: `range`, or all of them.
    pub(crate) fn answer<E: Into<axum::BoxError> + 'static>(
        &self,
        range: Option<Range<u64>>,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
        download: bool,
    ) -> Response {
        let mut headers = self.caching_headers();
        headers.extend(self.content_headers(download));
        let size = self.size_bytes;
        let (status, length) = match range {
            Some(range) => {
                let text = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                headers.insert(CONTENT_RANGE, ascii(text));
                (StatusCode::PARTIAL_CONTENT, range.end - range.start)
            }
            None => (StatusCode::OK, size),
        };
        headers.insert(CONTENT_LENGTH, length.into());
        (status, headers, Body::from_stream(body)).into_response()
    }

    /// What is under a path may be replaced, so a browser keeps it but asks each time.
    fn caching_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.typed_insert(self.etag.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers
    }

    fn content_headers(&self, download: bool) -> HeaderMap {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let disposition = if download {
            attachment(name)
        } else {
            inline(name)
        };
        HeaderMap::from_iter([
            (CONTENT_TYPE, content_type(self.mime_type)),
            (CONTENT_DISPOSITION, disposition),
            (CONTENT_SECURITY_POLICY, security_policy(self.mime_type)),
            (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        ])
    }

    fn range_not_satisfiable(&self) -> ApiError {
        let size = self.size_bytes;
        let message = format!(
            "file `{}` has {size} bytes; the range lies outside",
            self.path
        );
        ApiError::new(ErrorCode::RangeNotSatisfiable, message)
            .with_header(CONTENT_RANGE, ascii(format!("bytes */{size}")))
    }
}

fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("digits and signs are a valid header value")
}
