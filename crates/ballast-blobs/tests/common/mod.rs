//! Stores to test on, and bodies to store.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::any::Any;
use std::convert::Infallible;

use ballast_blobs::{BlobOptions, BlobUrl, Blobs};
use ballast_testing::s3::S3Server;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};

/// An empty store, gone when dropped.
pub(crate) struct TestStore {
    pub(crate) blobs: Blobs,
    _place: Box<dyn Any + Send>,
}

pub(crate) fn folder() -> TestStore {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = BlobUrl::folder(folder.path());
    TestStore {
        blobs: Blobs::open(&url, &BlobOptions::new()).expect("a store"),
        _place: Box::new(folder),
    }
}

pub(crate) async fn s3() -> TestStore {
    let server = S3Server::start().await;
    TestStore {
        blobs: open_s3(&server, "some/prefix"),
        _place: Box::new(server),
    }
}

pub(crate) fn s3_url(server: &S3Server, prefix: &str) -> BlobUrl {
    format!(
        "s3://{}/{prefix}?endpoint={}",
        server.bucket(),
        server.endpoint()
    )
    .parse()
    .expect("an address")
}

pub(crate) fn open_s3(server: &S3Server, prefix: &str) -> Blobs {
    let options = BlobOptions::new().with_s3_keys(server.access_key(), server.secret_key());
    Blobs::open(&s3_url(server, prefix), &options).expect("a store")
}

/// `length` bytes that differ by position and by `seed`.
pub(crate) fn bytes(seed: u8, length: usize) -> Bytes {
    (0..length)
        .map(|at| (at / 251 + at % 251) as u8 ^ seed)
        .collect()
}

/// A body in chunks of `chunk_bytes`.
pub(crate) fn body(
    bytes: &Bytes,
    chunk_bytes: usize,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let chunks: Vec<_> = (0..bytes.len())
        .step_by(chunk_bytes)
        .map(|at| bytes.slice(at..bytes.len().min(at + chunk_bytes)))
        .collect();
    stream::iter(chunks).map(Ok)
}

/// All keys below `prefix`, sorted.
pub(crate) async fn keys(blobs: &Blobs, prefix: &str) -> Vec<String> {
    let mut keys: Vec<_> = blobs
        .list(prefix)
        .map_ok(|blob| blob.key)
        .try_collect()
        .await
        .expect("a listing");
    keys.sort();
    keys
}
