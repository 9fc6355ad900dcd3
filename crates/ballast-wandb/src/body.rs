//! Request bodies, bounded.

use std::io::Read as _;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;

use crate::refusal::Refusal;

/// How much of a body that is too large is read and thrown away, in bytes.
///
/// A client that is still sending when the connection closes sees a broken pipe instead of the refusal.
const DISCARDED_BYTES: u64 = 512 << 20;

/// Reads a body of at most `limit` bytes, unpacking it if it is gzip.
///
/// # Errors
/// 413 if the body is larger, before or after unpacking; 400 if it breaks off, is no gzip, or has another encoding.
pub(crate) async fn read_body(
    headers: &HeaderMap,
    body: Body,
    limit: u64,
) -> Result<Bytes, Refusal> {
    let packed = collect(body, limit).await?;
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map_or("identity", |value| value.to_str().unwrap_or("unreadable"));
    if encoding.eq_ignore_ascii_case("identity") || encoding.is_empty() {
        Ok(packed)
    } else if encoding.eq_ignore_ascii_case("gzip") {
        let unpacked = tokio::task::spawn_blocking(move || unpack(&packed, limit));
        unpacked.await.expect("unpacking does not panic")
    } else {
        let message =
            format!("content encoding `{encoding}` is not supported; expected gzip or none");
        Err(Refusal::invalid(message))
    }
}

async fn collect(body: Body, limit: u64) -> Result<Bytes, Refusal> {
    let mut stream = body.into_data_stream();
    let mut first = Bytes::new();
    let mut collected = BytesMut::new();
    let mut n_bytes = 0;
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| {
            tracing::debug!(error = &error as &dyn std::error::Error, "body broke off");
            Refusal::invalid("the request body broke off")
        })?;
        n_bytes += piece.len() as u64;
        if n_bytes > DISCARDED_BYTES.max(limit) {
            break;
        }
        if n_bytes > limit {
            (first, collected) = (Bytes::new(), BytesMut::new());
        } else if first.is_empty() && collected.is_empty() {
            first = piece;
        } else {
            if collected.is_empty() {
                collected.extend_from_slice(&std::mem::take(&mut first));
            }
            collected.extend_from_slice(&piece);
        }
    }
    if n_bytes > limit {
        Err(Refusal::too_large(limit))
    } else if collected.is_empty() {
        Ok(first)
    } else {
        Ok(collected.freeze())
    }
}

fn unpack(packed: &[u8], limit: u64) -> Result<Bytes, Refusal> {
    let mut unpacked = Vec::with_capacity(packed.len().saturating_mul(4).min(limit as usize));
    let mut reader = flate2::read::MultiGzDecoder::new(packed).take(limit + 1);
    reader
        .read_to_end(&mut unpacked)
        .map_err(|error| Refusal::invalid(format!("the gzip body is damaged: {error}")))?;
    if unpacked.len() as u64 > limit {
        return Err(Refusal::too_large(limit));
    }
    Ok(unpacked.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use axum::http::{HeaderValue, StatusCode};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    async fn read(encoding: &'static str, body: Vec<u8>) -> Result<Bytes, StatusCode> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        read_body(&headers, Body::from(body), 1000)
            .await
            .map_err(|refusal| refusal.status)
    }

    #[tokio::test]
    async fn gzip_is_unpacked() {
        assert_eq!(
            read("gzip", gzip(b"{}")).await,
            Ok(Bytes::from_static(b"{}"))
        );
        assert_eq!(
            read("identity", b"{}".to_vec()).await,
            Ok(Bytes::from_static(b"{}"))
        );
    }

    #[tokio::test]
    async fn bombs_are_too_large() {
        let bomb = gzip(&vec![0; 500_000]);
        assert!(bomb.len() < 1000);
        assert_eq!(read("gzip", bomb).await, Err(StatusCode::PAYLOAD_TOO_LARGE));
        assert_eq!(
            read("identity", vec![0; 1001]).await,
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        );
        assert!(read("identity", vec![0; 1000]).await.is_ok());
    }

    #[tokio::test]
    async fn damage_is_a_bad_request() {
        let cut = gzip(b"{\"files\": {}}")[..12].to_vec();
        assert_eq!(read("gzip", cut).await, Err(StatusCode::BAD_REQUEST));
        assert_eq!(
            read("gzip", b"{}".to_vec()).await,
            Err(StatusCode::BAD_REQUEST)
        );
        assert_eq!(
            read("br", b"{}".to_vec()).await,
            Err(StatusCode::BAD_REQUEST)
        );
    }

    #[tokio::test]
    async fn a_body_in_pieces_is_joined() {
        let pieces = ["{\"a\"", ":1", "}"].map(|text| Ok::<_, std::io::Error>(Bytes::from(text)));
        let body = Body::from_stream(futures::stream::iter(pieces));
        let read = read_body(&HeaderMap::new(), body, 100)
            .await
            .expect("small enough");
        assert_eq!(read, "{\"a\":1}");
        let broken = [Ok(Bytes::from("{")), Err(std::io::Error::other("gone"))];
        let body = Body::from_stream(futures::stream::iter(broken));
        let refusal = read_body(&HeaderMap::new(), body, 100)
            .await
            .expect_err("broken off");
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
    }
}
