//! The files of a version.

use std::sync::Arc;

use ballast_meta::artifacts::{ArtifactRecord, BlobRecord};
use ballast_model::ArtifactKey;

use super::TransferTarget;
use super::contents::manifest_object;
use super::manifest::{Content, Manifest};
use crate::files::content_type_of;
use crate::{Caller, Result, Tracking};

/// Which files of a version to list, in byte order of their paths. Entries that only refer to something elsewhere are
/// left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentListing {
    /// Exactly these paths.
    pub paths: Option<Vec<String>>,
    /// Paths behind this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// A stored file of a committed version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionFile {
    /// The path in the version.
    pub path: String,
    blob: BlobRecord,
}

impl VersionFile {
    /// Size in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.blob.size_bytes
    }

    /// MD5 of the bytes.
    pub fn md5(&self) -> [u8; 16] {
        self.blob.md5
    }

    /// The version that the content was first uploaded for.
    pub fn first_artifact(&self) -> ArtifactKey {
        self.blob.first_artifact
    }

    /// Content type, guessed from the name.
    pub fn mime_type(&self) -> String {
        content_type_of(&self.path)
    }
}

/// The stored files of a version, sorted by path: all paths in one text, so that a large list takes little more memory
/// than its characters.
#[derive(Debug, Default)]
pub(crate) struct FileList {
    paths: String,
    /// Where each path ends in `paths`.
    ends: Vec<u32>,
    md5s: Vec<[u8; 16]>,
}

impl FileList {
    fn new(manifest: &Manifest) -> Self {
        let mut list = Self::default();
        for (path, entry) in manifest.entries() {
            if let Content::Stored(md5) = entry.content {
                list.paths.push_str(path);
                // A manifest has at most 256 MiB.
                list.ends.push(list.paths.len() as u32);
                list.md5s.push(md5);
            }
        }
        list
    }

    /// Bytes that the list takes.
    pub(crate) fn weight(&self) -> u32 {
        let n_bytes = self.paths.len() + 20 * self.ends.len() + 100;
        u32::try_from(n_bytes).unwrap_or(u32::MAX)
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn path(&self, index: usize) -> &str {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize);
        &self.paths[start..self.ends[index] as usize]
    }

    /// The position of the first path that is not before `path`, and whether it is that path.
    fn find(&self, path: &str) -> (usize, bool) {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.path(middle) < path {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low, low < self.len() && self.path(low) == path)
    }
}

impl Tracking {
    /// A page of the stored files of a committed version.
    ///
    /// # Errors
    /// As [`Tracking::get_version`]; [`TrackingError::Conflict`](crate::TrackingError::Conflict) if the version is not
    /// committed.
    pub async fn list_contents(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        listing: &ContentListing,
    ) -> Result<Vec<VersionFile>> {
        let artifact = self.get_version(caller, artifact).await?;
        let list = self.file_list(&artifact).await?;
        let first = match &listing.after {
            Some(after) => match list.find(after) {
                (index, true) => index + 1,
                (index, false) => index,
            },
            None => 0,
        };
        let picked: Vec<usize> = match &listing.paths {
            Some(paths) => {
                let mut picked: Vec<usize> = paths
                    .iter()
                    .map(|path| list.find(path))
                    .filter(|(index, found)| *found && *index >= first)
                    .map(|(index, _)| index)
                    .collect();
                picked.sort_unstable();
                picked.dedup();
                picked.truncate(listing.limit);
                picked
            }
            None => (first..list.len()).take(listing.limit).collect(),
        };
        let mut md5s: Vec<[u8; 16]> = picked.iter().map(|index| list.md5s[*index]).collect();
        md5s.sort_unstable();
        md5s.dedup();
        let entity = artifact.collection.entity;
        let mut blobs = self.inner.meta.read().blobs_by_md5(entity, &md5s).await?;
        blobs.sort_unstable_by_key(|blob| blob.md5);
        let file = |index: usize| {
            let md5 = &list.md5s[index];
            // A blob can only be missing if the version was deleted meanwhile.
            let found = blobs.binary_search_by_key(md5, |blob| blob.md5).ok()?;
            Some(VersionFile {
                path: list.path(index).to_owned(),
                blob: blobs[found].clone(),
            })
        };
        Ok(picked.into_iter().filter_map(file).collect())
    }

    /// How many stored files a committed version has.
    ///
    /// # Errors
    /// As [`Tracking::list_contents`].
    pub async fn count_contents(&self, caller: &Caller, artifact: ArtifactKey) -> Result<u64> {
        let artifact = self.get_version(caller, artifact).await?;
        Ok(self.file_list(&artifact).await?.len() as u64)
    }

    /// Where anyone who is told may fetch a file, for a while.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`](crate::TrackingError::Unavailable) if the blob store cannot sign.
    pub async fn file_target(&self, file: &VersionFile) -> Result<TransferTarget> {
        self.content_target(&file.blob, Some(&file.mime_type()))
            .await
    }

    async fn file_list(&self, artifact: &ArtifactRecord) -> Result<Arc<FileList>> {
        let object_key = manifest_object(artifact)?;
        let lists = &self.inner.artifacts.file_lists;
        if let Some(list) = lists.get(&artifact.key).await {
            return Ok(list);
        }
        let permit = self.reserve_manifest(artifact.manifest_bytes).await?;
        // Whoever had the permit before may have read the same list.
        if let Some(list) = lists.get(&artifact.key).await {
            return Ok(list);
        }
        let manifest = self.read_manifest(artifact, object_key, None).await?;
        let list = Arc::new(FileList::new(&manifest));
        drop((manifest, permit));
        lists.insert(artifact.key, Arc::clone(&list)).await;
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_by_bisection() {
        let contents: Vec<String> = ["b", "a/x", "ü", "c"]
            .iter()
            .map(|path| format!(r#""{path}":{{"digest":"XUFAKrxLKna5cZ2REBfFkg=="}}"#))
            .collect();
        let text = format!(
            r#"{{"version":1,"contents":{{{},"r":{{"digest":"1","ref":"s3://b/k"}}}}}}"#,
            contents.join(",")
        );
        let list = FileList::new(&Manifest::read(text.as_bytes(), None).expect("valid"));
        let paths: Vec<&str> = (0..list.len()).map(|index| list.path(index)).collect();
        assert_eq!(paths, ["a/x", "b", "c", "ü"]);
        for (index, path) in paths.iter().enumerate() {
            assert_eq!(list.find(path), (index, true));
        }
        assert_eq!(list.find(""), (0, false));
        assert_eq!(list.find("bb"), (2, false));
        assert_eq!(list.find("ýz"), (4, false));
        assert_eq!(FileList::default().find("a"), (0, false));
    }
}
