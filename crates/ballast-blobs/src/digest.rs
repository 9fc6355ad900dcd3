//! Hashing and checking a body while it passes.

use bytes::Bytes;
use md5::{Digest as _, Md5};

use crate::BlobError;
use crate::types::{Expect, Stored};

/// Counts and hashes the bytes of one body. Hashing a MiB takes about two milliseconds: not for async threads.
#[derive(Debug, Clone)]
pub(crate) struct Digester {
    size_bytes: u64,
    md5: Md5,
    blake3: Box<blake3::Hasher>,
}

impl Digester {
    pub(crate) fn new() -> Self {
        Self {
            size_bytes: 0,
            md5: Md5::new(),
            blake3: Box::new(blake3::Hasher::new()),
        }
    }

    pub(crate) fn update(&mut self, chunks: &[Bytes]) {
        for chunk in chunks {
            self.size_bytes += chunk.len() as u64;
            self.md5.update(chunk);
            self.blake3.update(chunk);
        }
    }

    /// The digests of everything so far, if the body is what was announced.
    pub(crate) fn finish(self, key: &str, expect: &Expect) -> Result<Stored, BlobError> {
        let stored = Stored {
            size_bytes: self.size_bytes,
            md5: self.md5.finalize().into(),
            blake3: self.blake3.finalize().into(),
        };
        check_md5(key, expect.md5, stored.md5)?;
        Ok(stored)
    }
}

/// Refuses bytes that have another MD5 than was announced, if one was.
pub(crate) fn check_md5(
    key: &str,
    expected: Option<[u8; 16]>,
    received: [u8; 16],
) -> Result<(), BlobError> {
    match expected {
        Some(expected) if expected != received => Err(BlobError::DigestMismatch {
            key: key.to_owned(),
            expected,
            received,
        }),
        _ => Ok(()),
    }
}
