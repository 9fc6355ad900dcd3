//! A server's operations on a temporary database and folder.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ballast_blobs::{BlobOptions, BlobUrl, Blobs};
use ballast_history::segment_object_keys;
use ballast_meta::{DatabaseUrl, Meta, OpenOptions};
use ballast_model::json::Value;
use ballast_model::{Entropy, MetricName, RunId, RunPath};
use ballast_testing::clock::TestClock;
use ballast_testing::entropy::SeededEntropy;
use ballast_testing::postgres;
use ballast_tracking::history::{Append, Lines, Row, RowsRequest};
use ballast_tracking::people::NewUser;
use ballast_tracking::runs::{Branch, RunTarget, UpsertRun};
use ballast_tracking::{Caller, Settings, Stream, Tracking};
use bytes::Bytes;
use futures::TryStreamExt as _;

/// A server, its clock and two users, `ada` and `bob`, the first an admin.
pub(crate) struct World {
    pub(crate) tracking: Tracking,
    pub(crate) meta: Meta,
    pub(crate) blobs: Blobs,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) ada: Caller,
    pub(crate) bob: Caller,
    url: DatabaseUrl,
    folder: tempfile::TempDir,
    /// What the next server draws its chance from.
    next_seed: AtomicU64,
}

impl World {
    /// On SQLite.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("meta.db"));
        Self::open(url, folder).await
    }

    /// Runs `test` on PostgreSQL, if there is a server for tests.
    pub(crate) async fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F) {
        postgres::with_fresh_database(|url| async {
            let folder = tempfile::tempdir().expect("a temporary folder");
            test(Self::open(DatabaseUrl::Postgres(url), folder).await).await;
        })
        .await;
    }

    async fn open(url: DatabaseUrl, folder: tempfile::TempDir) -> Self {
        let clock = Arc::new(TestClock::default());
        let (meta, blobs) = open_stores(&url, &folder).await;
        let tracking = open_server(&meta, &blobs, &clock, 7).await;
        tracking
            .bootstrap("ada", Some(&key_of("ada")))
            .await
            .expect("a first admin");
        let ada = tracking
            .authenticate_key(&key_of("ada"))
            .await
            .expect("the database answers")
            .expect("ada's key");
        let bob = NewUser {
            username: "bob".to_owned(),
            api_key: Some(key_of("bob")),
            ..NewUser::default()
        };
        tracking
            .create_user(&ada, bob)
            .await
            .expect("a second user");
        let bob = tracking
            .authenticate_key(&key_of("bob"))
            .await
            .expect("the database answers")
            .expect("bob's key");
        Self {
            tracking,
            meta,
            blobs,
            clock,
            ada,
            bob,
            url,
            folder,
            next_seed: AtomicU64::new(11),
        }
    }

    /// Makes a user, for [`World::sign_in`].
    pub(crate) async fn add_user(&self, username: &str) {
        let new = NewUser {
            username: username.to_owned(),
            email: format!("{username}@example.org"),
            api_key: Some(key_of(username)),
            ..NewUser::default()
        };
        self.tracking
            .create_user(&self.ada, new)
            .await
            .expect("a user");
    }

    /// The user with the roles that they have now.
    pub(crate) async fn sign_in(&self, username: &str) -> Caller {
        let caller = self.tracking.authenticate_key(&key_of(username)).await;
        caller.expect("the database answers").expect("a user's key")
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.url, DatabaseUrl::Sqlite(_))
    }

    /// Another server on the same stores, with connections and chance of its own and the same clock.
    pub(crate) async fn another_server(&self) -> Tracking {
        let (meta, blobs) = open_stores(&self.url, &self.folder).await;
        let seed = self.next_seed.fetch_add(1, Ordering::Relaxed);
        open_server(&meta, &blobs, &self.clock, seed).await
    }

    /// Where the object `key` lies.
    pub(crate) fn object_file(&self, key: &str) -> PathBuf {
        self.folder.path().join("blobs").join(key)
    }

    /// The keys of all objects in the blob store.
    pub(crate) async fn stored_objects(&self) -> BTreeSet<String> {
        let found: Vec<_> = self.blobs.list("").try_collect().await.expect("a list");
        found.into_iter().map(|blob| blob.key).collect()
    }

    /// The keys of all objects that a segment has.
    pub(crate) async fn segment_objects(&self) -> BTreeSet<String> {
        let segments = self.meta.read().all_segments(None, 10_000).await;
        let objects = segments.expect("segments").into_iter().flat_map(|segment| {
            segment_object_keys(&segment.object_key, &segment.index).expect("a sound directory")
        });
        objects.collect()
    }

    /// Makes the run `id` in ada's project `vision`, reporting.
    pub(crate) async fn start(&self, id: &str) -> RunPath {
        self.tracking
            .upsert_run(&self.ada, upsert(id))
            .await
            .expect("a run");
        path(id)
    }

    pub(crate) async fn log(&self, run: &RunPath, offset: u64, lines: &[&str]) {
        let append = Append {
            history: Some(lines_at(offset, lines)),
            ..Append::default()
        };
        self.tracking
            .append(&self.ada, run, append)
            .await
            .expect("rows are stored");
    }

    pub(crate) async fn rows(&self, run: &RunPath) -> Vec<Row> {
        let request = RowsRequest {
            limit: 1_000_000,
            ..RowsRequest::default()
        };
        self.tracking
            .rows(&self.ada, run, Stream::History, &request)
            .await
            .expect("rows are read")
            .rows
    }

    /// The integers logged as `x`, in line order.
    pub(crate) async fn xs(&self, run: &RunPath) -> Vec<i64> {
        let rows = self.rows(run).await;
        rows.iter()
            .map(|row| row.values["x"].as_i64().expect("an integer"))
            .collect()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// The API key of a user of the tests.
fn key_of(username: &str) -> String {
    format!("{username}0").chars().cycle().take(40).collect()
}

async fn open_stores(url: &DatabaseUrl, folder: &tempfile::TempDir) -> (Meta, Blobs) {
    let meta = Meta::open(url, &OpenOptions::default())
        .await
        .expect("the database opens");
    let url = BlobUrl::folder(folder.path().join("blobs"));
    let blobs = Blobs::open(&url, &BlobOptions::new()).expect("a folder opens");
    (meta, blobs)
}

async fn open_server(meta: &Meta, blobs: &Blobs, clock: &Arc<TestClock>, seed: u64) -> Tracking {
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
    Tracking::open(
        meta.clone(),
        blobs.clone(),
        Settings::default(),
        ["api".to_owned()],
        clock.clone(),
        entropy,
    )
    .await
    .expect("the stores answer")
}

pub(crate) fn path(id: &str) -> RunPath {
    RunPath::new("ada", "vision", id).expect("valid names")
}

pub(crate) fn upsert(id: &str) -> UpsertRun {
    let target = RunTarget::Name {
        entity: None,
        project: Some("vision".parse().expect("valid name")),
        run: RunId::new(id).expect("valid id"),
    };
    UpsertRun {
        reports: true,
        ..UpsertRun::new(target)
    }
}

/// The run `id`, reporting, as a fork of `parent` at `step`.
pub(crate) fn fork_of(parent: &str, step: i64, id: &str) -> UpsertRun {
    let branch = Branch {
        parent: path(parent).run,
        step,
    };
    UpsertRun {
        branch: Some(branch),
        ..upsert(id)
    }
}

pub(crate) fn lines_at(offset: u64, lines: &[&str]) -> Lines {
    Lines {
        offset,
        lines: lines
            .iter()
            .map(|line| Bytes::copy_from_slice(line.as_bytes()))
            .collect(),
    }
}

/// Rows with steps and `x` from `range`, `x` shifted by `shift`.
pub(crate) fn steps(range: std::ops::Range<i64>, shift: i64) -> Vec<String> {
    range
        .map(|step| format!(r#"{{"_step":{step},"x":{}}}"#, step + shift))
        .collect()
}

pub(crate) fn strs(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

pub(crate) fn name(key: &str) -> MetricName {
    MetricName::from_key(key)
}

pub(crate) fn value(text: &str) -> Value {
    Value::parse(text.as_bytes()).expect("valid JSON")
}
