//! Bytes of versions, up and down.

use std::collections::HashMap;
use std::ops::Range;

use ballast_blobs::{BlobError, BlobStream, Expect, SignedDownload, SignedUpload, Stored};
use ballast_meta::MetaError;
use ballast_meta::artifacts::{
    ArtifactRecord, ArtifactState, BlobRecord, ManifestKey, ManifestKind, NewBlob,
};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::{ArtifactKey, EntityKey, EntityName};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::Stream;

use super::parts::{PartUploads, StagedPart};
use super::{manifest, staging, unrecorded};
use crate::files::{ByteRange, UploadTarget};
use crate::secrets::{ArtifactTicket, ArtifactTicketUse};
use crate::{Access, Caller, Result, Tracking, TrackingError};

pub use crate::files::DownloadTarget as TransferTarget;

/// Most contents that one request may ask for.
const MAX_CONTENTS: usize = 50_000;

/// The largest content that is acknowledged before it is recorded, in bytes. To record one costs as much as to store a small
/// one, and nothing beside a large one, which would take long to read again.
const RECORDED_LATER_BYTES: u64 = 1 << 20;

/// A content that a pending version has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The MD5 of its bytes.
    pub md5: [u8; 16],
    /// The MD5s of its parts, if the client would send it in parts.
    pub parts: Vec<[u8; 16]>,
}

/// What a client does about a content.
#[derive(Debug, Clone)]
pub struct ContentStep {
    /// The version that the content was first uploaded for: an earlier one if it is stored already.
    pub first_artifact: ArtifactKey,
    /// Where to send the bytes in one piece; `None` if they are here.
    pub upload: Option<UploadTarget>,
    /// Where to send them in parts, if the client asked and the store can.
    pub parts: Option<PartUploads>,
}

/// A content or manifest that is being read.
pub struct OpenContent {
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its MD5 in base64.
    pub md5: String,
    /// The bytes that `body` gives; `None` for all.
    pub range: Option<Range<u64>>,
    /// The bytes.
    pub body: BlobStream,
}

