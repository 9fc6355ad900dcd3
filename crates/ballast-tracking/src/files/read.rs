//! Listing and downloading.

use std::ops::Range;

use ballast_blobs::{BlobStream, SignedDownload};
use ballast_meta::{FileKey, FileQuery, FileRecord, MetaError};
use ballast_model::{FilePath, RunKey, RunPath, Timestamp};
use url::Url;

use crate::secrets::{FileTicket, TicketUse};
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// A stored file of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFile {
    /// Storage key; stays when the file is replaced.
    pub key: i64,
    /// The path in the run.
    pub path: FilePath,
    /// Size in bytes.
    pub size_bytes: u64,
    /// MD5 in base64, if known.
    pub md5: Option<String>,
    /// Content type, guessed from the name.
    pub mime_type: String,
    /// When it was last stored.
    pub updated_at: Timestamp,
}

/// Which files of a run to list, in byte order of their paths. Conditions are joined by *and*.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileListing {
    /// Paths that start with this.
    pub prefix: Option<String>,
    /// Paths that match this pattern: `%` stands for any text, `_` for any character.
    pub like: Option<String>,
    /// Exactly these paths.
    pub paths: Option<Vec<String>>,
    /// Paths behind this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// Which bytes of a file, as a client may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first byte to the second, both inclusive; to the end without the second.
    From(u64, Option<u64>),
    /// The last so many bytes.
    Last(u64),
}

/// A file that is being read.
pub struct OpenFile {
    /// The file.
    pub file: RunFile,
    /// The bytes that `body` gives; `None` for the whole file.
    pub range: Option<Range<u64>>,
    /// The bytes.
    pub body: BlobStream,
}

/// Where a client that brings no credentials may fetch a file for a while.
#[derive(Debug, Clone)]
pub enum DownloadTarget {
    /// From this server: a door puts the ticket into an address of its own and calls [`Tracking::open_ticket`].
    Ticket(String),
    /// Straight from the bucket.
    Direct(Url),
}

impl From<FileRecord> for RunFile {
    fn from(record: FileRecord) -> Self {
        Self {
            key: record.key.0,
            path: record.path,
            size_bytes: record.size_bytes,
            md5: record.md5,
            mime_type: record.mime_type,
            updated_at: record.updated_at,
        }
    }
}

impl ByteRange {
    /// The bytes of a file of `size` that are meant; `None` if there are none.
    pub(crate) fn within(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From(first, last) => {
                first..last.map_or(size, |last| last.saturating_add(1).min(size))
            }
            Self::Last(count) => size.saturating_sub(count)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

impl Tracking {
    /// A page of a run's files.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn list_files(
        &self,
        caller: &Caller,
        path: &RunPath,
        listing: &FileListing,
    ) -> Result<Vec<RunFile>> {
        let run = self.run_key(caller, path, Access::Read).await?;
        let query = FileQuery {
            prefix: listing.prefix.clone(),
            like: listing.like.clone(),
            paths: listing.paths.clone(),
            after: listing.after.clone(),
            limit: listing.limit as u64,
        };
        let files = self.inner.meta.read().list_run_files(run, &query).await?;
        Ok(files.into_iter().map(RunFile::from).collect())
    }

    /// How many files a run has.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn count_files(&self, caller: &Caller, path: &RunPath) -> Result<u64> {
        let run = self.run_key(caller, path, Access::Read).await?;
        Ok(self.inner.meta.read().count_run_files(run).await?)
    }

