//! Verification: every stored chunk, segment, piece of a console, file, artifact content and manifest against its checksum.

use ballast_blobs::{BlobError, Stored};
use ballast_history::{Projection, decode_chunk};
use ballast_meta::artifacts::BlobKey;
use ballast_meta::{ChunkKey, ConsolePlace, FileKey, SegmentKey};
use ballast_model::ArtifactKey;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::TryStreamExt as _;
use md5::{Digest as _, Md5};

use crate::artifacts::hex;
use crate::{Result, Tracking, console};

/// Rows that are read from the metadata database at once.
const PER_READ: u64 = 256;

/// What was verified and what was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Chunks that were read.
    pub n_chunks: u64,
    /// Segments that were read.
    pub n_segments: u64,
    /// Chunks and blocks of consoles that were read.
    pub n_console_parts: u64,
    /// Files of runs that were read.
    pub n_files: u64,
    /// Contents of artifacts that were read.
    pub n_contents: u64,
    /// Manifests of artifact versions that were read.
    pub n_manifests: u64,
    /// What is wrong, one line each, naming the thing.
    pub faults: Vec<String>,
}

impl Tracking {
    /// Reads everything that is stored and compares it with its checksums. Changes nothing.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`](crate::TrackingError::Unavailable) if a store does not answer; what is damaged
    /// is no error but a fault in the report.
    pub async fn verify(&self) -> Result<Verification> {
        let mut report = Verification::default();
        self.verify_chunks(&mut report).await?;
        self.verify_segments(&mut report).await?;
        self.verify_consoles(&mut report).await?;
        self.verify_files(&mut report).await?;
        self.verify_contents(&mut report).await?;
        self.verify_manifests(&mut report).await?;
        Ok(report)
    }

    async fn verify_chunks(&self, report: &mut Verification) -> Result<()> {
        let db = self.inner.meta.read();
        let mut after: Option<ChunkKey> = None;
        loop {
            let heads = db.all_chunks(after, PER_READ).await?;
            let Some(last) = heads.last() else {
                return Ok(());
            };
            after = Some(last.key);
            for head in heads {
                let bodies = db.chunk_bodies(&[head.key]).await?;
                // A chunk that was folded meanwhile is verified as part of its segment.
                let Some((_, body)) = bodies.into_iter().next() else {
                    continue;
                };
                report.n_chunks += 1;
                let name = format!(
                    "chunk {} (lines {:?} of generation {})",
                    head.key.0, head.lines, head.generation
                );
                match decode_chunk(&body, &Projection::All) {
                    Ok(rows) if rows.n_rows() as u64 == head.lines.end - head.lines.start => {}
                    Ok(rows) => report
                        .faults
                        .push(format!("{name} holds {} rows", rows.n_rows())),
                    Err(error) => report.faults.push(format!("{name}: {error}")),
                }
            }
        }
    }

    async fn verify_segments(&self, report: &mut Verification) -> Result<()> {
        let mut after: Option<SegmentKey> = None;
        loop {
            let segments = self.inner.meta.read().all_segments(after, PER_READ).await?;
            let Some(last) = segments.last() else {
                return Ok(());
            };
            after = Some(last.key);
            for segment in segments {
                report.n_segments += 1;
                let name = format!("segment `{}`", segment.object_key);
                let Ok(checksum) = <[u8; 32]>::try_from(&segment.checksum[..]) else {
                    report.faults.push(format!(
                        "{name} has a checksum of {} bytes",
                        segment.checksum.len()
                    ));
                    continue;
                };
                let verified = self
                    .inner
                    .engine
                    .verify_segment(&segment.object_key, &segment.index, &checksum)
                    .await;
                if let Err(error) = verified {
                    report
                        .faults
                        .push(format!("{name}: {}", with_sources(&error)));
                }
            }
        }
    }

    /// Lines may be missing between chunks and blocks, since a client may skip some; but each must have as many as it says,
    /// no more than the console has, and no two blocks may have the same.
    async fn verify_consoles(&self, report: &mut Verification) -> Result<()> {
        let db = self.inner.meta.read();
        let mut after = None;
        loop {
            let places = db.all_console_chunks(after, PER_READ).await?;
            let Some(last) = places.last() else {
                break;
            };
            after = Some(last.key);
            for place in places {
                let bodies = db.console_chunk_bodies(&[place.key]).await?;
                // A chunk that was folded meanwhile is verified as part of a block.
                if let Some((key, body)) = bodies.first() {
                    report.add_console_part(&format!("console chunk {}", key.0), &place, body);
                }
            }
        }
        let mut after = None;
        loop {
            let places = db.all_console_blocks(after, PER_READ).await?;
            let Some(last) = places.last() else {
                break;
            };
            after = Some(last.key);
            for place in places {
                let bodies = db.console_block_bodies(&[place.key]).await?;
                // A block that was folded anew meanwhile comes again, with a later key.
                if let Some((key, body)) = bodies.first() {
                    report.add_console_part(&format!("console block {}", key.0), &place, body);
                }
            }
        }
        for (one, other) in db.overlapping_console_blocks(PER_READ).await? {
            report.faults.push(format!(
                "console blocks {} and {} have the same lines",
                one.0, other.0
            ));
        }
        Ok(())
    }

