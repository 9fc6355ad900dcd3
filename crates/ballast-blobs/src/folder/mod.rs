//! Writing blobs into a folder of this machine.
//!
//! A blob is the file named by its key. It is written to a file in `.uploads` first, synced, then renamed to its
//! place, and the folder is synced: so it appears whole and stays. Reading needs nothing of this and goes through
//! `object_store`.

mod folders;
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
                shared.publish(&key, file)
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
        let mut body = Body::new(key, stream, expect)?;
        let mut upload = Some(Upload::new(Arc::clone(&self.shared), key, expect));
        let mut writing: Option<JoinHandle<Result<Upload, BlobError>>> = None;
        loop {
            let piece = body.next_piece(PIECE_BYTES).await;
            let mut current = match writing.take() {
                // Waited for even if the body broke off, so that nothing of it is left when the caller hears of it.
                Some(writing) => joined(writing.await)?,
                None => upload.take().expect("an upload not being written"),
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
    /// Moves a written file to its place, durably.
    fn publish(&self, key: &str, mut file: StagedFile) -> io::Result<()> {
        let target = self.root.join(key);
        let folder = target.parent().expect("a key is below the root");
        file.sync()?;
        let _guard = self
            .removing_folders
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut attempt = 1;
        loop {
            let moved = self.folders.ensure(folder);
            match moved.and_then(|()| file.move_to(&target)) {
                // Another process that shares the store has removed the folder, or one above it, as empty.
                Err(error) if error.kind() == ErrorKind::NotFound && attempt < MAX_ATTEMPTS => {
                    self.folders.forget(folder);
                    attempt += 1;
                }
                moved => break moved?,
            }
        }
        self.folders.sync(folder)
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

/// A streamed blob on its way. All of its methods block.
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
            .publish(&self.key, file)
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
