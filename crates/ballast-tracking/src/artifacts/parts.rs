//! Large contents in parts, which a client sends again one by one after a broken connection.
//!
//! To a bucket the parts go as its own multipart upload, each with its MD5 in the signature; the bucket joins them to the
//! staged object. It cannot say which MD5 the whole has, so the object is read back, once, and checked before it is taken
//! in. To a folder the parts are written to their places in one file, which is read once and then is the content. Where
//! a part belongs follows from its size, since all but the last have the same; the last is staged by itself until then.

use ballast_blobs::{BlobError, Expect, SignedUpload, Stored};
use ballast_meta::artifacts::ArtifactRecord;
use ballast_model::ArtifactKey;
use bytes::Bytes;
use futures::future::{BoxFuture, Shared};
use futures::{FutureExt as _, Stream, TryStreamExt as _};

use super::contents::{Content, not_stored};
use super::staging;
use crate::files::UploadTarget;
use crate::secrets::ArtifactTicketUse;
use crate::{Caller, Result, Tracking, TrackingError};

/// Most parts of one content, as S3 has it.
const MAX_PARTS: usize = 10_000;
/// Longest name of an upload, and longest tag of a part, in bytes.
const MAX_NAME_BYTES: usize = 2048;
/// What the upload of a folder is called, before the number of its parts.
const IN_FOLDER: &str = "folder";

/// Where to send the parts of a content.
#[derive(Debug, Clone)]
pub struct PartUploads {
    /// What to call the upload when it is complete.
    pub upload_id: String,
    /// Where to send each part, in order.
    pub parts: Vec<UploadTarget>,
}

/// A part of a content on its way to a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct StagedPart {
    pub(super) artifact: ArtifactKey,
    /// The MD5 of the whole.
    pub(super) md5: [u8; 16],
    /// Its place, counted from 1.
    pub(super) number: u32,
    pub(super) is_last: bool,
}

/// Something long that several requests may wait for, and that goes on if none does. The error is a text.
pub(super) type Errand<T> = Shared<BoxFuture<'static, Result<T, String>>>;

impl Tracking {
    /// Begins an upload in parts, if the client asked for one and the store has such.
    pub(super) async fn begin_parts(
        &self,
        artifact: &ArtifactRecord,
        content: &Content,
    ) -> Result<Option<PartUploads>> {
        if content.parts.is_empty() {
            return Ok(None);
        }
        if content.parts.len() > MAX_PARTS {
            return Err(TrackingError::Invalid(format!(
                "{} parts of one file; at most {MAX_PARTS} are possible",
                content.parts.len()
            )));
        }
        let staged = staging::content(artifact.key, content.md5);
        let blobs = &self.inner.blobs;
        let name = if blobs.transfers_directly() {
            match blobs.begin_parts(&staged).await? {
                Some(name) => name,
                None => return Ok(None),
            }
        } else {
            format!("{IN_FOLDER}{}", content.parts.len())
        };
        let mut parts = Vec::with_capacity(content.parts.len());
        for (number, part_md5) in (1..).zip(&content.parts) {
            let signed = SignedUpload {
                expires_in: self.inner.settings.ticket_validity,
                content_md5: Some(*part_md5),
                content_type: None,
            };
            let request = blobs.part_url(&staged, &name, number, signed).await?;
            parts.push(match request {
                Some(request) => UploadTarget::Direct {
                    url: request.url,
                    headers: request.headers,
                },
                None => UploadTarget::Through {
                    ticket: self.artifact_ticket(ArtifactTicketUse::StorePart {
                        artifact: artifact.key,
                        number,
                        is_last: number as usize == content.parts.len(),
                        md5: content.md5,
                        part_md5: *part_md5,
                    }),
                },
            });
        }
        Ok(Some(PartUploads {
            upload_id: format!("{}-{name}", staging::hex(content.md5)),
            parts,
        }))
    }

