//! Files on local disk, S3, GCS and Azure, behind one type: [`Blobs`].
//!
//! A blob is a sequence of bytes under a [key](validate_key). Three promises hold on every store:
//!
//! - **Durable**: when a put has returned `Ok`, the blob survives a crash or a power failure.
//! - **Atomic**: a reader sees the whole old blob or the whole new one, never a part, and a put that fails or is
//!   dropped half-way leaves nothing visible.
//! - **Bounded**: bodies are streamed; an upload holds a few MiB in a folder and two parts (normally 8 MiB each) on a
//!   cloud store, however large the blob is.
//!
//! Cloud stores let clients transfer by signed URLs ([`Blobs::upload_url`], [`Blobs::download_url`]); a folder has no
//! such thing, its blobs pass through the server.
//!
//! This crate does not know who owns a blob or whether anything still names it, what is inside, or what a run, an
//! artifact or a user is. It reads no environment and no configuration file: addresses come as a [`BlobUrl`], keys of
//! the stores as [`BlobOptions`].

mod blobs;
mod blocking;
mod body;
mod cloud;
mod digest;
mod error;
mod folder;
mod key;
mod options;
mod prefix;
mod types;
mod url;

pub use blobs::Blobs;
pub use error::BlobError;
pub use key::{MAX_KEY_BYTES, validate_key};
pub use options::BlobOptions;
pub use types::{
    BlobInfo, BlobStream, Expect, ListStream, ListedBlob, SignedDownload, SignedRequest,
    SignedUpload, Stored,
};
pub use url::{BlobUrl, CloudAddress, ParseBlobUrlError, S3Address};
