//! Run files: uploads, downloads, and the signed tickets that let a client transfer one file without credentials.
//!
//! Every upload goes to an object of its own, recorded before its bytes move; a transaction then makes the path name
//! that object and dooms the one before. So a transfer that stops half-way changes nothing, and a crash leaves no
//! object that nobody remembers.

mod read;
mod upload;

pub use ballast_blobs::BlobStream;
pub use read::{ByteRange, DownloadTarget, FileListing, OpenFile, RunFile};
pub use upload::{Upload, UploadTarget, content_type_of};
