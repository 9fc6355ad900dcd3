//! Committing versions.

use std::collections::{HashMap, HashSet};
use std::io;

use ballast_blobs::{BlobError, BlobStream, Blobs, Expect};
use ballast_meta::MetaError;
use ballast_meta::artifacts::{
    ArtifactEventKind, ArtifactRecord, ArtifactRole, ArtifactState, BlobKey, BlobRecord,
    CommittedArtifact, ManifestKind, ManifestRecord, NewBlob,
};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::{ArtifactAlias, ArtifactKey, Timestamp};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Buf as _, Bytes};
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use tokio::runtime::Handle;
use tokio::sync::SemaphorePermit;

use super::announce::{Wanted, note_logged_again};
use super::arrivals::take_in;
use super::contents::manifest_object;
use super::events::Author;
use super::manifest::{self, Content, Manifest};
use super::{LATEST, staging};
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Contents that a bucket copies to their places at the same time.
const CONCURRENT_COPIES: usize = 32;
/// Contents that are taken in with one transaction.
const PER_TRANSACTION: usize = 256;
/// How many missing files an error names.
const NAMED_FILES: usize = 3;

impl Tracking {
    /// Makes a pending version complete: checks its manifest and that every file in it is here, gives it its number, its
    /// aliases and tags. Committing twice is no error.
    ///
    /// If the collection has got the same content meanwhile, no new version is made: the answer, and whoever asks for
    /// `artifact` from now on, gets the one that is there.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::Invalid`] if the manifest is missing or wrong, has another digest
    /// than was announced, or names a file that was never sent. Then the version stays pending.
    pub async fn commit_version(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
    ) -> Result<ArtifactRecord> {
        let artifact = self.version_for(caller, artifact, Access::Write).await?;
        if artifact.state == ArtifactState::Committed {
            return Ok(artifact);
        }
        let artifact = self.get_pending(caller, artifact.key).await?;
        let (mut manifest, permit) = Box::pin(self.assemble(&artifact)).await?;
        let blobs = self.blobs_of(&artifact, &manifest).await?;
        let (manifest, digest, n_files, size_bytes) = tokio::task::spawn_blocking({
            let sizes: HashMap<[u8; 16], u64> = blobs
                .iter()
                .map(|(md5, blob)| (*md5, blob.size_bytes))
                .collect();
            move || {
                manifest.set_sizes(|md5| sizes.get(md5).copied());
                let sizes = manifest.entries().map(|(_, entry)| entry.size_bytes);
                let size_bytes = sizes.flatten().fold(0_u64, u64::saturating_add);
                let (digest, n_files) = (manifest.digest(), manifest.n_entries() as u64);
                (manifest, digest, n_files, size_bytes)
            }
        })
        .await
        .map_err(TrackingError::internal)?;

        let object_key = self.manifest_object_key(&artifact);
        let (chunks, expect) = (manifest.into_chunks(), Expect::at_most(u64::MAX));
        let stored = Box::pin(self.store_object(&object_key, chunks, expect)).await?;
        drop(permit);
        let committed = CommittedArtifact {
            version: 0,
            digest,
            n_files,
            size_bytes: size_bytes.min(i64::MAX as u64),
            manifest_object: object_key,
            manifest_bytes: stored.size_bytes,
            manifest_md5: BASE64_STANDARD.encode(stored.md5),
        };
        let used: Vec<BlobKey> = blobs.values().map(|blob| blob.key).collect();
        let (key, now) = (artifact.key, self.inner.clock.now());
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move { commit(tx, artifact, committed, &used, now).await })
            })
            .await?;
        self.get_version(caller, key).await
    }

    /// The whole manifest of a pending version, out of what was sent, with the permit for the memory that it takes.
    async fn assemble(
        &self,
        artifact: &ArtifactRecord,
    ) -> Result<(Manifest, Option<SemaphorePermit<'_>>)> {
        let announced = self.inner.meta.read().manifests_of(artifact.key).await?;
        let missing = || {
            TrackingError::Invalid(format!(
                "the manifest of a version of artifact `{}` was never uploaded",
                artifact.collection.name
            ))
        };
        let sent = |record: &&ManifestRecord| record.md5.is_some();
        let last = announced.iter().rfind(sent).ok_or_else(missing)?;
        let parts: Vec<&ManifestRecord> = match last.kind {
            ManifestKind::Full | ManifestKind::Incremental => vec![last],
            ManifestKind::Patch => announced
                .iter()
                .filter(sent)
                .filter(|record| record.kind == ManifestKind::Patch)
                .collect(),
        };
        let base = match last.kind {
            ManifestKind::Full => None,
            ManifestKind::Incremental | ManifestKind::Patch => last.base,
        };

        // Sizes first, so that the memory for all of them is reserved at once and nobody waits for a second piece.
        let mut objects = Vec::with_capacity(parts.len() + 1);
        if let Some(base) = base {
            let base = self.inner.meta.read().artifact(base).await?;
            let base = base.ok_or_else(|| {
                TrackingError::Invalid("the version that it adds to is gone".to_owned())
            })?;
            objects.push((manifest_object(&base)?.to_owned(), None));
        }
        objects.extend(
            parts
                .iter()
                .map(|part| (staging::manifest(artifact.key, part.key), part.md5)),
        );
        let mut n_bytes = 0;
        for (object_key, _) in &objects {
            // A patch whose writer broke off is not there, nor are its files.
            let info = self.inner.blobs.head(object_key).await?;
            n_bytes += info.map_or(0, |info| info.size_bytes);
        }
        if n_bytes > manifest::MAX_BYTES {
            return Err(TrackingError::TooLarge {
                what: "artifact manifest",
                found: n_bytes,
                limit: manifest::MAX_BYTES,
            });
        }
        let permit = self.reserve_manifest(n_bytes).await?;
        let mut whole: Option<Manifest> = None;
        for (object_key, md5) in objects {
            match self.read_manifest(artifact, &object_key, md5).await {
                Ok(part) => match &mut whole {
                    Some(whole) => whole.add(part),
                    None => whole = Some(part),
                },
                Err(TrackingError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let whole = whole.ok_or_else(missing)?;
        if last.kind == ManifestKind::Full {
            let digest = whole.digest();
            if digest != artifact.digest {
                return Err(TrackingError::Invalid(format!(
                    "a version of artifact `{}` was announced with digest `{}`, but its manifest has `{digest}`",
                    artifact.collection.name, artifact.digest
                )));
            }
        }
        Ok((whole, permit))
    }

    /// Waits until there is memory for manifests of `n_bytes` together.
    pub(super) async fn reserve_manifest(
        &self,
        n_bytes: u64,
    ) -> Result<Option<SemaphorePermit<'_>>> {
        let n_mib = n_bytes
            .div_ceil(1 << 20)
            .clamp(1, manifest::MAX_BYTES >> 20);
        let permits = u32::try_from(n_mib).map_err(TrackingError::internal)?;
        let manifests = &self.inner.artifacts.manifests;
        let permit = manifests.acquire_many(permits).await;
        permit.map(Some).map_err(TrackingError::internal)
    }

    /// Reads a manifest from the blob store. The caller has reserved the memory.
    pub(super) async fn read_manifest(
        &self,
        artifact: &ArtifactRecord,
        object_key: &str,
        md5: Option<[u8; 16]>,
    ) -> Result<Manifest> {
        let (_, body) = self.inner.blobs.get_stream(object_key, None).await?;
        let reader = BodyReader::new(body);
        let reading = tokio::task::spawn_blocking(move || {
            let mut reader = reader;
            let manifest = Manifest::read(&mut reader, md5);
            (manifest, reader.failure)
        });
        match reading.await.map_err(TrackingError::internal)? {
            (_, Some(error)) => Err(error.into()),
            (Ok(manifest), None) => Ok(manifest),
            (Err(error), None) => Err(TrackingError::Invalid(format!(
                "a version of artifact `{}`: {error}",
                artifact.collection.name
            ))),
        }
    }

    /// The blobs of all contents that the manifest names.
    async fn blobs_of(
        &self,
        artifact: &ArtifactRecord,
        manifest: &Manifest,
    ) -> Result<HashMap<[u8; 16], BlobRecord>> {
        let entity = artifact.collection.entity;
        self.inner.artifacts.arrivals.flush().await?;
        let md5s: HashSet<[u8; 16]> = manifest
            .entries()
            .filter_map(|(_, entry)| match &entry.content {
                Content::Stored(md5) => Some(*md5),
                Content::Reference(_) => None,
            })
            .collect();
        let md5s: Vec<[u8; 16]> = md5s.into_iter().collect();
        let find = async |md5s: &[[u8; 16]]| {
            let found = self.inner.meta.read().blobs_by_md5(entity, md5s).await?;
            Ok::<_, TrackingError>(found.into_iter().map(|blob| (blob.md5, blob)))
        };
        let mut blobs: HashMap<[u8; 16], BlobRecord> = find(&md5s).await?.collect();
        if blobs.len() < md5s.len() {
            let missing: HashSet<[u8; 16]> = md5s
                .iter()
                .filter(|md5| !blobs.contains_key(*md5))
                .copied()
                .collect();
            // Rare and large: most commits need none of it.
            if self.inner.blobs.transfers_directly() {
                Box::pin(self.promote(artifact, &missing)).await?;
            } else {
                Box::pin(self.take_in_unrecorded(artifact, &missing)).await?;
            }
            let missing: Vec<[u8; 16]> = missing.into_iter().collect();
            blobs.extend(find(&missing).await?);
        }
        if blobs.len() == md5s.len() {
            return Ok(blobs);
        }
        let mut lost = manifest.entries().filter(
            |(_, entry)| matches!(&entry.content, Content::Stored(md5) if !blobs.contains_key(md5)),
        );
        let named: Vec<String> = (&mut lost)
            .take(NAMED_FILES)
            .map(|(path, _)| format!("`{path}`"))
            .collect();
        let more = match lost.count() {
            0 => String::new(),
            n_more => format!(" and {n_more} more"),
        };
        Err(TrackingError::Invalid(format!(
            "a version of artifact `{}` names files that were never uploaded: {}{more}",
            artifact.collection.name,
            named.join(", ")
        )))
    }

    /// Copies the staged contents that are wanted to objects of their own, which no address for uploading ever named,
    /// and takes them in. What is taken in stays so if a later one fails.
    async fn promote(&self, artifact: &ArtifactRecord, wanted: &HashSet<[u8; 16]>) -> Result<()> {
        let staged: Vec<Staged> = self
            .inner
            .blobs
            .list(&staging::folder(artifact.key))
            .try_filter_map(async |listed| {
                let md5 = staging::md5_of(&listed.key).filter(|md5| wanted.contains(md5));
                Ok(md5.map(|md5| Staged {
                    tag: listed.info.etag,
                    size_bytes: listed.info.size_bytes,
                    key: listed.key,
                    md5,
                    blake3: None,
                }))
            })
            .try_collect()
            .await?;
        let tagged = staged.into_iter().map(|content| {
            let blobs = self.inner.blobs.clone();
            async move { with_tag(content, &blobs).await }.boxed()
        });
        let mut staged: Vec<Staged> = stream::iter(tagged)
            .buffered(CONCURRENT_COPIES)
            .try_collect()
            .await?;
        let limit = self.limits().file_bytes;
        for content in &mut staged {
            if content.size_bytes > limit {
                return Err(TrackingError::TooLarge {
                    what: "file",
                    found: content.size_bytes,
                    limit,
                });
            }
            if content.tag.as_deref().is_none_or(is_tag_of_parts) {
                self.check_joined(content).await?;
            }
        }
        let (entity, first_artifact) = (artifact.collection.entity, artifact.key);
        for part in staged.chunks(PER_TRANSACTION) {
            let now = self.inner.clock.now();
            let part: Vec<(String, NewBlob)> = part
                .iter()
                .map(|content| {
                    let blob = NewBlob {
                        entity,
                        md5: content.md5,
                        blake3: content.blake3,
                        size_bytes: content.size_bytes,
                        object_key: self.blob_object_key(entity, content.md5),
                        first_artifact,
                        created_at: now,
                    };
                    (content.key.clone(), blob)
                })
                .collect();
            let pending: Vec<String> = part
                .iter()
                .map(|(_, blob)| blob.object_key.clone())
                .collect();
            self.inner
                .meta
                .write(move |tx| {
                    Box::pin(async move {
                        tx.add_pending_objects(&pending, now).await?;
                        Ok::<_, MetaError>(())
                    })
                })
                .await?;
            let places: Vec<(String, String)> = part
                .iter()
                .map(|(staged_key, blob)| (staged_key.clone(), blob.object_key.clone()))
                .collect();
            let copies = places.into_iter().map(|(staged_key, object_key)| {
                let blobs = self.inner.blobs.clone();
                async move { blobs.copy(&staged_key, &object_key).await }
            });
            stream::iter(copies)
                .buffer_unordered(CONCURRENT_COPIES)
                .try_collect::<()>()
                .await?;
            self.inner
                .meta
                .write(move |tx| {
                    Box::pin(async move {
                        let blobs = part.into_iter().map(|(_, blob)| blob).collect();
                        take_in(tx, blobs)
                            .await?
                            .into_iter()
                            .collect::<Result<()>>()
                    })
                })
                .await?;
        }
        Ok(())
    }

    /// Checks the MD5 of a content that the bucket joined from parts, whose MD5s alone it has compared. One that is wrong
    /// is deleted.
    async fn check_joined(&self, content: &mut Staged) -> Result<()> {
        let hashed = self.hash_staged(content.key.clone()).await.await;
        let hashes = &self.inner.artifacts.hashes;
        let hashed = match hashed {
            Ok(hashed) => hashed,
            Err(error) => {
                hashes.invalidate(&content.key).await;
                return Err(TrackingError::Unavailable(error.into()));
            }
        };
        if hashed.md5 != content.md5 {
            self.inner.blobs.delete(&content.key).await?;
            hashes.invalidate(&content.key).await;
            return Err(TrackingError::Invalid(format!(
                "the parts of a content that was announced with MD5 `{}` have `{}` together; upload it again",
                BASE64_STANDARD.encode(content.md5),
                BASE64_STANDARD.encode(hashed.md5)
            )));
        }
        content.blake3 = Some(hashed.blake3);
        Ok(())
    }

    /// A new object for a manifest; never used before.
    fn manifest_object_key(&self, artifact: &ArtifactRecord) -> String {
        let random = random_text(&*self.inner.entropy, ID_ALPHABET, 20);
        format!(
            "manifests/{}/{}-{random}.json",
            artifact.collection.entity, artifact.key
        )
    }
}

/// A content in the bucket that waits for its commit.
struct Staged {
    key: String,
    md5: [u8; 16],
    size_bytes: u64,
    /// The bucket's tag. If it is not that of an upload in one piece, the MD5 of the whole was never compared.
    tag: Option<String>,
    blake3: Option<[u8; 32]>,
}

/// Asks for the tag of a content, where the list of the bucket had none.
async fn with_tag(mut content: Staged, blobs: &Blobs) -> Result<Staged, BlobError> {
    if content.tag.is_none() {
        let info = blobs.head(&content.key).await?;
        content.tag = info.and_then(|info| info.etag);
    }
    Ok(content)
}

/// Whether the tag of an object is not that of an upload in one piece, which is 32 digits.
fn is_tag_of_parts(etag: &str) -> bool {
    let etag = etag.trim_matches('"');
    etag.len() != 32 || !etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The transaction that makes a version visible.
async fn commit(
    tx: &ballast_meta::Tx<'_>,
    announced: ArtifactRecord,
    mut committed: CommittedArtifact,
    used: &[BlobKey],
    now: Timestamp,
) -> Result<()> {
    let collection = announced.collection.key;
    let object_key = committed.manifest_object.clone();
    let gone = || TrackingError::not_found("artifact", &announced.collection.name);
    let locked = tx.lock_collection(collection).await?;
    if locked.is_none_or(|collection| collection.is_deleted) {
        return Err(gone());
    }
    let artifact = tx.lock_artifact(announced.key).await?.ok_or_else(gone)?;
    if artifact.state != ArtifactState::Pending {
        // Someone else has committed or deleted it meanwhile.
        tx.doom_pending_object(&object_key, now).await?;
        return Ok(());
    }
    let wanted = Wanted::of(&artifact)?;
    let same = if wanted.deduplicate {
        tx.committed_with_digest(collection, &committed.digest)
            .await?
    } else {
        None
    };
    let author = Author {
        user: artifact.user,
        at: now,
    };
    let (version, membership) = if let Some(same) = same {
        tx.doom_pending_object(&object_key, now).await?;
        tx.resolve_artifact(artifact.key, same.key, now).await?;
        let membership = tx.membership_of(collection, same.key).await?;
        let membership = membership.ok_or_else(gone)?;
        if let Some(run) = artifact.run {
            note_logged_again(tx, author, same.key, run).await?;
        }
        (same.key, membership.key)
    } else {
        let version = tx.take_version(collection).await?;
        committed.version = version;
        if tx.use_blobs(artifact.key, used).await? != used.len() as u64 {
            return Err(TrackingError::Invalid(format!(
                "files of a version of artifact `{}` waited for its commit too long; upload them again",
                announced.collection.name
            )));
        }
        tx.commit_artifact(artifact.key, committed, now).await?;
        if !tx.settle_pending_object(&object_key).await? {
            return Err(TrackingError::Conflict(
                "the manifest waited for its commit too long; commit again".to_owned(),
            ));
        }
        let membership = tx
            .insert_membership(collection, artifact.key, version, None, now)
            .await?;
        author
            .note(tx, artifact.key, ArtifactEventKind::Committed, None)
            .await?;
        (artifact.key, membership)
    };
    let latest = ArtifactAlias::new(LATEST)?;
    for alias in wanted.aliases()?.iter().chain([&latest]) {
        author
            .put_alias(tx, &artifact.collection, membership, version, alias)
            .await?;
    }
    author
        .change_tags(tx, version, &wanted.tags()?, &[])
        .await?;
    if let Some(run) = artifact.run {
        tx.add_artifact_run(run, version, ArtifactRole::Logged, None, now)
            .await?;
    }
    Ok(())
}

/// Reads the body of a blob on a thread that may block.
pub(super) struct BodyReader {
    body: BlobStream,
    chunk: Bytes,
    handle: Handle,
    /// Why the body broke off.
    failure: Option<BlobError>,
}

impl BodyReader {
    /// Must be called on a thread of the runtime.
    pub(super) fn new(body: BlobStream) -> Self {
        Self {
            body,
            chunk: Bytes::new(),
            handle: Handle::current(),
            failure: None,
        }
    }
}

impl io::Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            match self.handle.block_on(self.body.next()) {
                None => return Ok(0),
                Some(Ok(chunk)) => self.chunk = chunk,
                Some(Err(error)) => {
                    self.failure = Some(error);
                    return Err(io::Error::other("the blob store failed"));
                }
            }
        }
        let n_read = self.chunk.len().min(buffer.len());
        buffer[..n_read].copy_from_slice(&self.chunk[..n_read]);
        self.chunk.advance(n_read);
        Ok(n_read)
    }
}
