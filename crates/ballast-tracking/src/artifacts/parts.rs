//! Large contents in parts, which a client sends again one by one after a broken connection.
//!
//! To a bucket the parts go as its own multipart upload, each with its MD5 in the signature; the bucket joins them to the
//! staged object. It cannot say which MD5 the whole has, so the object is read back, once, and checked before it is taken
//! in. To a folder each part is staged by itself, and they are read one after the other into the content.

use ballast_blobs::{BlobError, BlobStream, Blobs, Expect, SignedUpload};
use ballast_meta::artifacts::ArtifactRecord;
use ballast_model::ArtifactKey;
use futures::future::{BoxFuture, Shared};
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};

use super::contents::Content;
use super::staging;
use crate::files::UploadTarget;
use crate::fsck::Hashed;
use crate::secrets::ArtifactTicketUse;
use crate::{Caller, Result, Tracking, TrackingError};

/// Most parts of one content, as S3 has it.
const MAX_PARTS: usize = 10_000;
/// Longest name of an upload, and longest tag of a part, in bytes.
const MAX_NAME_BYTES: usize = 2048;
/// What the upload of a folder is called.
const IN_FOLDER: &str = "folder";

/// Where to send the parts of a content.
#[derive(Debug, Clone)]
pub struct PartUploads {
    /// What to call the upload when it is complete.
    pub upload_id: String,
    /// Where to send each part, in order.
    pub parts: Vec<UploadTarget>,
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
            IN_FOLDER.to_owned()
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
            return self.join_in_folder(&artifact, md5, tags.len()).await;
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

    /// Reads the parts that were staged in a folder into a content.
    async fn join_in_folder(
        &self,
        artifact: &ArtifactRecord,
        md5: [u8; 16],
        n_parts: usize,
    ) -> Result<()> {
        let (tracking, entity, artifact) = (self.clone(), artifact.collection.entity, artifact.key);
        let keys: Vec<String> = (1..)
            .take(n_parts)
            .map(|number| staging::part(artifact, md5, number))
            .collect();
        for key in &keys {
            if self.inner.blobs.head(key).await?.is_none() {
                return Err(TrackingError::not_found("part", key));
            }
        }
        let joining = async move {
            let body = joined(&tracking.inner.blobs, keys.clone());
            let expect = Expect {
                content_length: None,
                md5: Some(md5),
                max_bytes: tracking.limits().file_bytes,
            };
            let stored = tracking.store_content(entity, artifact, expect, body).await;
            stored.map_err(|error| error.to_string())?;
            for key in keys {
                // What stays is deleted with everything else that was staged for the version.
                let _ = tracking.inner.blobs.delete(&key).await;
            }
            Ok(())
        };
        let joins = &self.inner.artifacts.joins;
        let place = (artifact, md5);
        let join = joins.get_with(place, errand(joining)).await.await;
        joins.invalidate(&place).await;
        join.map_err(TrackingError::Invalid)
    }

    /// Begins to read a staged object to its end, or finds who does.
    pub(super) async fn hash_staged(&self, staged: String) -> Errand<Hashed> {
        let (tracking, key) = (self.clone(), staged.clone());
        let hashing = async move {
            let hashed = tracking.hash_object(&key).await;
            hashed.map_err(|error| error.to_string())
        };
        let hashes = &self.inner.artifacts.hashes;
        hashes.get_with(staged, errand(hashing)).await
    }
}

/// The bytes of several objects, one after the other.
fn joined(blobs: &Blobs, keys: Vec<String>) -> BlobStream {
    let blobs = blobs.clone();
    let bodies = stream::iter(keys).then(move |key| {
        let blobs = blobs.clone();
        async move { blobs.get_stream(&key, None).await.map(|(_, body)| body) }.boxed()
    });
    bodies.try_flatten().boxed()
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
