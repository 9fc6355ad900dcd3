//! One file of the web app.

use std::borrow::Cow;
use std::io::Write as _;

use axum::body::Bytes;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use headers::{HeaderMapExt as _, IfNoneMatch};
use tokio::sync::OnceCell;

/// One file of the web app, with what browsers need to cache it.
#[derive(Debug)]
pub(crate) struct Asset {
    bytes: Bytes,
    content_type: HeaderValue,
    /// Digest of the bytes, in hexadecimal.
    digest: String,
    /// Whether the name holds a digest of the content, so that it never changes under that name.
    is_immutable: bool,
    /// The bytes as gzip, made when first asked for; `None` if that saves nothing.
    gzip: OnceCell<Option<Bytes>>,
}

impl Asset {
    pub(crate) fn new(path: &str, bytes: Cow<'static, [u8]>, digest: String) -> Self {
        let guess = mime_guess::from_path(path).first_or_octet_stream();
        let is_text = guess.type_() == mime_guess::mime::TEXT;
        let content_type = if is_text {
            format!("{guess}; charset=utf-8")
        } else {
            guess.to_string()
        };
        Self {
            bytes: match bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            },
            content_type: HeaderValue::try_from(content_type).expect("a content type is ASCII"),
            digest,
            is_immutable: path.starts_with("assets/"),
            gzip: OnceCell::new(),
        }
    }

    /// The answer to a request with these headers: the bytes, as gzip if the browser takes it, or 304 if it has them.
    pub(crate) async fn respond(&self, request: &HeaderMap) -> Response {
        let gzip = if accepts_gzip(request) {
            self.gzip().await
        } else {
            None
        };
        let variant = if gzip.is_some() { "-gzip" } else { "" };
        let etag = format!("\"{}{variant}\"", self.digest);
        let cache = if self.is_immutable {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let caching = [
            (CACHE_CONTROL, cache),
            (VARY, "accept-encoding"),
            (ETAG, &etag),
        ];
        if is_fresh(request, &etag) {
            return (StatusCode::NOT_MODIFIED, caching).into_response();
        }
        let content_type = [(CONTENT_TYPE, self.content_type.clone())];
        match gzip {
            Some(gzip) => {
                (caching, content_type, [(CONTENT_ENCODING, "gzip")], gzip).into_response()
            }
            None => (caching, content_type, self.bytes.clone()).into_response(),
        }
    }

    async fn gzip(&self) -> Option<Bytes> {
        let compressed = self.gzip.get_or_init(async || {
            let bytes = self.bytes.clone();
            tokio::task::spawn_blocking(move || compress(&bytes))
                .await
                .unwrap_or_default()
        });
        compressed.await.clone()
    }
}

/// The bytes as gzip, unless that saves less than a tenth (images and fonts are compressed already).
fn compress(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::best());
    encoder.write_all(bytes).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < bytes.len() / 10 * 9).then(|| Bytes::from(compressed))
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let is_refused = parts.any(|part| {
            part.strip_prefix("q=")
                .and_then(|q| q.parse::<f32>().ok())
                .is_some_and(|q| q <= 0.0)
        });
        is_gzip && !is_refused
    })
}

/// Whether the browser has the file with this entity tag already.
fn is_fresh(request: &HeaderMap, etag: &str) -> bool {
    if !request.contains_key(IF_NONE_MATCH) {
        return false;
    }
    let held: Option<IfNoneMatch> = request.typed_get();
    let etag = etag.parse().expect("a digest in quotes is an entity tag");
    held.is_some_and(|held| !held.precondition_passes(&etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        accepts_gzip(&headers)
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        assert!(accepting("gzip, deflate, br"));
        assert!(accepting("br;q=1.0, gzip;q=0.5"));
        assert!(!accepting("gzip;q=0"));
        assert!(!accepting("identity"));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn incompressible_bytes_stay() {
        assert!(compress(&[b'a'; 1000]).is_some());
        let mut noise = 1_u32;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        })
        .take(1000)
        .collect();
        assert!(compress(&bytes).is_none());
    }
}
