//! Streaming a body into a bucket.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload, UploadPart};
use tokio::task::JoinHandle;

use crate::BlobError;
use crate::body::{Body, Piece};
use crate::digest::Digester;
use crate::error::Source;
use crate::types::{Expect, Stored};

/// The size of a part. All parts but the last have one size, because some stores want that.
const PART_BYTES: u64 = 8 * 1024 * 1024;

/// The largest part: what a slow line still carries before the store's silence counts as a failure.
const MAX_PART_BYTES: u64 = 64 * 1024 * 1024;

/// How many parts an S3 object may have.
const MAX_PARTS: u64 = 10_000;

/// The part size for a body, and the largest body that it can carry.
fn part_size(expect: &Expect) -> (u64, u64) {
    let part_bytes = match expect.content_length {
        Some(announced) => announced
            .div_ceil(MAX_PARTS)
            .next_multiple_of(1024 * 1024)
            .clamp(PART_BYTES, MAX_PART_BYTES),
        // Parts cannot grow later, so this is the largest: 160 GB of unknown size in parts of 16 MiB.
        None => 2 * PART_BYTES,
    };
    (part_bytes, part_bytes * MAX_PARTS)
}

/// Stores a body that fits a part with one request, a longer one in parts; one part is sent while the next arrives.
pub(super) async fn put_stream<S, E>(
    store: &Arc<dyn ObjectStore>,
    key: &str,
    path: &Path,
    stream: Pin<&mut S>,
    expect: Expect,
) -> Result<Stored, BlobError>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Source>,
{
    let (part_bytes, largest) = part_size(&expect);
    let expect = Expect {
        max_bytes: expect.max_bytes.min(largest),
        ..expect
    };
    let mut body = Body::new(key, stream, expect)?;
    let mut digester = Digester::new();

    let first = body.next_piece(part_bytes as usize).await?;
    if first.last {
        let payload = digest(&mut digester, first).await;
        let stored = digester.finish(key, &expect)?;
        return match store.put(path, payload).await {
            Ok(_) => Ok(stored),
            Err(error) => Err(BlobError::from_store_write(key, error)),
        };
    }

    let upload = store
        .put_multipart(path)
        .await
        .map_err(|error| BlobError::from_store_write(key, error))?;
    let mut parts = Parts::new(upload);
    match send(
        key, &mut parts, &mut body, first, part_bytes, digester, &expect,
    )
    .await
    {
        Ok(stored) => match parts.complete().await {
            Ok(()) => Ok(stored),
            Err(error) => Err(BlobError::from_store_write(key, error)),
        },
        Err(error) => {
            parts.abort().await;
            Err(error)
        }
    }
}

/// Sends all parts and checks the digest; what is left is to complete the upload.
async fn send<S, E>(
    key: &str,
    parts: &mut Parts,
    body: &mut Body<'_, S>,
    first: Piece,
    part_bytes: u64,
    mut digester: Digester,
    expect: &Expect,
) -> Result<Stored, BlobError>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Source>,
{
    let mut piece = first;
    loop {
        let last = piece.last;
        if !piece.is_empty() {
            let payload = digest(&mut digester, piece).await;
            parts
                .put(payload)
                .await
                .map_err(|error| BlobError::from_store_write(key, error))?;
        }
        if last {
            break;
        }
        piece = body.next_piece(part_bytes as usize).await?;
    }
    parts
        .settle()
        .await
        .map_err(|error| BlobError::from_store_write(key, error))?;
    digester.finish(key, expect)
}

/// Hashes a piece where it blocks nobody.
async fn digest(digester: &mut Digester, piece: Piece) -> PutPayload {
    let mut state = std::mem::replace(digester, Digester::new());
    let hashing = tokio::task::spawn_blocking(move || {
        state.update(&piece.chunks);
        (state, piece.chunks)
    });
    let (state, chunks) = crate::blocking::joined(hashing.await);
    *digester = state;
    chunks.into_iter().collect()
}

/// A multipart upload with at most one part under way. Dropped before it is complete, it is aborted in the background,
/// for a store keeps the parts otherwise, and charges for them.
struct Parts {
    upload: Option<Box<dyn MultipartUpload>>,
    sending: Option<JoinHandle<object_store::Result<()>>>,
}

impl Parts {
    fn new(upload: Box<dyn MultipartUpload>) -> Self {
        Self {
            upload: Some(upload),
            sending: None,
        }
    }

    /// Waits for the part before, then begins to send this one.
    async fn put(&mut self, payload: PutPayload) -> object_store::Result<()> {
        self.settle().await?;
        let upload = self
            .upload
            .as_mut()
            .expect("an upload that is not complete");
        let part: UploadPart = upload.put_part(payload);
        self.sending = Some(tokio::spawn(part));
        Ok(())
    }

    /// Waits until no part is under way.
    async fn settle(&mut self) -> object_store::Result<()> {
        match &mut self.sending {
            None => Ok(()),
            Some(sending) => {
                let sent = crate::blocking::joined(sending.await);
                self.sending = None;
                sent
            }
        }
    }

    /// Makes the parts a blob.
    async fn complete(mut self) -> object_store::Result<()> {
        let upload = self
            .upload
            .as_mut()
            .expect("an upload that is not complete");
        upload.complete().await?;
        self.upload = None;
        Ok(())
    }

    /// Gives the upload up. If that fails too, the bucket's lifecycle rule has to clean up.
    async fn abort(mut self) {
        if let Some(upload) = self.upload.take() {
            give_up(upload, self.sending.take()).await;
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        let Some(upload) = self.upload.take() else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(give_up(upload, self.sending.take()));
        }
    }
}

async fn give_up(
    mut upload: Box<dyn MultipartUpload>,
    sending: Option<JoinHandle<object_store::Result<()>>>,
) {
    if let Some(sending) = sending {
        // A part that arrives after the abort would stay.
        let _ = sending.await;
    }
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "cannot abort a multipart upload; its parts stay until the bucket expires them");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn parts_are_large_enough_for_the_announced_body() {
        let announced = |content_length| {
            part_size(&Expect {
                content_length,
                ..Expect::at_most(u64::MAX)
            })
        };
        assert_eq!(announced(Some(0)).0, 8 * MIB);
        assert_eq!(announced(Some(80_000 * MIB)).0, 8 * MIB);
        assert_eq!(announced(Some(80_000 * MIB + 1)).0, 9 * MIB);
        assert_eq!(announced(Some(u64::MAX / 2)).0, 64 * MIB);
        assert_eq!(announced(None), (16 * MIB, 160_000 * MIB));
    }
}
