//! Uploads.

use ballast_blobs::{Expect, SignedUpload};
use ballast_meta::{MetaError, NewRunFile, NewUpload, UploadRecord};
use ballast_model::clock::{ID_ALPHABET, random_text};
use ballast_model::{FilePath, RunKey, RunPath, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::Stream;
use url::Url;

use super::RunFile;
use crate::secrets::{FileTicket, TicketUse};
use crate::{Access, Caller, Result, Tracking, TrackingError};

/// A file that a client may now transfer.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The path in the run.
    pub path: FilePath,
    /// Where its bytes go.
    pub target: UploadTarget,
}

/// Where the bytes of an upload go.
#[derive(Debug, Clone)]
pub enum UploadTarget {
    /// Through this server: a door puts the ticket into an address of its own and hands the body to
    /// [`Tracking::receive_upload`].
    Through {
        /// Text that fits one part of a URL.
        ticket: String,
    },
    /// Straight to the bucket, after which the client says so and [`Tracking::mark_uploaded`] takes the file in.
    Direct {
        /// The signed address.
        url: Url,
        /// Headers that the client must send.
        headers: Vec<(String, String)>,
    },
}

impl Tracking {
    /// Prepares uploads of run files, in the order of `paths`.
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::Unavailable`] if the blob store cannot sign.
    pub async fn begin_uploads(
        &self,
        caller: &Caller,
        path: &RunPath,
        paths: Vec<FilePath>,
    ) -> Result<Vec<Upload>> {
        let run = self.run_key(caller, path, Access::Write).await?;
        let now = self.inner.clock.now();
        if self.inner.blobs.transfers_directly() {
            return self.begin_direct_uploads(run, paths, now).await;
        }
        let expires_at = now + self.inner.settings.ticket_validity;
        let uploads = paths.into_iter().map(|path| {
            let ticket = FileTicket {
                usage: TicketUse::Upload,
                run,
                expires_at,
                path: path.clone(),
            };
            Upload {
                path,
                target: UploadTarget::Through {
                    ticket: self.inner.secret.seal(&ticket),
                },
            }
        });
        Ok(uploads.collect())
    }

    async fn begin_direct_uploads(
        &self,
        run: RunKey,
        paths: Vec<FilePath>,
        now: Timestamp,
    ) -> Result<Vec<Upload>> {
        let mut uploads = Vec::with_capacity(paths.len());
        let mut records = Vec::with_capacity(paths.len());
        for path in paths {
            let object_key = self.new_object_key(run);
            let signed = SignedUpload {
                expires_in: self.inner.settings.ticket_validity,
                content_md5: None,
                content_type: None,
            };
            let request = self.inner.blobs.upload_url(&object_key, signed).await?;
            let request = request
                .ok_or_else(|| TrackingError::internal("the blob store does not sign uploads"))?;
            let target = UploadTarget::Direct {
                url: request.url,
                headers: request.headers,
            };
            uploads.push(Upload {
                path: path.clone(),
                target,
            });
            records.push(NewUpload {
                object_key,
                run,
                path,
                created_at: now,
            });
        }
        self.inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    for record in records {
                        tx.insert_upload(record).await?;
                    }
                    Ok::<_, MetaError>(())
                })
            })
            .await?;
        Ok(uploads)
    }

    /// Stores the body of an upload that a ticket allows. When this returns, the file is durable and visible.
    ///
    /// # Errors
    /// [`TrackingError::Forbidden`] if the ticket is forged, expired or for something else; [`TrackingError::Invalid`]
    /// if the body breaks off or does not match `content_length` or `md5`; [`TrackingError::TooLarge`] beyond the
    /// limit; [`TrackingError::NotFound`] if the run is gone. The file that was there before stays on every error.
    pub async fn receive_upload<E>(
        &self,
        ticket: &str,
        content_length: Option<u64>,
        md5: Option<[u8; 16]>,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<RunFile>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let FileTicket { run, path, .. } = self.open_sealed(ticket, TicketUse::Upload)?;
        let limit = self.limits().file_bytes;
        if let Some(found) = content_length.filter(|length| *length > limit) {
            return Err(TrackingError::TooLarge {
                what: "file",
                found,
                limit,
            });
        }
        let object_key = self.new_object_key(run);
        let now = self.inner.clock.now();
        let pending = object_key.clone();
        self.inner
            .meta
            .write(move |tx| Box::pin(async move { tx.add_pending_object(&pending, now).await }))
            .await?;
        let expect = Expect {
            content_length,
            md5,
            max_bytes: limit,
            is_new: false,
        };
        let stored = match self.inner.blobs.put_stream(&object_key, body, expect).await {
            Ok(stored) => stored,
            Err(error) => {
                // Nothing was stored under the key, so it is no longer pending; if even that cannot be noted, the
                // janitor finds it.
                let _ = self
                    .inner
                    .meta
                    .write(move |tx| {
                        Box::pin(async move { tx.settle_pending_object(&object_key).await })
                    })
                    .await;
                return Err(error.into());
            }
        };
        let file = NewRunFile {
            run,
            mime_type: mime_type(&path),
            path,
            object_key,
            size_bytes: stored.size_bytes,
            md5: Some(STANDARD.encode(stored.md5)),
            blake3: Some(stored.blake3),
            updated_at: now,
        };
        self.take_in(file).await
    }

    /// Takes in files that a client transferred straight to the bucket. Files that are not there, and files that
    /// passed through this server, are left alone; saying it twice is no error.
    ///
    /// # Errors
    /// As [`Tracking::get_run`]; [`TrackingError::Unavailable`] if the bucket does not answer.
    pub async fn mark_uploaded(
        &self,
        caller: &Caller,
        path: &RunPath,
        paths: &[FilePath],
    ) -> Result<()> {
        let run = self.run_key(caller, path, Access::Write).await?;
        self.settle_uploads(run, paths).await
    }

    pub(crate) async fn settle_uploads(&self, run: RunKey, paths: &[FilePath]) -> Result<()> {
        if !self.inner.blobs.transfers_directly() {
            return Ok(());
        }
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        for upload in self.inner.meta.read().uploads_of(run, &paths).await? {
            self.settle_upload(upload).await?;
        }
        Ok(())
    }

    /// Takes in one direct upload if its bytes have arrived; returns whether they had.
    pub(crate) async fn settle_upload(&self, upload: UploadRecord) -> Result<bool> {
        let Some(info) = self.inner.blobs.head(&upload.object_key).await? else {
            return Ok(false);
        };
        let limit = self.limits().file_bytes;
        if info.size_bytes > limit {
            let now = self.inner.clock.now();
            self.inner
                .meta
                .write(move |tx| {
                    Box::pin(async move {
                        tx.delete_upload(&upload.object_key).await?;
                        tx.doom_object(&upload.object_key, now).await
                    })
                })
                .await?;
            return Err(TrackingError::TooLarge {
                what: "file",
                found: info.size_bytes,
                limit,
            });
        }
        let file = NewRunFile {
            run: upload.run,
            mime_type: mime_type(&upload.path),
            path: upload.path,
            object_key: upload.object_key,
            size_bytes: info.size_bytes,
            // A bucket's tag of a plain PUT is the MD5 in hexadecimal; of anything else it is opaque.
            md5: info.etag.as_deref().and_then(md5_of_etag),
            blake3: None,
            updated_at: self.inner.clock.now(),
        };
        self.take_in(file).await.map(|_| true)
    }

    /// Makes a path name a stored object.
    async fn take_in(&self, file: NewRunFile) -> Result<RunFile> {
        let now = self.inner.clock.now();
        let stored = self
            .inner
            .meta
            .write(move |tx| {
                Box::pin(async move {
                    let (run, path, object_key) =
                        (file.run, file.path.clone(), file.object_key.clone());
                    if tx.lock_run(run).await?.is_none() {
                        return Err(TrackingError::not_found("run", run));
                    }
                    if let Some(old) = tx
                        .put_run_file(file)
                        .await?
                        .filter(|old| *old != object_key)
                    {
                        tx.doom_object(&old, now).await?;
                    }
                    tx.settle_pending_object(&object_key).await?;
                    tx.delete_upload(&object_key).await?;
                    let stored = tx.lookup_run_file(run, path.as_str()).await?;
                    Ok(stored.expect("stored in this transaction"))
                })
            })
            .await?;
        Ok(stored.into())
    }

    fn new_object_key(&self, run: RunKey) -> String {
        format!(
            "files/{run}/{}",
            random_text(&*self.inner.entropy, ID_ALPHABET, 20)
        )
    }

    /// What a ticket allows, if it is ours, valid, and for `usage`.
    pub(super) fn open_sealed(&self, ticket: &str, usage: TicketUse) -> Result<FileTicket> {
        let opened = self
            .inner
            .secret
            .unseal::<FileTicket>(ticket)
            .filter(|opened| opened.usage == usage);
        let opened = opened
            .ok_or_else(|| TrackingError::Forbidden("the file address is not valid".to_owned()))?;
        if opened.expires_at < self.inner.clock.now() {
            return Err(TrackingError::Forbidden(
                "the file address has expired; ask for a new one".to_owned(),
            ));
        }
        Ok(opened)
    }
}

fn mime_type(path: &FilePath) -> String {
    content_type_of(path.as_str())
}

/// The content type of a file, guessed from its name.
pub fn content_type_of(path: &str) -> String {
    mime_guess::from_path(path)
        .first_or_octet_stream()
        .essence_str()
        .to_owned()
}

fn md5_of_etag(etag: &str) -> Option<String> {
    let digits = etag.trim_matches('"');
    if digits.len() != 32 {
        return None;
    }
    let byte = |index: usize| u8::from_str_radix(digits.get(index..index + 2)?, 16).ok();
    let md5: Option<Vec<u8>> = (0..32).step_by(2).map(byte).collect();
    Some(STANDARD.encode(md5?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_etags_are_md5s() {
        let md5 = md5_of_etag("\"5d41402abc4b2a76b9719d911017c592\"");
        assert_eq!(md5.as_deref(), Some("XUFAKrxLKna5cZ2REBfFkg=="));
        assert_eq!(md5_of_etag("\"5d41402abc4b2a76b9719d911017c592-2\""), None);
        assert_eq!(md5_of_etag("\"zz41402abc4b2a76b9719d911017c592\""), None);
    }
}
