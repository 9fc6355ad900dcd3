//! Verifying one version: its manifest and every file in it, byte by byte.

use std::collections::HashMap;

use ballast_meta::artifacts::BlobRecord;
use futures::{StreamExt as _, stream};

use super::contents::manifest_object;
use super::list::FileList;
use super::manifest::md5_of;
use super::{Listed, VersionPath};
use crate::fsck::with_sources;
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// Contents that are read at the same time.
const CONCURRENT_READS: usize = 4;
/// Contents that are looked up at once.
const PER_READ: usize = 500;

/// What was verified of a version and what was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionVerification {
    /// Files that are stored here.
    pub n_files: u64,
    /// References, which are not followed.
    pub n_references: u64,
    /// Different contents that were read.
    pub n_contents: u64,
    /// Their sizes together, in bytes.
    pub n_bytes: u64,
    /// What is wrong, one line each, naming the file.
    pub faults: Vec<String>,
}

impl Tracking {
    /// Reads the manifest and every file of a version and compares them with their digests. Changes nothing.
    ///
    /// # Errors
    /// As [`Tracking::membership_at`]; [`TrackingError::Unavailable`] if the metadata database does not answer. What is
    /// damaged is no error but a fault in the report.
    pub async fn verify_version(
        &self,
        caller: &Caller,
        path: &VersionPath,
    ) -> Result<VersionVerification> {
        let artifact = self.membership_at(caller, path).await?.artifact;
        let artifact = self.version_for(caller, artifact.key, Access::Read).await?;
        let mut report = VersionVerification::default();
        let md5 = artifact.manifest_md5.as_deref().and_then(md5_of);
        let permit = self.reserve_manifest(artifact.manifest_bytes).await?;
        let read = self
            .read_manifest(&artifact, manifest_object(&artifact)?, md5)
            .await;
        let manifest = match read {
            Ok(manifest) => manifest,
            Err(error @ TrackingError::Internal(_)) => return Err(error),
            Err(error) => {
                report
                    .faults
                    .push(format!("the manifest: {}", with_sources(&error)));
                return Ok(report);
            }
        };
        if manifest.digest() != artifact.digest {
            report.faults.push(format!(
                "the manifest has the digest `{}`, expected `{}`",
                manifest.digest(),
                artifact.digest
            ));
        }
        let files = FileList::new(&manifest);
        drop((manifest, permit));
        let mut contents: Vec<([u8; 16], &str)> = Vec::new();
        for (path, listed) in files.entries_from("") {
            match listed {
                Listed::Stored(md5) => contents.push((*md5, path)),
                Listed::Reference(_) => report.n_references += 1,
            }
        }
        report.n_files = contents.len() as u64;
        contents.sort_unstable();
        contents.dedup_by_key(|(md5, _)| *md5);
        let entity = artifact.collection.entity;
        for part in contents.chunks(PER_READ) {
            let md5s: Vec<[u8; 16]> = part.iter().map(|(md5, _)| *md5).collect();
            let found = self.inner.meta.read().blobs_by_md5(entity, &md5s).await?;
            let blobs: HashMap<[u8; 16], BlobRecord> =
                found.into_iter().map(|blob| (blob.md5, blob)).collect();
            let verified = stream::iter(part.iter().map(|(md5, path)| {
                let blob = blobs.get(md5);
                async move { (blob, self.fault_of(path, blob).await) }
            }));
            let mut verified = verified.buffered(CONCURRENT_READS);
            while let Some((blob, fault)) = verified.next().await {
                report.n_contents += 1;
                report.n_bytes += blob.map_or(0, |blob| blob.size_bytes);
                report.faults.extend(fault);
            }
        }
        Ok(report)
    }

    /// What is wrong with the content of the file at `path`.
    async fn fault_of(&self, path: &str, blob: Option<&BlobRecord>) -> Option<String> {
        let Some(blob) = blob else {
            return Some(format!("file `{path}`: its content is not stored"));
        };
        let fault = match self.hash_object(&blob.object_key).await {
            Err(error) => with_sources(&error),
            Ok(found) if found.size_bytes != blob.size_bytes => {
                format!("{} bytes, expected {}", found.size_bytes, blob.size_bytes)
            }
            Ok(found)
                if found.md5 != blob.md5
                    || blob.blake3.is_some_and(|digest| digest != found.blake3) =>
            {
                "does not match its checksum".to_owned()
            }
            Ok(_) => return None,
        };
        Some(format!(
            "file `{path}` (object `{}`): {fault}",
            blob.object_key
        ))
    }
}
