//! The one type that callers use.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use ballast_model::Timestamp;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::{GetOptions, GetResult, GetResultPayload, ObjectMeta, ObjectStore};
use url::Url;

use crate::blocking::joined;
use crate::cloud::{self, Cloud};
use crate::error::Source;
use crate::folder::Folder;
use crate::key;
use crate::prefix::Prefix;
use crate::types::{
    BlobInfo, BlobStream, Expect, ListStream, ListedBlob, SignedDownload, SignedRequest,
    SignedUpload, Stored,
};
use crate::{BlobError, BlobOptions, BlobUrl, validate_key};

/// How much of a file is read at once when it is streamed. While it is sent, the next piece is read.
const READ_BYTES: u64 = 512 * 1024;

/// A store of blobs. Cheap to clone; clones are the same store.
///
/// Every method that takes a key fails with [`BlobError::InvalidKey`] if the key is not [valid](validate_key), with
/// [`BlobError::Refused`] if the store does not let us, and with [`BlobError::Unavailable`] if it does not work.
#[derive(Clone)]
pub struct Blobs {
    /// Reads on every store.
    reads: Arc<dyn ObjectStore>,
    prefix: Prefix,
    writes: Writes,
}

/// Who writes, deletes and signs.
#[derive(Debug, Clone)]
enum Writes {
    Folder(Folder),
    Cloud(Arc<Cloud>),
}

impl Blobs {
    /// Opens a store.
    ///
    /// A folder is made if it is missing, and what crashed uploads left in it is removed, unless another process has it
    /// open. A cloud store is not asked anything yet: a wrong key or bucket shows at the first use. The first cloud
    /// store makes ring the TLS provider of the process, if it has none. Blocks on the file system; for the start.
    ///
    /// # Errors
    /// [`BlobError::Open`] if the folder cannot be made or written, or the options do not fit the store.
    pub fn open(url: &BlobUrl, options: &BlobOptions) -> Result<Self, BlobError> {
        let refused = |source: Source| BlobError::Open {
            url: url.to_string(),
            source,
        };
        let cloud = match url {
            BlobUrl::Folder(root) => {
                let folder = Folder::open(root).map_err(|error| refused(error.into()))?;
                let reads = LocalFileSystem::new_with_prefix(folder.root())
                    .map_err(|error| refused(error.into()))?;
                return Ok(Self {
                    reads: Arc::new(reads),
                    prefix: Prefix::default(),
                    writes: Writes::Folder(folder),
                });
            }
            BlobUrl::S3(s3) => cloud::s3(s3, options),
            BlobUrl::Gcs(address) => cloud::gcs(address, options),
            BlobUrl::Azure { address, account } => {
                cloud::azure(address, account.as_deref(), options)
            }
        };
        let cloud = cloud.map_err(|error| refused(error.into()))?;
        Ok(Self {
            reads: cloud.store(),
            prefix: cloud.prefix().clone(),
            writes: Writes::Cloud(Arc::new(cloud)),
        })
    }