impl Tracking {
    /// Says for each content of a pending version whether and where to send it, in the order given.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::Conflict`] if the version is not pending;
    /// [`TrackingError::Unavailable`] if the blob store cannot sign.
    pub async fn begin_contents(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        contents: &[Content],
    ) -> Result<Vec<ContentStep>> {
        if contents.len() > MAX_CONTENTS {
            return Err(TrackingError::Invalid(format!(
                "{} files in one request; at most {MAX_CONTENTS} are possible",
                contents.len()
            )));
        }
        let artifact = self.get_pending(caller, artifact).await?;
        // So that nothing is asked for that has been acknowledged.
        self.inner.artifacts.arrivals.flush().await?;
        let entity = artifact.collection.entity;
        let mut md5s: Vec<[u8; 16]> = contents.iter().map(|content| content.md5).collect();
        md5s.sort_unstable();
        md5s.dedup();
        // What comes through us goes to its place at once, which is recorded for all of them together.
        let objects: HashMap<[u8; 16], String> = if self.inner.blobs.transfers_directly() {
            HashMap::new()
        } else {
            let places = md5s.iter();
            places
                .map(|md5| (*md5, self.blob_object_key(entity, *md5)))
                .collect()
        };
        let now = self.inner.clock.now();
        let (stored, objects) = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let mut objects = objects;
                    let mut stored = HashMap::new();
                    for blob in tx.want_blobs(entity, &md5s, now).await? {
                        objects.remove(&blob.md5);
                        stored.insert(blob.md5, blob.first_artifact);
                    }
                    let pending: Vec<&String> = objects.values().collect();
                    tx.add_pending_objects(&pending, now).await?;
                    Ok::<_, MetaError>((stored, objects))
                })
            })
            .await?;
        let mut steps = Vec::with_capacity(contents.len());
        for content in contents {
            steps.push(match stored.get(&content.md5) {
                Some(first_artifact) => ContentStep {
                    first_artifact: *first_artifact,
                    upload: None,
                    parts: None,
                },
                None => ContentStep {
                    first_artifact: artifact.key,
                    upload: Some(
                        self.content_upload(&artifact, content.md5, objects.get(&content.md5))
                            .await?,
                    ),
                    parts: self.begin_parts(&artifact, content).await?,
                },
            });
        }
        Ok(steps)
    }

    async fn content_upload(
        &self,
        artifact: &ArtifactRecord,
        md5: [u8; 16],
        object_key: Option<&String>,
    ) -> Result<UploadTarget> {
        let usage = ArtifactTicketUse::StoreContent {
            entity: artifact.collection.entity,
            artifact: artifact.key,
            md5,
            object_key: object_key.cloned().unwrap_or_default(),
        };
        self.artifact_upload(&staging::content(artifact.key, md5), md5, usage)
            .await
    }

    /// Announces a manifest of a pending version, and says where to send it if its MD5 is known. Returns its storage
    /// key, too.
    ///
    /// The last full or incremental manifest counts, or all patches together.
    ///
    /// # Errors
    /// As [`Tracking::begin_contents`]; also [`TrackingError::NotFound`] if `base` is no version of the same collection.
    pub async fn begin_manifest(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        kind: ManifestKind,
        base: Option<ArtifactKey>,
        md5: Option<[u8; 16]>,
    ) -> Result<(i64, Option<UploadTarget>)> {
        let artifact = self.get_pending(caller, artifact).await?;
        let base = match base {
            Some(base) => {
                let base = self.version_for(caller, base, Access::Read).await?;
                if base.collection.key != artifact.collection.key {
                    return Err(TrackingError::Invalid(format!(
                        "a version of artifact `{}` can only add to a version of the same artifact, not of `{}`",
                        artifact.collection.name, base.collection.name
                    )));
                }
                Some(base.key)
            }
            None => None,
        };
        let (key, now) = (artifact.key, self.inner.clock.now());
        let manifest = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move { tx.insert_manifest(key, kind, base, md5, now).await })
            })
            .await
            .map_err(|error: MetaError| TrackingError::from(error))?;
        let Some(md5) = md5 else {
            return Ok((manifest.0, None));
        };
        let usage = ArtifactTicketUse::StoreManifest {
            artifact: key,
            manifest: manifest.0,
            md5,
        };
        let target = self
            .artifact_upload(&staging::manifest(key, manifest), md5, usage)
            .await?;
        Ok((manifest.0, Some(target)))
    }

    /// Announces a manifest anew, in place of one that was announced before. Returns its storage key, too.
    ///
    /// # Errors
    /// As [`Tracking::begin_manifest`]; also [`TrackingError::NotFound`] for an unknown manifest.
    pub async fn renew_manifest(
        &self,
        caller: &Caller,
        manifest: i64,
        base: Option<ArtifactKey>,
        md5: Option<[u8; 16]>,
    ) -> Result<(i64, Option<UploadTarget>)> {
        let known = self
            .inner
            .meta
            .read()
            .manifest(ManifestKey(manifest))
            .await?;
        let known = known.ok_or_else(|| TrackingError::not_found("manifest", manifest))?;
        self.begin_manifest(caller, known.artifact, known.kind, base.or(known.base), md5)
            .await
    }

    async fn artifact_upload(
        &self,
        staged_key: &str,
        md5: [u8; 16],
        usage: ArtifactTicketUse,
    ) -> Result<UploadTarget> {
        let signed = SignedUpload {
            expires_in: self.inner.settings.ticket_validity,
            content_md5: Some(md5),
            content_type: None,
        };
        if let Some(request) = self.inner.blobs.upload_url(staged_key, signed).await? {
            return Ok(UploadTarget::Direct {
                url: request.url,
                headers: request.headers,
            });
        }
        Ok(UploadTarget::Through {
            ticket: self.artifact_ticket(usage),
        })
    }

    pub(super) fn artifact_ticket(&self, usage: ArtifactTicketUse) -> String {
        let expires_at = self.inner.clock.now() + self.inner.settings.ticket_validity;
        self.inner
            .secret
            .seal(&ArtifactTicket { usage, expires_at })
    }

    /// Stores the body of a content or manifest that a ticket allows. Durable when this returns; returns its MD5 in
    /// base64.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if the ticket is forged, expired or for something else; [`TrackingError::Invalid`]
    /// if the body breaks off, or does not match `content_length`, `md5` or the ticket; [`TrackingError::TooLarge`]
    /// beyond the limit; [`TrackingError::NotFound`] if the version is gone.
    pub async fn receive_content<E>(
        &self,
        ticket: &str,
        content_length: Option<u64>,
        md5: Option<[u8; 16]>,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<String>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let usage = self.open_artifact_ticket(ticket)?;
        let (allowed, max_bytes) = match &usage {
            ArtifactTicketUse::StoreContent { md5, .. } => (*md5, self.limits().file_bytes),
            ArtifactTicketUse::StorePart { part_md5, .. } => (*part_md5, self.limits().file_bytes),
            ArtifactTicketUse::StoreManifest { md5, .. } => (*md5, manifest::MAX_BYTES),
            ArtifactTicketUse::ReadContent { .. } | ArtifactTicketUse::ReadManifest { .. } => {
                return Err(TrackingError::Forbidden(
                    "the file address is for reading".to_owned(),
                ));
            }
        };
        if md5.is_some_and(|md5| md5 != allowed) {
            return Err(TrackingError::Invalid(format!(
                "header `Content-MD5` is not `{}`, for which the address is",
                BASE64_STANDARD.encode(allowed)
            )));
        }
        let expect = Expect {
            content_length,
            md5: Some(allowed),
            max_bytes,
            is_new: false,
        };
        if let Some(found) = content_length.filter(|length| *length > max_bytes) {
            let what = "file";
            return Err(TrackingError::TooLarge {
                what,
                found,
                limit: max_bytes,
            });
        }
        match usage {
            ArtifactTicketUse::StoreContent {
                entity,
                artifact,
                object_key,
                ..
            } => {
                self.store_content(entity, artifact, object_key, expect, body)
                    .await?;
            }
            ArtifactTicketUse::StoreManifest {
                artifact, manifest, ..
            } => {
                let key = staging::manifest(artifact, ManifestKey(manifest));
                self.inner.blobs.put_stream(&key, body, expect).await?;
            }
            ArtifactTicketUse::StorePart {
                artifact,
                number,
                is_last,
                md5,
                ..
            } => {
                let part = StagedPart {
                    artifact,
                    md5,
                    number,
                    is_last,
                };
                self.store_part(part, expect, body).await?;
            }
            ArtifactTicketUse::ReadContent { .. } | ArtifactTicketUse::ReadManifest { .. } => {}
        }
        Ok(BASE64_STANDARD.encode(allowed))
    }

    /// Stores a content as an object that is pending.
    async fn store_content<E>(
        &self,
        entity: EntityKey,
        artifact: ArtifactKey,
        object_key: String,
        expect: Expect,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<()>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let expect = Expect {
            is_new: true,
            ..expect
        };
        let stored = match self.inner.blobs.put_stream(&object_key, body, expect).await {
            Ok(stored) => stored,
            // The address was used before. What it brought may not be recorded yet.
            Err(BlobError::Exists { .. }) => self.hash_object(&object_key).await?,
            Err(error) => return Err(not_stored(error)),
        };
        let blob = self.new_blob(entity, artifact, object_key, stored);
        let arrivals = &self.inner.artifacts.arrivals;
        if blob.size_bytes <= RECORDED_LATER_BYTES {
            arrivals.take_in_later(blob).await
        } else {
            arrivals.take_in(blob).await
        }
    }

    /// Records a content whose object is pending and durable.
    pub(super) async fn record_content(
        &self,
        entity: EntityKey,
        artifact: ArtifactKey,
        object_key: String,
        stored: Stored,
    ) -> Result<()> {
        let blob = self.new_blob(entity, artifact, object_key, stored);
        self.inner.artifacts.arrivals.take_in(blob).await
    }

    /// What to record of a content that arrives now.
    pub(super) fn new_blob(
        &self,
        entity: EntityKey,
        artifact: ArtifactKey,
        object_key: String,
        stored: Stored,
    ) -> NewBlob {
        NewBlob {
            entity,
            md5: stored.md5,
            blake3: Some(stored.blake3),
            size_bytes: stored.size_bytes,
            object_key,
            first_artifact: artifact,
            created_at: self.inner.clock.now(),
        }
    }

    /// Stores an object that is pending until a transaction settles it.
    pub(super) async fn store_object<E>(
        &self,
        object_key: &str,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
        expect: Expect,
    ) -> Result<Stored>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let now = self.inner.clock.now();
        let key = object_key.to_owned();
        let meta = &self.inner.meta;
        meta.write(move |tx| Box::pin(async move { tx.add_pending_object(&key, now).await }))
            .await?;
        let error = match self.inner.blobs.put_stream(object_key, body, expect).await {
            Ok(stored) => return Ok(stored),
            Err(error) => error,
        };
        // Nothing was stored under the key, so it is no longer pending; if even that cannot be noted, the janitor finds
        // it.
        let key = object_key.to_owned();
        let _ = meta
            .write(move |tx| Box::pin(async move { tx.settle_pending_object(&key).await }))
            .await;
        Err(not_stored(error))
    }

    /// A new object for a content; never used before.
    pub(super) fn blob_object_key(&self, entity: EntityKey, md5: [u8; 16]) -> String {
        let random = random_text(&*self.inner.entropy, ID_ALPHABET, 20);
        unrecorded::object_key(entity, md5, &random)
    }

    /// Where anyone who is told may fetch a content of an entity, for a while.
    ///
    /// # Errors
    /// [`TrackingError::NotFound`] if the entity has no such content or is not the caller's.
    pub async fn content_by_md5(
        &self,
        caller: &Caller,
        entity: &EntityName,
        md5_hex: &str,
    ) -> Result<TransferTarget> {
        let missing = || TrackingError::not_found_in("content", md5_hex, entity);
        let md5 = staging::unhex(md5_hex).ok_or_else(missing)?;
        let entity = caller.entity_named(entity).ok_or_else(missing)?;
        Access::Read.check(entity.role, &entity.name)?;
        let blobs = self
            .inner
            .meta
            .read()
            .blobs_by_md5(entity.key, &[md5])
            .await?;
        let blob = blobs.into_iter().next().ok_or_else(missing)?;
        self.content_target(&blob, None).await
    }

    pub(super) async fn content_target(
        &self,
        blob: &BlobRecord,
        mime_type: Option<&str>,
    ) -> Result<TransferTarget> {
        let signed = SignedDownload {
            expires_in: self.inner.settings.ticket_validity,
            content_disposition: Some("attachment"),
            content_type: mime_type,
        };
        if let Some(url) = self
            .inner
            .blobs
            .download_url(&blob.object_key, signed)
            .await?
        {
            return Ok(TransferTarget::Direct(url));
        }
        Ok(TransferTarget::Ticket(self.artifact_ticket(
            ArtifactTicketUse::ReadContent {
                object_key: blob.object_key.clone(),
                size_bytes: blob.size_bytes,
                md5: blob.md5,
            },
        )))
    }

    /// Where anyone who is told may fetch the manifest of a committed version, for a while.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::Conflict`] if the version is not committed.
    pub async fn manifest_target(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
    ) -> Result<TransferTarget> {
        let artifact = self.version_for(caller, artifact, Access::Read).await?;
        let object_key = manifest_object(&artifact)?;
        let signed = SignedDownload {
            expires_in: self.inner.settings.ticket_validity,
            content_disposition: Some("attachment"),
            content_type: Some("application/json"),
        };
        if let Some(url) = self.inner.blobs.download_url(object_key, signed).await? {
            return Ok(TransferTarget::Direct(url));
        }
        Ok(TransferTarget::Ticket(self.artifact_ticket(
            ArtifactTicketUse::ReadManifest {
                artifact: artifact.key,
            },
        )))
    }

    /// Opens the content or manifest that a ticket lets its bearer read.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if the ticket is forged, expired or for something else;
    /// [`TrackingError::NotFound`] if it is gone; [`TrackingError::Invalid`] if `range` names no byte of it.
    pub async fn open_content(
        &self,
        ticket: &str,
        range: Option<ByteRange>,
    ) -> Result<OpenContent> {
        let (object_key, size_bytes, md5) = match self.open_artifact_ticket(ticket)? {
            ArtifactTicketUse::ReadContent {
                object_key,
                size_bytes,
                md5,
            } => (object_key, size_bytes, BASE64_STANDARD.encode(md5)),
            ArtifactTicketUse::ReadManifest { artifact } => {
                let db = self.inner.meta.read();
                let missing = || TrackingError::not_found("artifact version", artifact);
                let artifact = db.artifact(artifact).await?.ok_or_else(missing)?;
                let object_key = manifest_object(&artifact)?.to_owned();
                let md5 = artifact.manifest_md5.clone().unwrap_or_default();
                (object_key, artifact.manifest_bytes, md5)
            }
            ArtifactTicketUse::StoreContent { .. }
            | ArtifactTicketUse::StorePart { .. }
            | ArtifactTicketUse::StoreManifest { .. } => {
                return Err(TrackingError::Forbidden(
                    "the file address is for writing".to_owned(),
                ));
            }
        };
        self.open_object(&object_key, size_bytes, md5, range).await
    }

    pub(super) async fn open_blob(
        &self,
        object_key: &str,
        size_bytes: u64,
        md5: [u8; 16],
        range: Option<ByteRange>,
    ) -> Result<OpenContent> {
        let md5 = BASE64_STANDARD.encode(md5);
        self.open_object(object_key, size_bytes, md5, range).await
    }

    async fn open_object(
        &self,
        object_key: &str,
        size_bytes: u64,
        md5: String,
        range: Option<ByteRange>,
    ) -> Result<OpenContent> {
        let range = match range {
            Some(range) => Some(range.within(size_bytes).ok_or_else(|| {
                TrackingError::Invalid(format!(
                    "the file has {size_bytes} bytes; the range names none of them"
                ))
            })?),
            None => None,
        };
        let (_, body) = self
            .inner
            .blobs
            .get_stream(object_key, range.clone())
            .await?;
        Ok(OpenContent {
            size_bytes,
            md5,
            range,
            body,
        })
    }

    fn open_artifact_ticket(&self, ticket: &str) -> Result<ArtifactTicketUse> {
        let opened: Option<ArtifactTicket> = self.inner.secret.unseal(ticket);
        let opened = opened
            .ok_or_else(|| TrackingError::Forbidden("the file address is not valid".to_owned()))?;
        if opened.expires_at < self.inner.clock.now() {
            return Err(TrackingError::Forbidden(
                "the file address has expired; ask for a new one".to_owned(),
            ));
        }
        Ok(opened.usage)
    }

    /// A version that still waits for its files.
    pub(super) async fn get_pending(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
    ) -> Result<ArtifactRecord> {
        let artifact = self.version_for(caller, artifact, Access::Write).await?;
        if artifact.state == ArtifactState::Pending {
            return Ok(artifact);
        }
        Err(TrackingError::Conflict(format!(
            "version {} of artifact `{}` is {}; its files cannot change any more",
            artifact
                .version
                .map_or_else(|| "?".to_owned(), |version| format!("`v{version}`")),
            artifact.collection.name,
            match artifact.state {
                ArtifactState::Deleted => "deleted",
                _ => "committed",
            }
        )))
    }
}

/// Why a content was not stored, in the words of who sent it.
pub(super) fn not_stored(error: BlobError) -> TrackingError {
    match error {
        BlobError::DigestMismatch {
            expected, received, ..
        } => TrackingError::Invalid(format!(
            "the address is for a content with MD5 `{}`, but the bytes have `{}`",
            BASE64_STANDARD.encode(expected),
            BASE64_STANDARD.encode(received)
        )),
        other => other.into(),
    }
}

/// The object that the manifest of a committed version is.
pub(super) fn manifest_object(artifact: &ArtifactRecord) -> Result<&str> {
    artifact.manifest_object.as_deref().ok_or_else(|| {
        TrackingError::Conflict(format!(
            "a version of artifact `{}` has no files: it is {}",
            artifact.collection.name,
            match artifact.state {
                ArtifactState::Deleted => "deleted",
                _ => "not committed yet",
            }
        ))
    })
}