    /// Joins the parts of a content, which were all sent. `tags` are what the answers to them had as `ETag`, in order.
    /// Saying so twice is no error.
    ///
    /// # Errors
    /// As [`Tracking::begin_contents`]; [`TrackingError::NotFound`] if there is no such upload or a part is missing;
    /// [`TrackingError::Invalid`] if the parts together do not have the content's MD5.
    pub async fn complete_parts(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        upload_id: &str,
        tags: Vec<String>,
    ) -> Result<()> {
        let artifact = self.get_pending(caller, artifact).await?;
        let missing =
            || TrackingError::not_found("upload", upload_id.chars().take(80).collect::<String>());
        let (md5, name) = upload_id.split_once('-').ok_or_else(missing)?;
        let md5 = staging::unhex(md5).ok_or_else(missing)?;
        let is_short = |text: &str| text.len() <= MAX_NAME_BYTES;
        if tags.is_empty()
            || tags.len() > MAX_PARTS
            || !is_short(name)
            || !tags.iter().all(|tag| is_short(tag))
        {
            return Err(missing());
        }
        let entity = artifact.collection.entity;
        let known = self.inner.meta.read().blobs_by_md5(entity, &[md5]).await?;
        if !known.is_empty() {
            return Ok(());
        }
        let staged = staging::content(artifact.key, md5);
        if !self.inner.blobs.transfers_directly() {
            let n_parts = name.strip_prefix(IN_FOLDER).and_then(|n| n.parse().ok());
            let n_parts: usize = n_parts.ok_or_else(missing)?;
            if n_parts != tags.len() {
                return Err(TrackingError::Invalid(format!(
                    "the upload has {n_parts} parts, not {}",
                    tags.len()
                )));
            }
            return self.join_in_folder(&artifact, md5, n_parts).await;
        }
        match self.inner.blobs.complete_parts(&staged, name, tags).await {
            Ok(()) => {}
            // Complete already, if the object is there.
            Err(error) => {
                if self.inner.blobs.head(&staged).await?.is_none() {
                    return Err(match error {
                        BlobError::NotFound { .. } => missing(),
                        other => other.into(),
                    });
                }
            }
        }
        // The commit will want to know; by then it may be known.
        drop(self.hash_staged(staged).await);
        Ok(())
    }

    /// Stores a part on its way to a folder.
    pub(super) async fn store_part<E>(
        &self,
        part: StagedPart,
        expect: Expect,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<()>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let blobs = &self.inner.blobs;
        let key = staging::part(part.artifact, part.md5, part.number);
        if part.is_last {
            blobs.put_stream(&key, body, expect).await?;
            return Ok(());
        }
        let Some(size_bytes) = expect.content_length.filter(|size| *size > 0) else {
            return Err(TrackingError::Invalid(
                "a part needs the header `Content-Length`, which tells its place".to_owned(),
            ));
        };
        let offset = u64::from(part.number.saturating_sub(1)) * size_bytes;
        if offset.saturating_add(size_bytes) > expect.max_bytes {
            return Err(TrackingError::TooLarge {
                what: "file",
                found: offset.saturating_add(size_bytes),
                limit: expect.max_bytes,
            });
        }
        let whole = staging::whole(part.artifact, part.md5);
        blobs.put_part(&whole, offset, body, expect).await?;
        // Only a part of which this is there has arrived.
        blobs.put(&key, size_bytes.to_string().into()).await?;
        Ok(())
    }

