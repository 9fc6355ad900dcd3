//! The folders below the root, and which of them are known to be on disk.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Known folders are forgotten all at once beyond this number: remembering them only saves time.
const MAX_KNOWN: usize = 10_000;

/// Makes folders so that they survive a power failure before anything is put into them.
///
/// A folder that exists may have been made a moment ago by another put, or by a process that died before it was on
/// disk. So a folder counts only when this process has synced its parent since it was first seen.
#[derive(Debug)]
pub(super) struct Folders {
    root: PathBuf,
    durable: Mutex<HashSet<PathBuf>>,
}

impl Folders {
    /// `root` exists.
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            durable: Mutex::default(),
        }
    }

    /// Makes `folder`, which is the root or below it, and what is missing above it.
    pub(super) fn ensure(&self, folder: &Path) -> io::Result<()> {
        let mut durable = self.durable();
        if durable.len() >= MAX_KNOWN {
            durable.clear();
        }
        self.ensure_in(&mut durable, folder)
    }

    fn ensure_in(&self, durable: &mut HashSet<PathBuf>, folder: &Path) -> io::Result<()> {
        if folder == self.root || durable.contains(folder) {
            return Ok(());
        }
        let parent = folder.parent().expect("a folder below the root");
        self.ensure_in(durable, parent)?;
        match fs::create_dir(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            Err(_) if !folder.is_dir() => return Err(ErrorKind::NotADirectory.into()),
            _ => {}
        }
        sync_folder(parent)?;
        durable.insert(folder.to_path_buf());
        Ok(())
    }

    /// Makes the next [`ensure`](Self::ensure) look again at `folder` and everything above it.
    pub(super) fn forget(&self, folder: &Path) {
        let mut durable = self.durable();
        for folder in folder.ancestors() {
            durable.remove(folder);
        }
    }

    /// Removes `folder` and what is above it, as far as it is empty. No put may be under way.
    pub(super) fn remove_empty(&self, folder: &Path) {
        let mut durable = self.durable();
        for folder in folder.ancestors().take_while(|folder| *folder != self.root) {
            // Fails at the first folder that still holds something; an empty folder that stays does no harm either.
            if fs::remove_dir(folder).is_err() {
                break;
            }
            durable.remove(folder);
        }
    }

    /// Writes the entries of `folder` to disk, or that it is gone: whoever deletes a folder's last blob removes it.
    pub(super) fn sync(&self, folder: &Path) -> io::Result<()> {
        for folder in folder.ancestors().take_while(|folder| *folder != self.root) {
            match sync_folder(folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                synced => return synced,
            }
        }
        sync_folder(&self.root)
    }

    fn durable(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        // A panic while holding the lock leaves a set that is at worst too small.
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the entries of `folder` to disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
