//! A server's operations on a temporary SQLite database and folder.

use std::sync::Arc;
use std::time::Duration;

use ballast_blobs::{BlobOptions, Blobs};
use ballast_meta::{DatabaseUrl, Meta, OpenOptions};
use ballast_model::json::Value;
use ballast_model::{Entropy, MetricName, RunId, RunPath};
use ballast_testing::clock::TestClock;
use ballast_testing::entropy::SeededEntropy;
use ballast_tracking::history::{Append, Lines, Row, RowsRequest};
use ballast_tracking::people::NewUser;
use ballast_tracking::runs::{RunTarget, UpsertRun};
use ballast_tracking::{Caller, Settings, Stream, Tracking};
use bytes::Bytes;

/// A server, its clock and two users, `ada` and `bob`, the first an admin.
pub(crate) struct World {
    pub(crate) tracking: Tracking,
    /// What it is stored in.
    pub(crate) meta: Meta,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) ada: Caller,
    pub(crate) bob: Caller,
    _folder: tempfile::TempDir,
}

const ADA_KEY: &str = "ada0ada0ada0ada0ada0ada0ada0ada0ada0ada0";
const BOB_KEY: &str = "bob0bob0bob0bob0bob0bob0bob0bob0bob0bob0";

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let meta = Meta::open(
            &DatabaseUrl::Sqlite(folder.path().join("meta.db")),
            &OpenOptions::default(),
        )
        .await
        .expect("an embedded database opens");
        let url = folder
            .path()
            .join("blobs")
            .to_str()
            .expect("a plain path")
            .parse()
            .expect("a folder");
        let blobs = Blobs::open(&url, &BlobOptions::new()).expect("a folder opens");
        let clock = Arc::new(TestClock::default());
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(7));
        let reserved = ["api".to_owned()];
        let tracking = Tracking::open(
            meta.clone(),
            blobs,
            Settings::default(),
            reserved,
            clock.clone(),
            entropy,
        )
        .await
        .expect("the stores are fresh");
        tracking
            .bootstrap("ada", Some(ADA_KEY))
            .await
            .expect("a first admin");
        let ada = tracking
            .authenticate_key(ADA_KEY)
            .await
            .expect("the database answers")
            .expect("ada's key");
        let bob = NewUser {
            username: "bob".to_owned(),
            api_key: Some(BOB_KEY.to_owned()),
            ..NewUser::default()
        };
        tracking
            .create_user(&ada, bob)
            .await
            .expect("a second user");
        let bob = tracking
            .authenticate_key(BOB_KEY)
            .await
            .expect("the database answers")
            .expect("bob's key");
        Self {
            tracking,
            meta,
            clock,
            ada,
            bob,
            _folder: folder,
        }
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