    /// Makes the parts that were staged in a folder a content.
    async fn join_in_folder(
        &self,
        artifact: &ArtifactRecord,
        md5: [u8; 16],
        n_parts: usize,
    ) -> Result<()> {
        let (tracking, entity, artifact) = (self.clone(), artifact.collection.entity, artifact.key);
        let (last_offset, size_bytes) = self.size_of_parts(artifact, md5, n_parts).await?;
        let last = staging::part(artifact, md5, n_parts as u32);
        let joining = async move {
            let blobs = &tracking.inner.blobs;
            let whole = staging::whole(artifact, md5);
            let joined = async {
                // The file may have its last part already, if this was done before.
                let (_, body) = blobs.get_stream(&last, None).await?;
                let expect = Expect::at_most(tracking.limits().file_bytes);
                blobs.put_part(&whole, last_offset, body, expect).await?;
                let object_key = tracking.blob_object_key(entity, md5);
                let (pending, now) = (object_key.clone(), tracking.inner.clock.now());
                let meta = &tracking.inner.meta;
                meta.write(move |tx| {
                    Box::pin(async move { tx.add_pending_object(&pending, now).await })
                })
                .await?;
                let joined = blobs.join_parts(&whole, size_bytes, md5, &object_key).await;
                let stored = match joined {
                    Ok(stored) => stored,
                    Err(error) => {
                        if matches!(error, BlobError::DigestMismatch { .. }) {
                            // They can only be sent anew.
                            tracking.delete_parts(artifact, md5).await?;
                        }
                        return Err(not_stored(error));
                    }
                };
                tracking
                    .record_content(entity, artifact, object_key, stored)
                    .await
            };
            joined
                .await
                .map_err(|error: TrackingError| error.to_string())?;
            // What stays is deleted with everything else that was staged for the version.
            let _ = tracking.delete_parts(artifact, md5).await;
            Ok(())
        };
        let joins = &self.inner.artifacts.joins;
        let place = (artifact, md5);
        let join = joins.get_with(place, errand(joining)).await.await;
        joins.invalidate(&place).await;
        join.map_err(TrackingError::Invalid)
    }

    /// Where the last part begins, and how large all parts are together.
    async fn size_of_parts(
        &self,
        artifact: ArtifactKey,
        md5: [u8; 16],
        n_parts: usize,
    ) -> Result<(u64, u64)> {
        let blobs = &self.inner.blobs;
        let part = |number| staging::part(artifact, md5, number);
        let missing = |key| TrackingError::not_found("part", key);
        let mut offset = 0;
        let mut first_size = None;
        for number in 1..n_parts as u32 {
            let size = match blobs.get(&part(number)).await {
                Ok(size) => std::str::from_utf8(&size)
                    .ok()
                    .and_then(|size| size.parse::<u64>().ok())
                    .ok_or_else(|| missing(part(number)))?,
                Err(BlobError::NotFound { .. }) => return Err(missing(part(number))),
                Err(error) => return Err(error.into()),
            };
            let first_size = *first_size.get_or_insert(size);
            if size != first_size {
                return Err(TrackingError::Invalid(format!(
                    "part 1 has {first_size} bytes and part {number} has {size}; all but the last must have the same size"
                )));
            }
            offset += size;
        }
        let last = part(n_parts as u32);
        let info = blobs.head(&last).await?.ok_or_else(|| missing(last))?;
        let (size_bytes, limit) = (offset + info.size_bytes, self.limits().file_bytes);
        if size_bytes > limit {
            return Err(TrackingError::TooLarge {
                what: "file",
                found: size_bytes,
                limit,
            });
        }
        Ok((offset, size_bytes))
    }

    async fn delete_parts(&self, artifact: ArtifactKey, md5: [u8; 16]) -> Result<()> {
        let blobs = &self.inner.blobs;
        let mut parts = blobs.list(&staging::parts(artifact, md5));
        while let Some(part) = parts.try_next().await? {
            blobs.delete(&part.key).await?;
        }
        Ok(())
    }

    /// Begins to read a staged object to its end, or finds who does.
    pub(super) async fn hash_staged(&self, staged: String) -> Errand<Stored> {
        let (tracking, key) = (self.clone(), staged.clone());
        let hashing = async move {
            let hashed = tracking.hash_object(&key).await;
            hashed.map_err(|error| error.to_string())
        };
        let hashes = &self.inner.artifacts.hashes;
        hashes.get_with(staged, errand(hashing)).await
    }
}

/// Sets something going that goes on by itself.
#[expect(
    clippy::unused_async,
    reason = "a cache sets it going only if it has none, by polling it"
)]
async fn errand<T: Clone + Send + Sync + 'static>(
    work: impl Future<Output = Result<T, String>> + Send + 'static,
) -> Errand<T> {
    let task = tokio::spawn(work);
    let waiting = async move {
        match task.await {
            Ok(done) => done,
            Err(error) => Err(error.to_string()),
        }
    };
    waiting.boxed().shared()
}
