//! Files of runs, and uploads under way.

use ballast_model::{FilePath, RunKey, Timestamp};

use crate::{Db, MetaError, Tx};

/// The storage key of a run file. It stays when the file is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey(pub i64);

/// A run file to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRunFile {
    /// The run.
    pub run: RunKey,
    /// The path in the run.
    pub path: FilePath,
    /// The object that holds the bytes.
    pub object_key: String,
    /// The size.
    pub size_bytes: u64,
    /// The MD5 in base64, if known.
    pub md5: Option<String>,
    /// The BLAKE3 digest, if known.
    pub blake3: Option<[u8; 32]>,
    /// The content type.
    pub mime_type: String,
    /// When it was stored.
    pub updated_at: Timestamp,
}

/// A stored run file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// The storage key.
    pub key: FileKey,
    /// The run.
    pub run: RunKey,
    /// The path in the run.
    pub path: FilePath,
    /// The object that holds the bytes.
    pub object_key: String,
    /// The size.
    pub size_bytes: u64,
    /// The MD5 in base64, if known.
    pub md5: Option<String>,
    /// The BLAKE3 digest, if known.
    pub blake3: Option<[u8; 32]>,
    /// The content type.
    pub mime_type: String,
    /// When it was last stored.
    pub updated_at: Timestamp,
}

/// Which files of a run to list. Conditions are joined by *and*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileQuery {
    /// Paths that start with this.
    pub prefix: Option<String>,
    /// Paths that match this pattern: `%` stands for any text, `_` for any character. Case counts.
    pub like: Option<String>,
    /// Exactly these paths.
    pub paths: Option<Vec<String>>,
    /// Paths after this one, in byte order: the last path of the page before.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u64,
}

impl FileQuery {
    /// The first `limit` files.
    pub fn first(limit: u64) -> Self {
        Self {
            prefix: None,
            like: None,
            paths: None,
            after: None,
            limit,
        }
    }
}

/// An upload that a client was told to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpload {
    /// The object that the bytes go to; never used before.
    pub object_key: String,
    /// The run.
    pub run: RunKey,
    /// The path in the run.
    pub path: FilePath,
    /// When the client was told.
    pub created_at: Timestamp,
}

/// A stored upload.
pub type UploadRecord = NewUpload;

// ---- queries
impl Db<'_> {
    /// The file at `path` of `run`.
    pub async fn lookup_run_file(
        &self,
        run: RunKey,
        path: &str,
    ) -> Result<Option<FileRecord>, MetaError> {
        todo!()
    }

    /// The file under `key`.
    pub async fn run_file(&self, key: FileKey) -> Result<Option<FileRecord>, MetaError> {
        todo!()
    }

    /// A page of the files of `run`, in byte order of their paths.
    pub async fn list_run_files(
        &self,
        run: RunKey,
        query: &FileQuery,
    ) -> Result<Vec<FileRecord>, MetaError> {
        todo!()
    }

    /// How many files `run` has.
    pub async fn count_run_files(&self, run: RunKey) -> Result<u64, MetaError> {
        todo!()
    }

    /// Up to `limit` files of all runs after `after`, by key, for checking the whole store.
    pub async fn all_run_files(
        &self,
        after: Option<FileKey>,
        limit: u64,
    ) -> Result<Vec<FileRecord>, MetaError> {
        todo!()
    }

    /// The upload to `object_key`.
    pub async fn lookup_upload(&self, object_key: &str) -> Result<Option<UploadRecord>, MetaError> {
        todo!()
    }

    /// The uploads under way to any of `paths` of `run`, oldest first.
    pub async fn uploads_of(
        &self,
        run: RunKey,
        paths: &[String],
    ) -> Result<Vec<UploadRecord>, MetaError> {
        todo!()
    }

    /// Up to `limit` uploads made before `before`, oldest first.
    pub async fn uploads_before(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<UploadRecord>, MetaError> {
        todo!()
    }
}

impl Tx<'_> {
    /// Stores a file at its path. Returns the object that was there before, which the caller dooms.
    pub async fn put_run_file(&self, file: NewRunFile) -> Result<Option<String>, MetaError> {
        todo!()
    }

    /// Forgets a file. Returns its object, which the caller dooms.
    pub async fn delete_run_file(&self, key: FileKey) -> Result<Option<String>, MetaError> {
        todo!()
    }

    /// Records an upload.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the object key was used before.
    pub async fn insert_upload(&self, upload: NewUpload) -> Result<(), MetaError> {
        todo!()
    }

    /// Forgets an upload. Returns whether it was there.
    pub async fn delete_upload(&self, object_key: &str) -> Result<bool, MetaError> {
        todo!()
    }
}
