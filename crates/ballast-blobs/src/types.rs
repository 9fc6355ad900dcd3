//! What goes into and comes out of a store.

use std::fmt;
use std::time::Duration;

use ballast_model::Timestamp;
use bytes::Bytes;
use futures::stream::BoxStream;
use url::Url;

use crate::BlobError;

/// The bytes of a blob in order. Chunks have no meaning and are never empty on purpose.
pub type BlobStream = BoxStream<'static, Result<Bytes, BlobError>>;

/// Blobs of a listing, in no promised order.
pub type ListStream = BoxStream<'static, Result<ListedBlob, BlobError>>;

/// What a store knows of a blob without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobInfo {
    /// Size in bytes.
    pub size_bytes: u64,
    /// A tag that changes when the content is replaced, if the store keeps one. Opaque; not a content hash.
    pub etag: Option<String>,
    /// When the blob was stored, by the store's clock.
    pub last_modified: Timestamp,
}

/// A blob of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBlob {
    /// Its key.
    pub key: String,
    /// What the store knows of it.
    pub info: BlobInfo,
}

/// What a body must be like to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expect {
    /// The announced size in bytes; a body of any other size is refused.
    pub content_length: Option<u64>,
    /// The announced MD5; a body with any other is refused.
    pub md5: Option<[u8; 16]>,
    /// The largest accepted size in bytes.
    pub max_bytes: u64,
    /// Whether a blob that has the key already stays, and the body is refused. A cloud store looks before the body
    /// comes: of two that come at once, the last stays.
    pub is_new: bool,
}

impl Expect {
    /// Any body of at most `max_bytes`.
    pub fn at_most(max_bytes: u64) -> Self {
        Self {
            content_length: None,
            md5: None,
            max_bytes,
            is_new: false,
        }
    }
}

/// What was stored, as computed from the bytes that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Size in bytes.
    pub size_bytes: u64,
    /// MD5, by which the wandb client and S3 name content.
    pub md5: [u8; 16],
    /// BLAKE3, to trust content by.
    pub blake3: [u8; 32],
}

/// An upload that a client may make by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedUpload<'a> {
    /// How long the URL is valid, from now: 1 second to 7 days.
    pub expires_in: Duration,
    /// The MD5 the body must have. On S3 and GCS it is part of the signature, so that the bucket refuses other bytes;
    /// on Azure the client is asked to send it, and the container compares.
    pub content_md5: Option<[u8; 16]>,
    /// The content type the store keeps. Part of the signature on S3 and GCS.
    pub content_type: Option<&'a str>,
}

/// A download that a client may make by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedDownload<'a> {
    /// How long the URL is valid, from now: 1 second to 7 days.
    pub expires_in: Duration,
    /// The `Content-Disposition` of the answer. Azure's signed URLs cannot carry it: ignored there.
    pub content_disposition: Option<&'a str>,
    /// The `Content-Type` of the answer. Azure's signed URLs cannot carry it: ignored there.
    pub content_type: Option<&'a str>,
}

/// A request that carries its own authority. Whoever holds it can make it until it expires: a secret, so `Debug` leaves
/// out the query with the signature.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// Where to send it.
    pub url: Url,
    /// Headers that must be sent exactly so (name, value).
    pub headers: Vec<(String, String)>,
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.url.clone();
        url.set_query(None);
        f.debug_struct("SignedRequest")
            .field("url", &url.as_str())
            .field("headers", &self.headers)
            .finish()
    }
}