    /// Stores a blob, in place of one that may be there. Durable when it returns.
    ///
    /// # Errors
    /// [`BlobError::Full`] if there is no space; then, as on every error, what was there before is still there.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), BlobError> {
        validate_key(key)?;
        match &self.writes {
            Writes::Folder(folder) => folder.put(key, bytes).await,
            Writes::Cloud(cloud) => cloud.put(key, bytes).await,
        }
    }

    /// Stores a blob from a body of any size, in place of one that may be there. Durable when it returns.
    ///
    /// On an error nothing of the body is visible, and what was there before is still there. The same holds if the
    /// future is dropped before the body has ended. On a cloud store a crash in the middle of a body beyond 8 MiB leaves
    /// parts of a multipart upload, invisible but stored: give the bucket a lifecycle rule that aborts incomplete
    /// multipart uploads.
    ///
    /// # Errors
    /// - [`BlobError::TooLarge`] if the body, or its announced size, is beyond `expect.max_bytes`. A cloud store takes
    ///   640 GB of an announced size and 160 GB otherwise, whatever `max_bytes` says.
    /// - [`BlobError::LengthMismatch`] if the body does not have the announced size.
    /// - [`BlobError::DigestMismatch`] if the body does not have the announced MD5.
    /// - [`BlobError::Exists`] if the blob is to be new and there is one.
    /// - [`BlobError::Body`] if the stream gives an error.
    /// - [`BlobError::Full`] if there is no space.
    pub async fn put_stream<S, E>(
        &self,
        key: &str,
        body: S,
        expect: Expect,
    ) -> Result<Stored, BlobError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        validate_key(key)?;
        let body = pin!(body);
        match &self.writes {
            Writes::Folder(folder) => folder.put_stream(key, body, expect).await,
            Writes::Cloud(cloud) => {
                if expect.is_new && self.head(key).await?.is_some() {
                    return Err(BlobError::Exists {
                        key: key.to_owned(),
                    });
                }
                cloud.put_stream(key, body, expect).await
            }
        }
    }

    /// The whole blob, in memory.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] if there is none.
    pub async fn get(&self, key: &str) -> Result<Bytes, BlobError> {
        let found = self.request(key, GetOptions::new()).await?;
        found
            .bytes()
            .await
            .map_err(|error| BlobError::from_store(key, error))
    }

    /// The bytes `range` of a blob, in memory: exactly as many as asked for.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] if there is no such blob; [`BlobError::InvalidRange`] if `range` is empty, reversed, or
    /// not wholly inside the blob.
    pub async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes, BlobError> {
        let found = self.request_range(key, range).await?;
        found
            .bytes()
            .await
            .map_err(|error| BlobError::from_store(key, error))
    }

    /// A blob, or the bytes `range` of it, as a stream. The [`BlobInfo`] is of the whole blob, as of this read: a put
    /// that replaces it meanwhile does not mix into the stream.
    ///
    /// # Errors
    /// As of [`get`](Self::get) and [`get_range`](Self::get_range); the stream ends with [`BlobError::Unavailable`] if
    /// the store fails on the way.
    pub async fn get_stream(
        &self,
        key: &str,
        range: Option<Range<u64>>,
    ) -> Result<(BlobInfo, BlobStream), BlobError> {
        let found = match range {
            None => self.request(key, GetOptions::new()).await?,
            Some(range) => self.request_range(key, range).await?,
        };
        let info = info(&found.meta);
        Ok((info, stream(key, found).await?))
    }

    /// What is known of a blob; `None` if there is none.
    pub async fn head(&self, key: &str) -> Result<Option<BlobInfo>, BlobError> {
        match self.request(key, GetOptions::new().with_head(true)).await {
            Ok(found) => Ok(Some(info(&found.meta))),
            Err(BlobError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stores a second blob with the bytes of a first, in place of one that may be there. Durable when it returns. A
    /// bucket copies by itself, at most 5 GiB.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] if there is no first blob.
    pub async fn copy(&self, from: &str, to: &str) -> Result<(), BlobError> {
        validate_key(from)?;
        validate_key(to)?;
        match &self.writes {
            Writes::Folder(folder) => {
                let (info, body) = self.get_stream(from, None).await?;
                let body = pin!(body);
                let expect = Expect::at_most(info.size_bytes);
                folder.put_stream(to, body, expect).await.map(|_| ())
            }
            Writes::Cloud(cloud) => cloud.copy(from, to).await,
        }
    }

    /// Deletes a blob. One that does not exist is deleted already. Durable when it returns.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        validate_key(key)?;
        match &self.writes {
            Writes::Folder(folder) => folder.delete(key).await,
            Writes::Cloud(cloud) => cloud.delete(key).await,
        }
    }

    /// All blobs whose keys start with `prefix` and a `/`; all of the store if `prefix` is empty.
    ///
    /// What is put or deleted meanwhile may or may not be listed. Objects that are there but that no valid key names are
    /// left out. An error ends the stream; it names the prefix as its key.
    pub fn list(&self, prefix: &str) -> ListStream {
        if !prefix.is_empty()
            && let Err(error) = validate_key(prefix)
        {
            return futures::stream::once(async { Err(error) }).boxed();
        }
        let below = self.prefix.path(prefix);
        let below = (!below.as_ref().is_empty()).then_some(below);
        let prefix = prefix.to_owned();
        let ours = self.prefix.clone();
        self.reads
            .list(below.as_ref())
            .filter_map(move |found| {
                let listed = match found {
                    Ok(meta) => ours
                        .key(&meta.location)
                        .filter(|key| key::flaw(key).is_none())
                        .map(|key| {
                            Ok(ListedBlob {
                                key,
                                info: info(&meta),
                            })
                        }),
                    Err(error) => Some(Err(BlobError::from_store_write(&prefix, error))),
                };
                std::future::ready(listed)
            })
            .boxed()
    }

    /// Whether clients transfer blobs by signed URLs, and not through the server.
    pub fn transfers_directly(&self) -> bool {
        matches!(self.writes, Writes::Cloud(_))
    }

    /// A request by which a client stores the blob itself, in place of one that may be there; `None` for a folder.
    ///
    /// The URL does not limit the size of the body; with an MD5 it fixes the bytes. Nothing is asked of the store,
    /// except that a cloud identity may have to be renewed.
    ///
    /// # Errors
    /// [`BlobError::InvalidExpiry`] and [`BlobError::InvalidHeader`] if `upload` asks for what cannot be.
    pub async fn upload_url(
        &self,
        key: &str,
        upload: SignedUpload<'_>,
    ) -> Result<Option<SignedRequest>, BlobError> {
        validate_key(key)?;
        match &self.writes {
            Writes::Folder(_) => Ok(None),
            Writes::Cloud(cloud) => cloud.upload_url(key, upload).await.map(Some),
        }
    }

    /// Begins an upload whose parts a client sends by itself, and returns its name in the store; `None` where the store
    /// has no such thing: then a client sends the blob in one piece. Only S3 has.
    ///
    /// Until it is complete nothing is visible. One that is never completed leaves its parts in the bucket: give the
    /// bucket a lifecycle rule that aborts incomplete multipart uploads.
    pub async fn begin_parts(&self, key: &str) -> Result<Option<String>, BlobError> {
        validate_key(key)?;
        match &self.writes {
            Writes::Folder(_) => Ok(None),
            Writes::Cloud(cloud) => cloud.begin_parts(key).await,
        }
    }

    /// Writes a part of a blob that comes in parts through the server, at its place in the whole. Durable when it returns.
    /// `key` is what the parts have in common; it names no blob. Parts may come in any order and several times. For a
    /// folder; a client sends parts to a bucket by itself.
    ///
    /// # Errors
    /// As of [`put_stream`](Self::put_stream), but of a part that is refused some bytes may be in its place;
    /// [`BlobError::NotFound`] if the store is no folder.
    pub async fn put_part<S, E>(
        &self,
        key: &str,
        offset: u64,
        body: S,
        expect: Expect,
    ) -> Result<(), BlobError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        validate_key(key)?;
        match &self.writes {
            Writes::Folder(folder) => folder.put_part(key, offset, pin!(body), expect).await,
            Writes::Cloud(_) => Err(BlobError::NotFound {
                key: key.to_owned(),
            }),
        }
    }

    /// Makes the parts that were written with `key` the new blob `target`, which has `size_bytes` and `md5`. Durable when it
    /// returns. Until what begins with `key` is deleted, the same can be done again, for another target.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] if there are no parts; [`BlobError::DigestMismatch`] if they have another MD5 together: then
    /// they are gone; [`BlobError::Exists`] if there is a blob `target`.
    pub async fn join_parts(
        &self,
        key: &str,
        size_bytes: u64,
        md5: [u8; 16],
        target: &str,
    ) -> Result<Stored, BlobError> {
        validate_key(key)?;
        validate_key(target)?;
        match &self.writes {
            Writes::Folder(folder) => folder.join_parts(key, size_bytes, md5, target).await,
            Writes::Cloud(_) => Err(BlobError::NotFound {
                key: key.to_owned(),
            }),
        }
    }

    /// A request by which a client stores a part of an upload, counted from 1; `None` for a folder. All parts but the
    /// last must have 5 MiB at least. The answer has the part's tag in the header `ETag`.
    ///
    /// # Errors
    /// As of [`upload_url`](Self::upload_url).
    pub async fn part_url(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        upload: SignedUpload<'_>,
    ) -> Result<Option<SignedRequest>, BlobError> {
        validate_key(key)?;
        match &self.writes {
            Writes::Folder(_) => Ok(None),
            Writes::Cloud(cloud) => cloud
                .part_url(key, upload_id, number, upload)
                .await
                .map(Some),
        }
    }

    /// Makes the parts of an upload a blob, in place of one that may be there. `etags` are their tags in order.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] if there is no such upload, or it is complete already.
    pub async fn complete_parts(
        &self,
        key: &str,
        upload_id: &str,
        etags: Vec<String>,
    ) -> Result<(), BlobError> {
        validate_key(key)?;
        match &self.writes {
            Writes::Folder(_) => Err(BlobError::NotFound {
                key: key.to_owned(),
            }),
            Writes::Cloud(cloud) => cloud.complete_parts(key, upload_id, etags).await,
        }
    }

    /// An address at which a client reads the blob itself with GET, ranges included; `None` for a folder.
    ///
    /// The blob need not exist. Nothing is asked of the store, except that a cloud identity may have to be renewed.
    ///
    /// # Errors
    /// [`BlobError::InvalidExpiry`] if `download` asks for what cannot be.
    pub async fn download_url(
        &self,
        key: &str,
        download: SignedDownload<'_>,
    ) -> Result<Option<Url>, BlobError> {
        validate_key(key)?;
        match &self.writes {
            Writes::Folder(_) => Ok(None),
            Writes::Cloud(cloud) => cloud.download_url(key, download).await.map(Some),
        }
    }

    async fn request(&self, key: &str, options: GetOptions) -> Result<GetResult, BlobError> {
        validate_key(key)?;
        self.reads
            .get_opts(&self.prefix.path(key), options)
            .await
            .map_err(|error| BlobError::from_store(key, error))
    }

    /// As many bytes as asked for, or an error. Stores cut a range that reaches beyond the end, and each has its own
    /// answer to one that begins there.
    async fn request_range(&self, key: &str, range: Range<u64>) -> Result<GetResult, BlobError> {
        let invalid = || BlobError::InvalidRange {
            key: key.to_owned(),
            range: range.clone(),
        };
        if range.is_empty() {
            return Err(invalid());
        }
        let options = GetOptions::new().with_range(Some(range.clone()));
        match self.request(key, options).await {
            Ok(found) if found.range == range => Ok(found),
            Ok(_) => Err(invalid()),
            Err(error @ BlobError::Unavailable { .. }) => match self.head(key).await {
                Ok(Some(info)) if info.size_bytes < range.end => Err(invalid()),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blobs({}, {:?})", self.reads, self.prefix)
    }
}

fn info(meta: &ObjectMeta) -> BlobInfo {
    let modified = meta.last_modified.timestamp_micros();
    BlobInfo {
        size_bytes: meta.size,
        etag: meta.e_tag.clone(),
        last_modified: Timestamp::from_microsecond(modified).unwrap_or_default(),
    }
}

/// The bytes of an answer.
async fn stream(key: &str, found: GetResult) -> Result<BlobStream, BlobError> {
    let key = key.to_owned();
    match found {
        GetResult {
            payload: GetResultPayload::File(file, _),
            range,
            ..
        } => match pieces(file, range).await {
            Ok(pieces) => Ok(pieces
                .map_err(move |error| BlobError::from_io(&key, error))
                .boxed()),
            Err(error) => Err(BlobError::from_io(&key, error)),
        },
        found => Ok(found
            .into_stream()
            .map_err(move |error| BlobError::from_store(&key, error))
            .boxed()),
    }
}

/// The bytes of a file, in larger steps than `object_store` would, and the next always being read. The first are there
/// when it returns: so a small file leaves in one write with the headers of the answer.
async fn pieces(
    file: File,
    range: Range<u64>,
) -> io::Result<impl Stream<Item = io::Result<Bytes>>> {
    let read = move |mut file: File, range: Range<u64>| {
        tokio::task::spawn_blocking(move || {
            let n_bytes = (range.end - range.start).min(READ_BYTES);
            let mut piece = Vec::with_capacity(n_bytes as usize);
            file.seek(SeekFrom::Start(range.start))?;
            if (&file).take(n_bytes).read_to_end(&mut piece)? as u64 != n_bytes {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let rest = range.start + n_bytes..range.end;
            Ok::<_, io::Error>((Bytes::from(piece), file, rest))
        })
    };
    let (first, file, rest) = joined(read(file, range).await)?;
    let second = (!rest.is_empty()).then(|| read(file, rest));
    let others = futures::stream::try_unfold(second, move |reading| async move {
        let Some(reading) = reading else {
            return Ok(None);
        };
        let (piece, file, rest) = joined(reading.await)?;
        Ok(Some((piece, (!rest.is_empty()).then(|| read(file, rest)))))
    });
    let first = (!first.is_empty()).then_some(Ok(first));
    Ok(futures::stream::iter(first).chain(others))
}
