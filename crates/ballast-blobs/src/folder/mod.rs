//! Writing blobs into a folder of this machine.
//!
//! A blob is the file named by its key. It is written to a file in `.uploads` first, synced, then renamed to its
//! place, and the folder is synced: so it appears whole and stays. Reading needs nothing of this and goes through
//! `object_store`.

mod folders;
mod parts;
mod staging;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use futures::Stream;
use tokio::task::JoinHandle;

use self::folders::{Folders, sync_folder};
use self::parts::PartWriter;
use self::staging::{StagedFile, Staging};
use crate::BlobError;
use crate::blocking::{blocking, joined};
use crate::body::Body;
use crate::digest::Digester;
use crate::error::Source;
use crate::types::{Expect, Stored};

/// How much of a body is handed to a blocking thread at once. While it is written, the next piece is received.
const PIECE_BYTES: usize = 1024 * 1024;

/// How often a put makes its folder again when others keep removing it as empty.
const MAX_ATTEMPTS: u32 = 16;

/// A folder that blobs are written to.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    folders: Folders,
    staging: Arc<Staging>,
    /// Puts hold it for reading while they go to their place; whoever removes empty folders holds it for writing.
    removing_folders: RwLock<()>,
}

impl Folder {
    /// Opens the folder, makes it if missing, and removes what crashed uploads left.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let root = std::path::absolute(root)?;
        let n_missing = root
            .ancestors()
            .take_while(|folder| !folder.exists())
            .count();
        fs::create_dir_all(&root)?;
        for parent in root.ancestors().skip(1).take(n_missing) {
            sync_folder(parent)?;
        }
        let root = root.canonicalize()?;
        let staging = Arc::new(Staging::open(&root)?);
        Ok(Self {
            shared: Arc::new(Shared {
                folders: Folders::new(root.clone()),
                staging,
                removing_folders: RwLock::default(),
                root,
            }),
        })
    }

    /// Where the folder is, without symbolic links.
    pub(crate) fn root(&self) -> &Path {
        &self.shared.root
    }

    pub(crate) async fn put(&self, key: &str, bytes: Bytes) -> Result<(), BlobError> {
        let shared = Arc::clone(&self.shared);
        let key = key.to_owned();
        blocking(move || {
            let store = || -> io::Result<()> {
                let mut file = shared.staging.create()?;
                file.write(&[bytes])?;
                shared.publish(&key, file, false)
            };
            store().map_err(|error| write_error(&key, error))
        })
        .await
    }

    pub(crate) async fn put_stream<S, E>(
        &self,
        key: &str,
        stream: Pin<&mut S>,
        expect: Expect,
    ) -> Result<Stored, BlobError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<Source>,
    {
        let body = Body::new(key, stream, expect)?;
        let upload = Upload::new(Arc::clone(&self.shared), key, expect);
        write_body(body, upload).await
    }

    /// Writes a part of a blob that is put together in one file, with `key`; see [`parts`].
    pub(crate) async fn put_part<S, E>(
        &self,
        key: &str,
        offset: u64,
        stream: Pin<&mut S>,
        expect: Expect,
    ) -> Result<(), BlobError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<Source>,
    {
        let body = Body::new(key, stream, expect)?;
        let part = PartWriter::new(Arc::clone(&self.shared), key, offset, expect);
        write_body(body, part).await
    }

    /// Makes the parts that were written with `key` the blob `target`; see [`parts`].
    pub(crate) async fn join_parts(
        &self,
        key: &str,
        size_bytes: u64,
        md5: [u8; 16],
        target: &str,
    ) -> Result<Stored, BlobError> {
        let shared = Arc::clone(&self.shared);
        let (key, target) = (key.to_owned(), target.to_owned());
        blocking(move || shared.join_parts(&key, size_bytes, md5, &target)).await
    }

    /// Deletes a blob; one that does not exist is deleted already.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), BlobError> {
        let shared = Arc::clone(&self.shared);
        let key = key.to_owned();
        blocking(move || {
            shared
                .delete(&key)
                .map_err(|error| write_error(&key, error))
        })
        .await
    }
}

impl Shared {
    /// Moves a written file to its place, durably. If it `is_new`, what is there stays.
    fn publish(&self, key: &str, mut file: StagedFile, is_new: bool) -> io::Result<()> {
        file.sync()?;
        self.place(key, |target| {
            if is_new {
                file.move_to_new(target)
            } else {
                file.move_to(target)
            }
        })?;
        self.sync_place(key)
    }

