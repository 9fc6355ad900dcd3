//! The files of a version.

use std::collections::HashMap;
use std::sync::Arc;

use ballast_meta::artifacts::{ArtifactRecord, BlobRecord};
use ballast_model::ArtifactKey;

use super::contents::manifest_object;
use super::manifest::{Content, Manifest};
use super::{OpenContent, TransferTarget};
use crate::files::{ByteRange, content_type_of};
use crate::{Access, Caller, Result, Tracking, TrackingError};

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

/// Which entries of a version to list, in byte order of their paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryListing {
    /// Paths that start with this.
    pub prefix: Option<String>,
    /// Paths behind this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// An entry of a committed version: a stored file, or a reference to something elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionEntry {
    /// The path in the version.
    pub path: String,
    /// Size in bytes; of a reference only if the client knew it.
    pub size_bytes: Option<u64>,
    /// MD5 of the bytes; `None` for a reference.
    pub md5: Option<[u8; 16]>,
    /// Where a reference leads.
    pub reference: Option<String>,
}

impl VersionEntry {
    /// Content type, guessed from the name.
    pub fn mime_type(&self) -> String {
        content_type_of(&self.path)
    }
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

    /// Where the bytes are in the blob store.
    pub(super) fn object_key(&self) -> &str {
        &self.blob.object_key
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

/// What a version consists of.
#[derive(Debug, Default)]
pub(crate) struct FileList {
    /// Files that are stored here.
    stored: PathList<[u8; 16]>,
    /// References to things elsewhere.
    references: PathList<Elsewhere>,
}

/// Where a reference leads.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    pub(crate) target: Box<str>,
    pub(crate) digest: Box<str>,
    pub(crate) size_bytes: Option<u64>,
}

/// Entries sorted by path: all paths in one text, so that a large list takes little more memory than its characters.
#[derive(Debug)]
pub(crate) struct PathList<T> {
    paths: String,
    /// Where each path ends in `paths`.
    ends: Vec<u32>,
    contents: Vec<T>,
}

impl<T> Default for PathList<T> {
    fn default() -> Self {
        Self {
            paths: String::new(),
            ends: Vec::new(),
            contents: Vec::new(),
        }
    }
}

/// What an entry of a list names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Listed<'a> {
    /// A content that is stored here, by its MD5.
    Stored(&'a [u8; 16]),
    /// Something elsewhere.
    Reference(&'a Elsewhere),
}

impl FileList {
    pub(super) fn new(manifest: &Manifest) -> Self {
        let mut list = Self::default();
        for (path, entry) in manifest.entries() {
            match &entry.content {
                Content::Stored(md5) => list.stored.push(path, *md5),
                Content::Reference(reference) => list.references.push(
                    path,
                    Elsewhere {
                        target: reference.target.as_str().into(),
                        digest: reference.digest.as_str().into(),
                        size_bytes: entry.size_bytes,
                    },
                ),
            }
        }
        list
    }

    /// Bytes that the list takes.
    pub(crate) fn weight(&self) -> u32 {
        let references = self.references.contents.iter();
        let texts = references.map(|found| found.target.len() + found.digest.len());
        let n_bytes = self.stored.paths.len()
            + 20 * self.stored.len()
            + self.references.paths.len()
            + texts.sum::<usize>()
            + 60 * self.references.len()
            + 100;
        u32::try_from(n_bytes).unwrap_or(u32::MAX)
    }

    /// Entries whose paths are not before `first`, in byte order of their paths.
    pub(crate) fn entries_from(&self, first: &str) -> impl Iterator<Item = (&str, Listed<'_>)> {
        let mut stored = self.stored.from(first).peekable();
        let mut references = self.references.from(first).peekable();
        std::iter::from_fn(move || {
            let is_stored = match (stored.peek(), references.peek()) {
                (Some((file, _)), Some((reference, _))) => file < reference,
                (found, _) => found.is_some(),
            };
            if is_stored {
                let (path, md5) = stored.next()?;
                Some((path, Listed::Stored(md5)))
            } else {
                let (path, reference) = references.next()?;
                Some((path, Listed::Reference(reference)))
            }
        })
    }
}

impl<T> PathList<T> {
    fn push(&mut self, path: &str, content: T) {
        self.paths.push_str(path);
        // A manifest has at most 256 MiB.
        self.ends.push(self.paths.len() as u32);
        self.contents.push(content);
    }

    /// Entries whose paths are not before `first`.
    fn from(&self, first: &str) -> impl Iterator<Item = (&str, &T)> {
        let (first, _) = self.find(first);
        (first..self.len()).map(|index| (self.path(index), &self.contents[index]))
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
    /// As [`Tracking::get_version`]; [`TrackingError::Conflict`] if the version is not
    /// committed.
    pub async fn list_contents(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        listing: &ContentListing,
    ) -> Result<Vec<VersionFile>> {
        let artifact = self.version_for(caller, artifact, Access::Read).await?;
        let list = self.file_list(&artifact).await?;
        let list = &list.stored;
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
        let mut md5s: Vec<[u8; 16]> = picked.iter().map(|index| list.contents[*index]).collect();
        md5s.sort_unstable();
        md5s.dedup();
        let entity = artifact.collection.entity;
        let mut blobs = self.inner.meta.read().blobs_by_md5(entity, &md5s).await?;
        blobs.sort_unstable_by_key(|blob| blob.md5);
        let file = |index: usize| {
            let md5 = &list.contents[index];
            // A blob can only be missing if the version was deleted meanwhile.
            let found = blobs.binary_search_by_key(md5, |blob| blob.md5).ok()?;
            Some(VersionFile {
                path: list.path(index).to_owned(),
                blob: blobs[found].clone(),
            })
        };
        Ok(picked.into_iter().filter_map(file).collect())
    }

    /// A page of the entries of a committed version, references included.
    ///
    /// # Errors
    /// As [`Tracking::list_contents`].
    pub async fn list_entries(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        listing: &EntryListing,
    ) -> Result<Vec<VersionEntry>> {
        let artifact = self.version_for(caller, artifact, Access::Read).await?;
        let list = self.file_list(&artifact).await?;
        let prefix = listing.prefix.as_deref().unwrap_or_default();
        let after = listing.after.as_deref();
        let first = after.map_or(prefix, |after| after.max(prefix));
        let picked: Vec<(&str, Listed<'_>)> = list
            .entries_from(first)
            .skip_while(|(path, _)| Some(*path) == after)
            .take_while(|(path, _)| path.starts_with(prefix))
            .take(listing.limit)
            .collect();
        let md5s = picked.iter().filter_map(|(_, listed)| match listed {
            Listed::Stored(md5) => Some(**md5),
            Listed::Reference(_) => None,
        });
        let sizes = self.content_sizes(&artifact, md5s.collect()).await?;
        Ok(picked
            .into_iter()
            .map(|(path, listed)| match listed {
                Listed::Stored(md5) => VersionEntry {
                    path: path.to_owned(),
                    size_bytes: sizes.get(md5).copied(),
                    md5: Some(*md5),
                    reference: None,
                },
                Listed::Reference(found) => VersionEntry {
                    path: path.to_owned(),
                    size_bytes: found.size_bytes,
                    md5: None,
                    reference: Some(found.target.to_string()),
                },
            })
            .collect())
    }

    /// The sizes of contents that a version has.
    pub(crate) async fn content_sizes(
        &self,
        artifact: &ArtifactRecord,
        mut md5s: Vec<[u8; 16]>,
    ) -> Result<HashMap<[u8; 16], u64>> {
        md5s.sort_unstable();
        md5s.dedup();
        let entity = artifact.collection.entity;
        let blobs = self.inner.meta.read().blobs_by_md5(entity, &md5s).await?;
        Ok(blobs
            .into_iter()
            .map(|blob| (blob.md5, blob.size_bytes))
            .collect())
    }

    /// A stored file of a committed version.
    ///
    /// # Errors
    /// As [`Tracking::list_contents`]; [`TrackingError::NotFound`] if it has no entry at that path;
    /// [`TrackingError::Conflict`] if the entry is a reference, which says where it leads.
    pub async fn get_version_file(
        &self,
        caller: &Caller,
        artifact: ArtifactKey,
        path: &str,
    ) -> Result<VersionFile> {
        let listing = ContentListing {
            paths: Some(vec![path.to_owned()]),
            after: None,
            limit: 1,
        };
        let mut found = self.list_contents(caller, artifact, &listing).await?;
        if let Some(file) = found.pop() {
            return Ok(file);
        }
        let artifact = self.version_for(caller, artifact, Access::Read).await?;
        let list = self.file_list(&artifact).await?;
        match list.entries_from(path).next() {
            Some((found, Listed::Reference(reference))) if found == path => {
                Err(TrackingError::Conflict(format!(
                    "file `{path}` is not stored here: it is a reference to `{}`",
                    reference.target
                )))
            }
            _ => Err(TrackingError::not_found_in(
                "file",
                path,
                format_args!(
                    "{}:v{}",
                    artifact.collection.name,
                    artifact.version.unwrap_or_default()
                ),
            )),
        }
    }

    /// Opens a stored file.
    ///
    /// # Errors
    /// [`TrackingError::Invalid`] if `range` names no byte of it; [`TrackingError::NotFound`] if it is gone meanwhile.
    pub async fn open_version_file(
        &self,
        file: &VersionFile,
        range: Option<ByteRange>,
    ) -> Result<OpenContent> {
        self.open_blob(
            &file.blob.object_key,
            file.blob.size_bytes,
            file.blob.md5,
            range,
        )
        .await
    }

    /// How many stored files a committed version has.
    ///
    /// # Errors
    /// As [`Tracking::list_contents`].
    pub async fn count_contents(&self, caller: &Caller, artifact: ArtifactKey) -> Result<u64> {
        let artifact = self.version_for(caller, artifact, Access::Read).await?;
        Ok(self.file_list(&artifact).await?.stored.len() as u64)
    }

    /// Where anyone who is told may fetch a file, for a while.
    ///
    /// # Errors
    /// [`TrackingError::Unavailable`] if the blob store cannot sign.
    pub async fn file_target(&self, file: &VersionFile) -> Result<TransferTarget> {
        self.content_target(&file.blob, Some(&file.mime_type()))
            .await
    }

    pub(crate) async fn file_list(&self, artifact: &ArtifactRecord) -> Result<Arc<FileList>> {
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
        let all: Vec<&str> = list.entries_from("").map(|(path, _)| path).collect();
        assert_eq!(all, ["a/x", "b", "c", "r", "ü"]);
        let rest: Vec<&str> = list.entries_from("bb").map(|(path, _)| path).collect();
        assert_eq!(rest, ["c", "r", "ü"]);
        let list = list.stored;
        let paths: Vec<&str> = (0..list.len()).map(|index| list.path(index)).collect();
        assert_eq!(paths, ["a/x", "b", "c", "ü"]);
        for (index, path) in paths.iter().enumerate() {
            assert_eq!(list.find(path), (index, true));
        }
        assert_eq!(list.find(""), (0, false));
        assert_eq!(list.find("bb"), (2, false));
        assert_eq!(list.find("ýz"), (4, false));
        assert_eq!(PathList::<()>::default().find("a"), (0, false));
    }
}
