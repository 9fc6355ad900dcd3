//! Files of runs, and uploads under way.

use ballast_model::{FilePath, RunKey, Timestamp};
use sea_orm::sea_query::{
    Expr, ExprTrait as _, LikeExpr, OnConflict, Order, Query, SelectStatement,
};

use crate::row::{FromRow, LIST_PART, Row, escaped_pattern, int, micros, text};
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

impl FromRow for FileRecord {
    const TABLE: &'static str = "run_files";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            key: FileKey(row.get("file_key")?),
            run: RunKey(row.get("run_key")?),
            path: row.parse("path")?,
            object_key: row.get("object_key")?,
            size_bytes: row.count("size_bytes")?,
            md5: row.get("md5")?,
            blake3: row.optional_digest("blake3")?,
            mime_type: row.get("mime_type")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

impl FromRow for UploadRecord {
    const TABLE: &'static str = "uploads";

    fn from_row(row: &Row) -> Result<Self, MetaError> {
        Ok(Self {
            object_key: row.get("object_key")?,
            run: RunKey(row.get("run_key")?),
            path: row.parse("path")?,
            created_at: row.time("created_at")?,
        })
    }
}

fn select_files() -> SelectStatement {
    Query::select()
        .columns([
            "file_key",
            "run_key",
            "path",
            "object_key",
            "size_bytes",
            "md5",
            "blake3",
            "mime_type",
            "updated_at",
        ])
        .from("run_files")
        .to_owned()
}

fn select_uploads() -> SelectStatement {
    Query::select()
        .columns(["object_key", "run_key", "path", "created_at"])
        .from("uploads")
        .to_owned()
}

impl Db<'_> {
    /// The file at `path` of `run`.
    pub async fn lookup_run_file(
        &self,
        run: RunKey,
        path: &str,
    ) -> Result<Option<FileRecord>, MetaError> {
        let mut select = select_files();
        select.and_where(Expr::col("run_key").eq(run.0));
        self.one(select.and_where(Expr::col("path").eq(text(path))))
            .await
    }

    /// The file under `key`.
    pub async fn run_file(&self, key: FileKey) -> Result<Option<FileRecord>, MetaError> {
        self.one(select_files().and_where(Expr::col("file_key").eq(key.0)))
            .await
    }