    /// Does `work` that puts a file at the place of `key`, in a folder that is there.
    fn place<T>(&self, key: &str, mut work: impl FnMut(&Path) -> io::Result<T>) -> io::Result<T> {
        let target = self.root.join(key);
        let folder = target.parent().expect("a key is below the root");
        let _guard = self
            .removing_folders
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut attempt = 1;
        loop {
            let placed = self.folders.ensure(folder).and_then(|()| work(&target));
            match placed {
                // Another process that shares the store has removed the folder, or one above it, as empty.
                Err(error) if error.kind() == ErrorKind::NotFound && attempt < MAX_ATTEMPTS => {
                    self.folders.forget(folder);
                    attempt += 1;
                }
                placed => return placed,
            }
        }
    }

    /// Writes to disk that a file is at the place of `key`, or no longer there.
    fn sync_place(&self, key: &str) -> io::Result<()> {
        let target = self.root.join(key);
        self.folders
            .sync(target.parent().expect("a key is below the root"))
    }

    fn delete(&self, key: &str) -> io::Result<()> {
        let target = self.root.join(key);
        let folder = target.parent().expect("a key is below the root");
        match fs::remove_file(&target) {
            Err(error) if is_absent(&error) => return Ok(()),
            removed => removed?,
        }
        self.folders.sync(folder)?;
        if let Ok(_guard) = self.removing_folders.try_write() {
            self.folders.remove_empty(folder);
        }
        Ok(())
    }
}

/// What the pieces of a body go into. All of its methods block.
trait Writer: Send + 'static {
    type Done: Send + 'static;

    fn write(&mut self, chunks: &[Bytes]) -> Result<(), BlobError>;

    /// Writes the last piece and makes everything durable.
    fn finish(self, chunks: &[Bytes]) -> Result<Self::Done, BlobError>;
}

/// Writes a body piece by piece: while one is written, the next is received.
async fn write_body<S, E, W: Writer>(mut body: Body<'_, S>, writer: W) -> Result<W::Done, BlobError>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Source>,
{
    let mut writer = Some(writer);
    let mut writing: Option<JoinHandle<Result<W, BlobError>>> = None;
    loop {
        let piece = body.next_piece(PIECE_BYTES).await;
        let mut current = match writing.take() {
            // Waited for even if the body broke off, so that nothing of it is left when the caller hears of it.
            Some(writing) => joined(writing.await)?,
            None => writer.take().expect("a writer that does nothing"),
        };
        let piece = match piece {
            Ok(piece) => piece,
            Err(error) => {
                blocking(move || drop(current)).await;
                return Err(error);
            }
        };
        if piece.last {
            return blocking(move || current.finish(&piece.chunks)).await;
        }
        writing = Some(tokio::task::spawn_blocking(move || {
            current.write(&piece.chunks)?;
            Ok(current)
        }));
    }
}

/// A streamed blob on its way.
struct Upload {
    shared: Arc<Shared>,
    key: String,
    expect: Expect,
    digester: Digester,
    file: Option<StagedFile>,
}

impl Upload {
    fn new(shared: Arc<Shared>, key: &str, expect: Expect) -> Self {
        Self {
            shared,
            key: key.to_owned(),
            expect,
            digester: Digester::new(),
            file: None,
        }
    }
}

impl Writer for Upload {
    type Done = Stored;

    fn write(&mut self, chunks: &[Bytes]) -> Result<(), BlobError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(
                self.shared
                    .staging
                    .create()
                    .map_err(|error| write_error(&self.key, error))?,
            ),
        };
        self.digester.update(chunks);
        file.write(chunks)
            .map_err(|error| write_error(&self.key, error))
    }

    fn finish(mut self, chunks: &[Bytes]) -> Result<Stored, BlobError> {
        self.write(chunks)?;
        let stored = self.digester.finish(&self.key, &self.expect)?;
        let file = self.file.expect("`write` makes the file");
        self.shared
            .publish(&self.key, file, self.expect.is_new)
            .map_err(|error| write_error(&self.key, error))?;
        Ok(stored)
    }
}

/// Whether the error says that there is no such file. A key below a blob, or a folder, names no blob.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
    )
}

fn write_error(key: &str, error: io::Error) -> BlobError {
    match error.kind() {
        ErrorKind::AlreadyExists => BlobError::Exists {
            key: key.to_owned(),
        },
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => BlobError::InvalidKey {
            key: key.to_owned(),
            reason: "a blob above or below it is stored in the same folder",
        },
        // What is missing is the folder itself.
        ErrorKind::NotFound => BlobError::Unavailable {
            key: key.to_owned(),
            source: error.into(),
        },
        _ => BlobError::from_io(key, error),
    }
}
