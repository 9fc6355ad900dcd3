//! Files being written: not blobs yet, and gone when their process dies.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

/// The folder of unfinished uploads, in the root so that a rename moves them. No key starts with a dot.
const FOLDER: &str = ".uploads";

/// The folder of unfinished uploads of one store.
///
/// Every process that has the store open holds a shared lock on a file in it. Who finds at opening that nobody else
/// does, deletes what dead processes left there.
#[derive(Debug)]
pub(super) struct Staging {
    folder: PathBuf,
    next: AtomicU64,
    /// Held, not used: unlocked when the last upload is done or the process dies.
    _lock: File,
}

impl Staging {
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let folder = root.join(FOLDER);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => remove_leftovers(&folder)?,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Between unlocking and locking another process may clean up too: there is nothing of ours yet.
        lock.unlock()?;
        lock.lock_shared()?;
        Ok(Self {
            folder,
            next: AtomicU64::new(0),
            _lock: lock,
        })
    }

    /// Begins a file.
    pub(super) fn create(self: &Arc<Self>) -> io::Result<StagedFile> {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let path = self.folder.join(format!("{}-{number}", std::process::id()));
            match OpenOptions::new().create_new(true).write(true).open(&path) {
                // Process ids are not unique between the containers that share a folder.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                opened => {
                    return Ok(StagedFile {
                        file: opened?,
                        path,
                        moved: false,
                        _staging: Arc::clone(self),
                    });
                }
            }
        }
    }
}

fn remove_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == "lock" {
            continue;
        }
        tracing::info!(path = %entry.path().display(), "removing an upload that was never finished");
        match fs::remove_file(entry.path()) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A file being written; deleted when dropped before [`move_to`](Self::move_to) succeeds.
#[derive(Debug)]
pub(super) struct StagedFile {
    file: File,
    path: PathBuf,
    moved: bool,
    _staging: Arc<Staging>,
}

impl StagedFile {
    pub(super) fn write(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        chunks
            .iter()
            .try_for_each(|chunk| self.file.write_all(chunk))
    }

    /// Writes everything to disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Puts the file at `target`, in place of what is there, in one step. May be tried again after an error.
    pub(super) fn move_to(&mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.moved = true;
        Ok(())
    }

    /// Puts the file at `target`, unless something is there: [`ErrorKind::AlreadyExists`]. May be tried again after
    /// another error.
    pub(super) fn move_to_new(&mut self, target: &Path) -> io::Result<()> {
        link(&self.path, target)?;
        // The second name goes when this is dropped.
        Ok(())
    }
}

/// Gives a file a second name, unless something has it: [`ErrorKind::AlreadyExists`]. Where the file system has no second
/// names the first is lost, and a file that takes the place at the same moment.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::AlreadyExists | ErrorKind::NotFound | ErrorKind::NotADirectory
            ) =>
        {
            if to.try_exists()? {
                return Err(ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        linked => linked,
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if self.moved {
            return;
        }
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(
                path = %self.path.display(),
                %error,
                "cannot remove an upload that was given up"
            );
        }
    }
}