    /// A page of the files of `run`, in byte order of their paths.
    pub async fn list_run_files(
        &self,
        run: RunKey,
        query: &FileQuery,
    ) -> Result<Vec<FileRecord>, MetaError> {
        let FileQuery {
            prefix,
            like,
            paths,
            after,
            limit,
        } = query;
        let mut select = select_files();
        select
            .and_where(Expr::col("run_key").eq(run.0))
            .order_by("path", Order::Asc)
            .limit(*limit);
        if let Some(prefix) = prefix {
            let pattern = LikeExpr::new(escaped_pattern(&text(prefix)) + "%").escape('\\');
            select.and_where(Expr::col("path").like(pattern));
        }
        if let Some(like) = like {
            // A backslash stands for itself: no path has one, and it must not be an escape in one database only.
            let pattern = LikeExpr::new(text(like).replace('\\', "\\\\")).escape('\\');
            select.and_where(Expr::col("path").like(pattern));
        }
        if let Some(after) = after {
            select.and_where(Expr::col("path").gt(text(after)));
        }
        let Some(paths) = paths else {
            return self.all(&select).await;
        };
        let mut files: Vec<FileRecord> = Vec::new();
        for part in paths.chunks(LIST_PART) {
            let mut select = select.clone();
            select.and_where(Expr::col("path").is_in(part.iter().map(|path| text(path))));
            files.extend(self.all::<FileRecord>(&select).await?);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by_key(|file| file.key);
        files.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
        Ok(files)
    }

    /// How many files `run` has.
    pub async fn count_run_files(&self, run: RunKey) -> Result<u64, MetaError> {
        let count = Query::select()
            .expr_as(Expr::col("file_key").count(), "n")
            .from("run_files")
            .and_where(Expr::col("run_key").eq(run.0))
            .to_owned();
        self.number(&count).await
    }

    /// Up to `limit` files of all runs after `after`, by key, for checking the whole store.
    pub async fn all_run_files(
        &self,
        after: Option<FileKey>,
        limit: u64,
    ) -> Result<Vec<FileRecord>, MetaError> {
        let mut select = select_files();
        select.and_where(Expr::col("file_key").gt(after.map_or(0, |key| key.0)));
        self.all(select.order_by("file_key", Order::Asc).limit(limit))
            .await
    }

    /// The upload to `object_key`.
    pub async fn lookup_upload(&self, object_key: &str) -> Result<Option<UploadRecord>, MetaError> {
        self.one(select_uploads().and_where(Expr::col("object_key").eq(object_key)))
            .await
    }

    /// The uploads under way to any of `paths` of `run`, oldest first.
    pub async fn uploads_of(
        &self,
        run: RunKey,
        paths: &[String],
    ) -> Result<Vec<UploadRecord>, MetaError> {
        let mut uploads: Vec<UploadRecord> = Vec::new();
        for part in paths.chunks(LIST_PART) {
            let mut select = select_uploads();
            select.and_where(Expr::col("run_key").eq(run.0));
            select.and_where(Expr::col("path").is_in(part.iter().map(|path| text(path))));
            uploads.extend(self.all::<UploadRecord>(&select).await?);
        }
        uploads.sort_by(|a, b| (a.created_at, &a.object_key).cmp(&(b.created_at, &b.object_key)));
        uploads.dedup();
        Ok(uploads)
    }

    /// Up to `limit` uploads made before `before`, oldest first.
    pub async fn uploads_before(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<UploadRecord>, MetaError> {
        let mut select = select_uploads();
        select.and_where(Expr::col("created_at").lt(micros(before)));
        select
            .order_by("created_at", Order::Asc)
            .order_by("object_key", Order::Asc);
        self.all(select.limit(limit)).await
    }
}

impl Tx<'_> {
    /// Stores a file at its path. Returns the object that was there before, which the caller dooms.
    pub async fn put_run_file(&self, file: NewRunFile) -> Result<Option<String>, MetaError> {
        let md5 = file.md5;
        let blake3 = file.blake3.map(|digest| digest.to_vec());
        let mime_type = text(&file.mime_type);
        let insert = Query::insert()
            .into_table("run_files")
            .columns([
                "run_key",
                "path",
                "object_key",
                "size_bytes",
                "md5",
                "blake3",
                "mime_type",
                "updated_at",
            ])
            .values_panic([
                file.run.0.into(),
                file.path.as_str().into(),
                file.object_key.as_str().into(),
                int(file.size_bytes).into(),
                md5.clone().into(),
                blake3.clone().into(),
                mime_type.as_str().into(),
                micros(file.updated_at).into(),
            ])
            .on_conflict(
                OnConflict::columns(["run_key", "path"])
                    .do_nothing()
                    .to_owned(),
            )
            .to_owned();
        if self.execute("run_files", &insert).await? > 0 {
            return Ok(None);
        }
        // Locked, so that of two that replace the file at once each gets a different object to doom.
        let mut select = select_files();
        select.and_where(Expr::col("run_key").eq(file.run.0));
        select
            .and_where(Expr::col("path").eq(file.path.as_str()))
            .lock_exclusive();
        let Some(before) = self.one::<FileRecord>(&select).await? else {
            return Err(MetaError::unavailable(
                "a file was deleted while it was being replaced",
            ));
        };
        let update = Query::update()
            .table("run_files")
            .value("object_key", file.object_key.as_str())
            .value("size_bytes", int(file.size_bytes))
            .value("md5", md5)
            .value("blake3", blake3)
            .value("mime_type", mime_type)
            .value("updated_at", micros(file.updated_at))
            .and_where(Expr::col("file_key").eq(before.key.0))
            .to_owned();
        self.execute("run_files", &update).await?;
        Ok((before.object_key != file.object_key).then_some(before.object_key))
    }

    /// Forgets a file. Returns its object, which the caller dooms.
    pub async fn delete_run_file(&self, key: FileKey) -> Result<Option<String>, MetaError> {
        let delete = Query::delete()
            .from_table("run_files")
            .and_where(Expr::col("file_key").eq(key.0))
            .returning_col("object_key")
            .to_owned();
        let row = self.one_row("run_files", &delete).await?;
        row.map(|row| row.get("object_key")).transpose()
    }

    /// Records an upload.
    ///
    /// # Errors
    /// [`MetaError::Conflict`] if the object key was used before.
    pub async fn insert_upload(&self, upload: NewUpload) -> Result<(), MetaError> {
        let insert = Query::insert()
            .into_table("uploads")
            .columns(["object_key", "run_key", "path", "created_at"])
            .values_panic([
                upload.object_key.into(),
                upload.run.0.into(),
                upload.path.as_str().into(),
                micros(upload.created_at).into(),
            ])
            .to_owned();
        self.execute("uploads", &insert).await?;
        Ok(())
    }

    /// Forgets an upload. Returns whether it was there.
    pub async fn delete_upload(&self, object_key: &str) -> Result<bool, MetaError> {
        let delete = Query::delete()
            .from_table("uploads")
            .and_where(Expr::col("object_key").eq(object_key))
            .to_owned();
        Ok(self.execute("uploads", &delete).await? > 0)
    }
}
