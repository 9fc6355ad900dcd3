//! The lock on a data folder: one server at a time.

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Its name in the data folder.
const FILE_NAME: &str = "ballast.lock";

/// A data folder that is ours until this is dropped, or the process ends however it ends.
///
/// The lock is the operating system's on the file `ballast.lock`. The file itself says nothing and stays; it holds
/// the number of the process that has, or last had, the lock.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

/// Why a data folder cannot be used.
#[derive(Debug, Error)]
pub(crate) enum LockError {
    /// Another server uses it.
    #[error("the data folder `{}` is used by another server{}", folder.display(), holder(*pid))]
    Taken { folder: PathBuf, pid: Option<u32> },
    /// It cannot be made, or not be written to.
    #[error("could not use the data folder `{}`", folder.display())]
    Unusable {
        folder: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(", process {pid}"))
}

impl FolderLock {
    /// Makes the folder, if need be, and takes its lock.
    ///
    /// # Errors
    /// [`LockError::Taken`] if another server has it, [`LockError::Unusable`] if the folder cannot be written to.
    pub(crate) fn take(folder: &Path) -> Result<Self, LockError> {
        let unusable = |source| LockError::Unusable {
            folder: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(unusable)?;
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(FILE_NAME))
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let pid = file.read_to_string(&mut text).ok();
                return Err(LockError::Taken {
                    folder: folder.to_owned(),
                    pid: pid.and_then(|_| text.trim().parse().ok()),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(unusable)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::{FolderLock, LockError};

    #[test]
    fn one_at_a_time() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = temporary.path().join("data");
        let first = FolderLock::take(&folder).expect("nobody has it");
        let refused = FolderLock::take(&folder).expect_err("the first has it");
        assert!(
            matches!(refused, LockError::Taken { pid: Some(pid), .. } if pid == std::process::id())
        );
        drop(first);
        FolderLock::take(&folder).expect("it is free again");
    }

    #[test]
    fn a_file_is_no_folder() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let file = temporary.path().join("data");
        std::fs::write(&file, "").expect("a file");
        let refused = FolderLock::take(&file).expect_err("it is a file");
        assert!(matches!(refused, LockError::Unusable { .. }));
    }
}