    /// A file of a run; `None` if there is none at that path.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn lookup_file(
        &self,
        caller: &Caller,
        path: &RunPath,
        file: &FilePath,
    ) -> Result<Option<RunFile>> {
        let run = self.run_key(caller, path, Access::Read).await?;
        let found = self.lookup_stored(run, file).await?;
        Ok(found.map(RunFile::from))
    }

    /// Opens a file of a run.
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::NotFound`] if there is no file at that path;
    /// [`TrackingError::Invalid`] if `range` names no byte of it.
    pub async fn open_file(
        &self,
        caller: &Caller,
        path: &RunPath,
        file: &FilePath,
        range: Option<ByteRange>,
    ) -> Result<OpenFile> {
        let run = self.run_key(caller, path, Access::Read).await?;
        self.open_stored(run, file, range).await
    }

    /// Opens the file that a download ticket names.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if the ticket is forged, expired or for something else; otherwise as
    /// [`Tracking::open_file`].
    pub async fn open_ticket(&self, ticket: &str, range: Option<ByteRange>) -> Result<OpenFile> {
        let FileTicket { run, path, .. } = self.open_sealed(ticket, TicketUse::Download)?;
        self.open_stored(run, &path, range).await
    }

    /// Where a client may fetch a file without credentials, for a while.
    ///
    /// # Errors
    /// As [`Tracking::open_file`].
    pub async fn download_target(
        &self,
        caller: &Caller,
        path: &RunPath,
        file: &FilePath,
    ) -> Result<DownloadTarget> {
        let run = self.run_key(caller, path, Access::Read).await?;
        if self.inner.blobs.transfers_directly() {
            let record = self.get_stored(run, file).await?;
            let signed = SignedDownload {
                expires_in: self.inner.settings.ticket_validity,
                content_disposition: Some("attachment"),
                content_type: Some(&record.mime_type),
            };
            if let Some(url) = self
                .inner
                .blobs
                .download_url(&record.object_key, signed)
                .await?
            {
                return Ok(DownloadTarget::Direct(url));
            }
        }
        let expires_at = self.inner.clock.now() + self.inner.settings.ticket_validity;
        let ticket = FileTicket {
            usage: TicketUse::Download,
            run,
            expires_at,
            path: file.clone(),
        };
        Ok(DownloadTarget::Ticket(self.inner.secret.seal(&ticket)))
    }

    /// Deletes files of a run by their storage keys; keys of other runs and of no file are passed over.
    ///
    /// # Errors
    /// As [`Tracking::get_run`].
    pub async fn delete_files(&self, caller: &Caller, path: &RunPath, keys: &[i64]) -> Result<()> {
        let run = self.run_key(caller, path, Access::Write).await?;
        let keys: Vec<FileKey> = keys.iter().copied().map(FileKey).collect();
        let now = self.inner.clock.now();
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    for key in keys {
                        if tx.run_file(key).await?.is_none_or(|file| file.run != run) {
                            continue;
                        }
                        if let Some(object) = tx.delete_run_file(key).await? {
                            tx.doom_object(&object, now).await?;
                        }
                    }
                    Ok::<_, MetaError>(())
                })
            })
            .await?;
        Ok(())
    }

    /// The path of the run that a file belongs to, if the caller may use it.
    pub async fn run_of_file(&self, caller: &Caller, key: i64) -> Result<Option<RunPath>> {
        let Some(file) = self.inner.meta.read().run_file(FileKey(key)).await? else {
            return Ok(None);
        };
        Ok(self
            .lookup_run_by_key(caller, file.run)
            .await?
            .map(|run| run.path()))
    }

    async fn get_stored(&self, run: RunKey, file: &FilePath) -> Result<FileRecord> {
        let found = self.lookup_stored(run, file).await?;
        found.ok_or_else(|| TrackingError::not_found("file", file))
    }

    async fn lookup_stored(&self, run: RunKey, file: &FilePath) -> Result<Option<FileRecord>> {
        // Bytes may have reached the bucket before their client says so.
        self.settle_uploads(run, std::slice::from_ref(file)).await?;
        let db = self.inner.meta.read();
        Ok(db.lookup_run_file(run, file.as_str()).await?)
    }

    async fn open_stored(
        &self,
        run: RunKey,
        file: &FilePath,
        range: Option<ByteRange>,
    ) -> Result<OpenFile> {
        let record = self.get_stored(run, file).await?;
        let size = record.size_bytes;
        let range = match range {
            Some(range) => Some(range.within(size).ok_or_else(|| {
                TrackingError::Invalid(format!(
                    "file `{file}` has {size} bytes; the range names none of them"
                ))
            })?),
            None => None,
        };
        let (_, body) = self
            .inner
            .blobs
            .get_stream(&record.object_key, range.clone())
            .await?;
        Ok(OpenFile {
            file: record.into(),
            range,
            body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_clipped_to_the_file() {
        assert_eq!(ByteRange::From(0, Some(3)).within(10), Some(0..4));
        assert_eq!(ByteRange::From(4, None).within(10), Some(4..10));
        assert_eq!(ByteRange::From(4, Some(u64::MAX)).within(10), Some(4..10));
        assert_eq!(ByteRange::From(10, None).within(10), None);
        assert_eq!(ByteRange::Last(3).within(10), Some(7..10));
        assert_eq!(ByteRange::Last(99).within(10), Some(0..10));
        assert_eq!(ByteRange::Last(0).within(10), None);
    }
}