    async fn verify_files(&self, report: &mut Verification) -> Result<()> {
        let mut after: Option<FileKey> = None;
        loop {
            let files = self
                .inner
                .meta
                .read()
                .all_run_files(after, PER_READ)
                .await?;
            let Some(last) = files.last() else {
                return Ok(());
            };
            after = Some(last.key);
            for file in files {
                report.n_files += 1;
                let name = format!(
                    "file `{}` of run {} (object `{}`)",
                    file.path, file.run, file.object_key
                );
                let hashed = self.hash_object(&file.object_key).await;
                match hashed {
                    Err(error) => report
                        .faults
                        .push(format!("{name}: {}", with_sources(&error))),
                    Ok(found) if found.size_bytes != file.size_bytes => {
                        report.faults.push(format!(
                            "{name} has {} bytes, expected {}",
                            found.size_bytes, file.size_bytes
                        ));
                    }
                    Ok(found) if file.blake3.is_some_and(|digest| digest != found.blake3) => {
                        report
                            .faults
                            .push(format!("{name} does not match its checksum"));
                    }
                    Ok(_) => {}
                }
            }
        }
    }
}

impl Tracking {
    async fn verify_contents(&self, report: &mut Verification) -> Result<()> {
        let mut after: Option<BlobKey> = None;
        loop {
            let blobs = self.inner.meta.read().all_blobs(after, PER_READ).await?;
            let Some(last) = blobs.last() else {
                return Ok(());
            };
            after = Some(last.key);
            for blob in blobs {
                report.n_contents += 1;
                let name = format!(
                    "artifact content {} of entity {} (object `{}`)",
                    hex(blob.md5),
                    blob.entity,
                    blob.object_key
                );
                match self.hash_object(&blob.object_key).await {
                    Err(error) => report
                        .faults
                        .push(format!("{name}: {}", with_sources(&error))),
                    Ok(found) if found.size_bytes != blob.size_bytes => {
                        report.faults.push(format!(
                            "{name} has {} bytes, expected {}",
                            found.size_bytes, blob.size_bytes
                        ));
                    }
                    Ok(found)
                        if found.md5 != blob.md5
                            || blob.blake3.is_some_and(|digest| digest != found.blake3) =>
                    {
                        report
                            .faults
                            .push(format!("{name} does not match its checksum"));
                    }
                    Ok(_) => {}
                }
            }
        }
    }

    async fn verify_manifests(&self, report: &mut Verification) -> Result<()> {
        let mut after: Option<ArtifactKey> = None;
        loop {
            let db = self.inner.meta.read();
            let manifests = db.all_manifest_objects(after, PER_READ).await?;
            let Some((last, _)) = manifests.last() else {
                return Ok(());
            };
            after = Some(*last);
            for (artifact, object_key) in manifests {
                let Some(artifact) = db.artifact(artifact).await? else {
                    continue;
                };
                report.n_manifests += 1;
                let name = format!(
                    "manifest of `{}:v{}` (object `{object_key}`)",
                    artifact.collection.name,
                    artifact.version.unwrap_or_default()
                );
                match self.hash_object(&object_key).await {
                    Err(error) => report
                        .faults
                        .push(format!("{name}: {}", with_sources(&error))),
                    Ok(found)
                        if Some(BASE64_STANDARD.encode(found.md5)) != artifact.manifest_md5 =>
                    {
                        report
                            .faults
                            .push(format!("{name} does not match its checksum"));
                    }
                    Ok(_) => {}
                }
            }
        }
    }

    /// Reads an object to its end.
    pub(crate) async fn hash_object(&self, object_key: &str) -> Result<Stored, BlobError> {
        let (_, body) = self.inner.blobs.get_stream(object_key, None).await?;
        let state = (blake3::Hasher::new(), Md5::new(), 0_u64);
        let (blake3, md5, size_bytes) = body
            .try_fold(state, |(mut blake3, mut md5, size), bytes| async move {
                blake3.update(&bytes);
                md5.update(&bytes);
                Ok((blake3, md5, size + bytes.len() as u64))
            })
            .await?;
        Ok(Stored {
            size_bytes,
            md5: md5.finalize().into(),
            blake3: *blake3.finalize().as_bytes(),
        })
    }
}

impl Verification {
    fn add_console_part<K>(&mut self, what: &str, place: &ConsolePlace<K>, body: &[u8]) {
        self.n_console_parts += 1;
        let name = format!("{what} (lines {:?} of run {})", place.lines, place.run);
        if let Err(fault) = console::verify(body, &place.lines) {
            self.faults.push(format!("{name}: {fault}"));
        }
        if place.lines.end > place.console_lines {
            self.faults.push(format!(
                "{name} ends behind the console, which has {} lines",
                place.console_lines
            ));
        }
    }
}

/// An error's text with the texts below it.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
