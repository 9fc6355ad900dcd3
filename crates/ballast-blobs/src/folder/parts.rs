//! Blobs that come in parts, each of which is written to its place in one file.
//!
//! The file is under the key that the parts have in common. Who has written all of them says so: then the file gets the
//! key with [`JOINED`] behind it, is read once, and, if it has the right MD5, gets a name as a blob. Of a crash on the way
//! the file is left under one of the two names, and saying so again goes on from there. The caller deletes what is left
//! when the blob is recorded.
//!
//! Whoever writes a part shares a lock on the file, and whoever joins them has it alone and has taken the name away: so no
//! part that comes late gets into what was read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use md5::{Digest as _, Md5};

use super::staging::link;
use super::{Shared, Writer, write_error};
use crate::BlobError;
use crate::digest::check_md5;
use crate::types::{Expect, Stored};

/// What the key of joined parts ends with.
const JOINED: &str = ".joined";

/// How much of a joined file is read at once.
const READ_BYTES: usize = 1 << 20;

/// A part on its way.
pub(super) struct PartWriter {
    shared: Arc<Shared>,
    key: String,
    offset: u64,
    expect: Expect,
    md5: Md5,
    file: Option<File>,
}

impl PartWriter {
    pub(super) fn new(shared: Arc<Shared>, key: &str, offset: u64, expect: Expect) -> Self {
        Self {
            shared,
            key: key.to_owned(),
            offset,
            expect,
            md5: Md5::new(),
            file: None,
        }
    }
}

impl Writer for PartWriter {
    type Done = ();

    fn write(&mut self, chunks: &[Bytes]) -> Result<(), BlobError> {
        let mut write = || {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(self.shared.open_parts(&self.key)?),
            };
            for chunk in chunks {
                self.md5.update(chunk);
                file.write_all_at(chunk, self.offset)?;
                self.offset += chunk.len() as u64;
            }
            Ok(())
        };
        write().map_err(|error| write_error(&self.key, error))
    }

    fn finish(mut self, chunks: &[Bytes]) -> Result<(), BlobError> {
        self.write(chunks)?;
        check_md5(&self.key, self.expect.md5, self.md5.finalize().into())?;
        let file = self.file.expect("`write` opens the file");
        let sync = || {
            file.sync_data()?;
            self.shared.sync_place(&self.key)
        };
        sync().map_err(|error| write_error(&self.key, error))
    }
}

impl Shared {
    /// Opens the file of parts, which is made if it is missing, for as long as it is returned.
    fn open_parts(&self, key: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        loop {
            let file = self.place(key, |target| options.open(target))?;
            file.lock_shared()?;
            if is_at(&file, &self.root.join(key))? {
                return Ok(file);
            }
            // It was joined while the lock was waited for.
        }
    }

    pub(super) fn join_parts(
        &self,
        key: &str,
        size_bytes: u64,
        md5: [u8; 16],
        target: &str,
    ) -> Result<Stored, BlobError> {
        let joined_key = format!("{key}{JOINED}");
        let joined = self.root.join(&joined_key);
        let failed = |error| write_error(key, error);
        let taken = match open_if_there(&joined).map_err(failed)? {
            Some(file) if file.metadata().map_err(failed)?.len() == size_bytes => Some(file),
            _ => self.take_parts(key, size_bytes, &joined).map_err(failed)?,
        };
        let file = taken.ok_or_else(|| BlobError::NotFound {
            key: key.to_owned(),
        })?;
        // Whoever took it may have died while a part was still being written.
        file.lock().map_err(failed)?;
        let stored = digest(&file, size_bytes).map_err(failed)?;
        if let Err(error) = check_md5(key, Some(md5), stored.md5) {
            // The parts can be sent again.
            fs::remove_file(&joined).map_err(failed)?;
            return Err(error);
        }
        let publish = || {
            file.sync_all()?;
            self.place(target, |target| link(&joined, target))?;
            self.sync_place(target)
        };
        publish().map_err(|error| write_error(target, error))?;
        Ok(stored)
    }

    /// Takes the file of parts away from those who write some; `None` if there is none.
    fn take_parts(&self, key: &str, size_bytes: u64, joined: &Path) -> io::Result<Option<File>> {
        let path = self.root.join(key);
        let Some(file) = open_if_there(&path)? else {
            return Ok(None);
        };
        file.lock()?;
        // What an upload in other parts left behind the end does not belong to it.
        file.set_len(size_bytes)?;
        fs::rename(&path, joined)?;
        self.sync_place(key)?;
        Ok(Some(file))
    }
}

fn open_if_there(path: &Path) -> io::Result<Option<File>> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file that is open has the name.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The digests of a file, each on a processor of its own: MD5 alone takes a second for 700 MB.
fn digest(file: &File, size_bytes: u64) -> io::Result<Stored> {
    thread::scope(|scope| {
        let blake3 = scope.spawn(|| {
            let mut hasher = blake3::Hasher::new();
            read(file, size_bytes, |bytes| {
                hasher.update(bytes);
            })?;
            Ok::<_, io::Error>(hasher.finalize().into())
        });
        let mut md5 = Md5::new();
        read(file, size_bytes, |bytes| md5.update(bytes))?;
        let blake3 = match blake3.join() {
            Ok(blake3) => blake3?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        Ok(Stored {
            size_bytes,
            md5: md5.finalize().into(),
            blake3,
        })
    })
}

fn read(file: &File, size_bytes: u64, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; READ_BYTES];
    let mut offset = 0;
    while offset < size_bytes {
        let n_bytes = (size_bytes - offset).min(READ_BYTES as u64) as usize;
        file.read_exact_at(&mut buffer[..n_bytes], offset)?;
        take(&buffer[..n_bytes]);
        offset += n_bytes as u64;
    }
    Ok(())
}
