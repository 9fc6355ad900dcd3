//! Artifacts from the operator's shell: `ballast diff`, `ballast gc` and `ballast verify` on a data folder that a server left.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ballast_blobs::{BlobOptions, BlobUrl, Blobs};
use ballast_meta::{DatabaseUrl, Meta, OpenOptions};
use ballast_model::json::{Map, Value};
use ballast_model::{ArtifactKey, ProjectName, RunId, RunPath};
use ballast_testing::clock::TestClock;
use ballast_testing::entropy::SeededEntropy;
use ballast_tracking::artifacts::{ArtifactRecord, Content, ManifestKind, NewVersion};
use ballast_tracking::files::UploadTarget;
use ballast_tracking::runs::{RunTarget, UpsertRun};
use ballast_tracking::{Caller, Settings, Tracking};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use insta::assert_snapshot;
use md5::{Digest as _, Md5};

use crate::harness::Place;

/// The files of a version: paths and texts, by path.
type Files<'a> = &'a [(&'a str, &'a str)];

fn md5(text: &str) -> [u8; 16] {
    Md5::digest(text.as_bytes()).into()
}

fn base64_md5(text: &str) -> String {
    BASE64_STANDARD.encode(md5(text))
}

/// A server on a data folder, at the beginning of 2026.
struct Server {
    tracking: Tracking,
    meta: Meta,
    admin: Caller,
}

impl Server {
    async fn open(place: &Place) -> Self {
        let folder = place.path("ballast-data");
        fs::create_dir(&folder).expect("a folder");
        let database = DatabaseUrl::sqlite(folder.join("ballast.db"));
        let meta = Meta::open(&database, &OpenOptions::default()).await;
        let meta = meta.expect("a database");
        let url = BlobUrl::folder(folder.join("blobs"));
        let blobs = Blobs::open(&url, &BlobOptions::new()).expect("a folder");
        let tracking = Tracking::open(
            meta.clone(),
            blobs,
            Settings::default(),
            [],
            Arc::new(TestClock::default()),
            Arc::new(SeededEntropy::new(7)),
        );
        let tracking = tracking.await.expect("the stores answer");
        tracking
            .bootstrap("admin", None)
            .await
            .expect("a first admin");
        let admin = tracking.operator("admin").await.expect("the admin");
        Self {
            tracking,
            meta,
            admin,
        }
    }

    async fn start_run(&self, id: &str, learning_rate: f64) -> RunPath {
        let run = RunPath::new("admin", "vision", id).expect("valid names");
        let mut config = Map::new();
        config.insert("lr".to_owned(), Value::Float(learning_rate));
        config.insert("batch".to_owned(), Value::Int(32));
        let target = RunTarget::Name {
            entity: Some(run.entity.clone()),
            project: Some(run.project.clone()),
            run: run.run.clone(),
        };
        let upsert = UpsertRun {
            display_name: Some(format!("try {id}")),
            config: Some(config),
            ..UpsertRun::new(target)
        };
        let upserted = self.tracking.upsert_run(&self.admin, upsert).await;
        upserted.expect("a run");
        run
    }

    /// Announces a version and sends everything that it needs; what is left is to commit it.
    async fn prepare(
        &self,
        run: Option<&RunPath>,
        name: (&str, &str),
        files: Files<'_>,
    ) -> ArtifactKey {
        let (tracking, admin) = (&self.tracking, &self.admin);
        let lines = files
            .iter()
            .map(|(path, text)| format!("{path}:{}\n", base64_md5(text)));
        let lines: Vec<String> = lines.collect();
        let digest = md5(&format!("wandb-artifact-manifest-v1\n{}", lines.concat()));
        let version = NewVersion {
            entity: None,
            project: ProjectName::new("vision").expect("a valid name"),
            run: run.map(|run| RunId::clone(&run.run)),
            collection: name.0.parse().expect("a valid name"),
            artifact_type: name.1.parse().expect("a valid name"),
            digest: format!("{:032x}", u128::from_be_bytes(digest)),
            description: None,
            metadata: None,
            ttl_s: None,
            history_step: None,
            aliases: Vec::new(),
            tags: Vec::new(),
            client_id: None,
            collection_client_id: None,
            distributed_id: None,
            deduplicate: true,
        };
        let announced = tracking.announce_version(admin, version).await;
        let artifact = announced.expect("announced").artifact.key;
        let contents = files.iter().map(|(_, text)| Content {
            md5: md5(text),
            parts: Vec::new(),
        });
        let contents: Vec<Content> = contents.collect();
        let steps = tracking.begin_contents(admin, artifact, &contents).await;
        for (step, (_, text)) in steps.expect("addresses").into_iter().zip(files) {
            if let Some(target) = step.upload {
                self.send(target, (*text).to_owned()).await;
            }
        }
        let entries = files.iter().map(|(path, text)| {
            let (digest, size) = (base64_md5(text), text.len());
            format!(r#""{path}":{{"digest":"{digest}","size":{size}}}"#)
        });
        let entries: Vec<String> = entries.collect();
        let manifest = format!(r#"{{"version":1,"contents":{{{}}}}}"#, entries.join(","));
        let kind = ManifestKind::Full;
        let begun = tracking.begin_manifest(admin, artifact, kind, None, Some(md5(&manifest)));
        let (_, target) = begun.await.expect("begun");
        self.send(target.expect("an address"), manifest).await;
        artifact
    }

    async fn send(&self, target: UploadTarget, text: String) {
        let UploadTarget::Through { ticket } = target else {
            panic!("a folder takes uploads through the server");
        };
        let body = futures::stream::once(async { Ok::<_, std::io::Error>(Bytes::from(text)) });
        let sent = self.tracking.receive_content(&ticket, None, None, body);
        sent.await.expect("stored");
    }

    async fn log(
        &self,
        run: Option<&RunPath>,
        name: (&str, &str),
        files: Files<'_>,
    ) -> ArtifactRecord {
        let artifact = self.prepare(run, name, files).await;
        let committed = self.tracking.commit_version(&self.admin, artifact).await;
        committed.expect("committed")
    }
}

/// A place with two trainings: the second with another learning rate, on data in which a file is new.
async fn two_trainings() -> Place {
    let place = Place::new();
    let server = Server::open(&place).await;
    for (id, learning_rate, files) in [
        ("one", 0.1, &[("labels.csv", "a,b\n1,2\n")][..]),
        (
            "two",
            0.2,
            &[("extra.csv", "a\n3\n"), ("labels.csv", "a,b\n1,2\n")],
        ),
    ] {
        let data = server.log(None, ("data", "dataset"), files).await;
        let run = server.start_run(id, learning_rate).await;
        let used = server
            .tracking
            .use_version(&server.admin, &run, data.key, None);
        used.await.expect("used");
        let weights = format!("weights of {id}");
        server
            .log(Some(&run), ("model", "model"), &[("w", &weights)])
            .await;
    }
    server.meta.close().await;
    place
}

/// Runs are compared with what they were made from, causes first.
#[tokio::test]
async fn diff_of_runs() {
    let place = two_trainings().await;
    assert_snapshot!(place.run(&["diff", "admin/vision/one", "admin/vision/two"]), @r"
    exit code: 0
    ----- stdout
    left   run admin/vision/one (try one)
    right  run admin/vision/two (try two)

    First differences, farthest upstream first
      1 step    dataset `data` is `data:v0` on the left and `data:v1` on the right: 1 file differs (`+extra.csv`)
      here      config `lr` of runs `try one` and `try two` is `0.1` on the left and `0.2` on the right

    config: 1 different, 1 the same
      ~ lr  0.1 → 0.2

    inputs: 2 different, 0 the same
      ~ data            admin/vision/data:v0 → admin/vision/data:v1
      + data/extra.csv  4 bytes

    lineage
      here      run   changed     try one → try two
      1 step    data  changed     data:v0 → data:v1
    ----- stderr
    ");
    assert_snapshot!(place.run(&["diff", "admin/vision/one", "admin/vision/one"]), @r"
    exit code: 0
    ----- stdout
    left   run admin/vision/one (try one)
    right  run admin/vision/one (try one)

    Nothing that they were made from differs.

    lineage
      here      run  same        try one
    ----- stderr
    ");
}

/// Versions are compared by their files and by the runs that made them; an alias names one, too.
#[tokio::test]
async fn diff_of_versions() {
    let place = two_trainings().await;
    assert_snapshot!(place.run(&["diff", "admin/vision/data:v0", "admin/vision/data:latest"]), @r"
    exit code: 0
    ----- stdout
    left   dataset admin/vision/data:v0
    right  dataset admin/vision/data:v1

    First differences, farthest upstream first
      here      dataset `data` is `data:v0` on the left and `data:v1` on the right: 1 file differs (`+extra.csv`)

    files: 1 different, 1 the same
      + extra.csv  4 bytes

    lineage
      here      data  changed     data:v0 → data:v1
    ----- stderr
    ");
    assert_snapshot!(place.run(&["diff", "admin/vision/model:v0", "admin/vision/model:v1"]), @r"
    exit code: 0
    ----- stdout
    left   model admin/vision/model:v0
    right  model admin/vision/model:v1

    First differences, farthest upstream first
      2 steps   dataset `data` is `data:v0` on the left and `data:v1` on the right: 1 file differs (`+extra.csv`)
      1 step    config `lr` of runs `try one` and `try two` is `0.1` on the left and `0.2` on the right

    What follows from them
      here      model `model` is `model:v0` on the left and `model:v1` on the right: 1 file differs (`w`); what it was made from differs

    files: 1 different, 0 the same
      ~ w  14 bytes → 14 bytes

    config: 1 different, 1 the same
      ~ lr  0.1 → 0.2

    inputs: 2 different, 0 the same
      ~ data            admin/vision/data:v0 → admin/vision/data:v1
      + data/extra.csv  4 bytes

    lineage
      here      model                changed     model:v0 → model:v1
      1 step    run that made model  changed     try one → try two
      2 steps   data                 changed     data:v0 → data:v1
    ----- stderr
    ");
}

/// As JSON it is one document on stdout that has what the text has.
#[tokio::test]
async fn diff_as_json() {
    let place = two_trainings().await;
    let arguments = ["diff", "--json", "admin/vision/one", "admin/vision/two"];
    let output = place.command(&arguments).output().expect("the binary runs");
    assert!(output.status.success() && output.stderr.is_empty());
    let Ok(Value::Map(diff)) = Value::parse(output.stdout.trim_ascii_end()) else {
        panic!("{}", String::from_utf8_lossy(&output.stdout));
    };
    let keys: Vec<&str> = diff.keys().map(String::as_str).collect();
    assert_snapshot!(keys.join(" "), @"left right first_differences sections lineage truncated");
    let Value::List(findings) = &diff["first_differences"] else {
        panic!("{diff:?}");
    };
    let messages = findings.iter().map(|finding| match finding {
        Value::Map(finding) => finding["message"].to_text(),
        other => panic!("{other:?}"),
    });
    assert_snapshot!(messages.collect::<Vec<_>>().join("\n"), @r#"
    "dataset `data` is `data:v0` on the left and `data:v1` on the right: 1 file differs (`+extra.csv`)"
    "config `lr` of runs `try one` and `try two` is `0.1` on the left and `0.2` on the right"
    "#);
}

/// What does not exist is named, and so is the side that is wrong.
#[tokio::test]
async fn diff_of_what_does_not_exist() {
    let place = two_trainings().await;
    let one = "admin/vision/one";
    assert_snapshot!(place.run(&["diff", one, "admin/vision/three"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: run `three` does not exist in `admin/vision`
    ");
    assert_snapshot!(place.run(&["diff", "admin/vision/data:v7", one]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: artifact version `v7` does not exist in `admin/vision/data`
    ");
    assert_snapshot!(place.run(&["diff", "admin/vision/nothing:latest", one]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: artifact collection `nothing` does not exist in `admin/vision`
    ");
    assert_snapshot!(place.run(&["diff", "--json", "nobody/vision/one", one]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: entity `nobody` does not exist
    ");
    assert_snapshot!(place.run(&["diff", one, "admin/vision/data:v0"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: `admin/vision/one` and `admin/vision/data:v0` are a run and a version; compare two runs, or two versions
    ");
    assert_snapshot!(place.run(&["diff", one]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: the following required arguments were not provided:
      <RIGHT>

    Usage: ballast diff <LEFT> <RIGHT>

    For more information, try '--help'.
    ");
}

/// What nothing uses is listed with its reason, and freed once.
#[tokio::test]
async fn collection_of_garbage() {
    let place = Place::new();
    let server = Server::open(&place).await;
    let name = ("data", "dataset");
    let v0 = server
        .log(None, name, &[("a", "only in the first"), ("b", "in both")])
        .await;
    server.log(None, name, &[("b", "in both")]).await;
    server
        .prepare(None, name, &[("c", "never committed")])
        .await;
    let deleted = server.tracking.delete_version(&server.admin, v0.key, true);
    deleted.await.expect("deleted");
    // By the clock of the binary all this was long ago.
    server.meta.close().await;

    assert_snapshot!(place.run(&["gc", "--dry-run"]), @r"
    exit code: 0
    ----- stdout
    free  1c84d73119938b9c4ec740f2a7b0d88a            17 bytes  no version uses it
    free  697e9e4816d6fac4fd49703e2cf8e94c            15 bytes  no version uses it
    ----- stderr
    would be freed: 2 contents, 32 bytes; would be deleted: 0 versions whose time is over, 1 that were never committed
    ");
    assert_snapshot!(place.run(&["gc", "--dry-run", "--kept"]), @r"
    exit code: 0
    ----- stdout
    free  1c84d73119938b9c4ec740f2a7b0d88a            17 bytes  no version uses it
    keep  61710ce01d87d19eefd1fe243db757d6             7 bytes  used by admin/vision/data:v1
    free  697e9e4816d6fac4fd49703e2cf8e94c            15 bytes  no version uses it
    ----- stderr
    would be freed: 2 contents, 32 bytes; would be deleted: 0 versions whose time is over, 1 that were never committed
    ");
    assert_snapshot!(place.run(&["gc"]), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    freed: 2 contents, 32 bytes; deleted: 0 versions whose time is over, 1 that were never committed
    ");
    assert_snapshot!(place.run(&["gc", "--kept"]), @r"
    exit code: 0
    ----- stdout
    keep  61710ce01d87d19eefd1fe243db757d6             7 bytes  used by admin/vision/data:v1
    ----- stderr
    freed: 0 contents, 0 bytes; deleted: 0 versions whose time is over, 0 that were never committed
    ");
    assert_snapshot!(place.run(&["verify", "admin/vision/data:v1"]), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    verified the manifest and 1 files of `admin/vision/data:v1`: 1 different contents of 7 bytes; 0 references were not followed
    ");
    assert_snapshot!(place.run(&["verify", "admin/vision/data:v0"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: artifact version `v0` does not exist in `admin/vision/data`
    ");
}

/// Nothing is made where no server has been.
#[test]
fn no_database_to_look_at() {
    let place = Place::new();
    for arguments in [
        &["gc"][..],
        &["verify", "admin/vision/data:v0"],
        &["diff", "admin/vision/one", "admin/vision/two"],
    ] {
        let shown = place.run(arguments);
        assert!(shown.contains("error: there is no database"), "{shown}");
        assert!(shown.starts_with("exit code: 1\n"), "{shown}");
    }
    assert!(!place.path("ballast-data").exists());
}

/// A version is read to its last byte; what is damaged or gone is named on stdout, and the exit code says that there is
/// something.
#[tokio::test]
async fn verification_of_a_version() {
    let place = two_trainings().await;
    let verify = |name: &str| {
        let shown = place.run(&["verify", &format!("admin/vision/{name}")]);
        without_objects(&shown)
    };
    assert_snapshot!(verify("data:v1"), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    verified the manifest and 2 files of `admin/vision/data:v1`: 2 different contents of 12 bytes; 0 references were not followed
    ");
    let object =
        |text: &str| find(&place.path("ballast-data/blobs"), text).expect("the content is stored");
    fs::write(object("a\n3\n"), "a\n4\n").expect("damaged");
    assert_snapshot!(verify("data:latest"), @r"
    exit code: 1
    ----- stdout
    file `extra.csv` (object `[OBJECT]`): does not match its checksum
    ----- stderr
    verified the manifest and 2 files of `admin/vision/data:latest`: 2 different contents of 12 bytes; 0 references were not followed
    error: 1 thing is damaged
    ");
    fs::remove_file(object("a,b\n1,2\n")).expect("removed");
    assert_snapshot!(verify("data:v1"), @r"
    exit code: 1
    ----- stdout
    file `extra.csv` (object `[OBJECT]`): does not match its checksum
    file `labels.csv` (object `[OBJECT]`): blob `[OBJECT]` does not exist
    ----- stderr
    verified the manifest and 2 files of `admin/vision/data:v1`: 2 different contents of 12 bytes; 0 references were not followed
    error: 2 things are damaged
    ");
    // The other has nothing of it.
    assert_snapshot!(verify("model:v0"), @r"
    exit code: 0
    ----- stdout
    ----- stderr
    verified the manifest and 1 files of `admin/vision/model:v0`: 1 different contents of 14 bytes; 0 references were not followed
    ");
}

/// A text in which objects, whose names are random, are `[OBJECT]`.
fn without_objects(text: &str) -> String {
    let parts = text.split('`').map(|part| {
        if part.starts_with("blobs/") {
            "[OBJECT]"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// The file below a folder that has this text.
fn find(folder: &Path, text: &str) -> Option<PathBuf> {
    let mut entries = fs::read_dir(folder).expect("a folder");
    entries.find_map(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find(&path, text)
        } else {
            let content = fs::read(&path).expect("a file");
            (content == text.as_bytes()).then_some(path)
        }
    })
}

/// A version that does not exist is named.
#[tokio::test]
async fn verification_of_what_does_not_exist() {
    let place = two_trainings().await;
    let verify = |name: &str| place.run(&["verify", name]);
    assert_snapshot!(verify("admin/vision/data:v7"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: artifact version `v7` does not exist in `admin/vision/data`
    ");
    assert_snapshot!(verify("admin/vision/data:best"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: artifact version `best` does not exist in `admin/vision/data`
    ");
    assert_snapshot!(verify("admin/vision/nothing:v0"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: artifact collection `nothing` does not exist in `admin/vision`
    ");
    assert_snapshot!(verify("admin/elsewhere/data:v0"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: project `elsewhere` does not exist in `admin`
    ");
    assert_snapshot!(verify("nobody/vision/data:v0"), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: entity `nobody` does not exist
    ");
    let place = place.with_variable("BALLAST_ADMIN_USERNAME", "grace");
    assert_snapshot!(place.run(&["verify", "admin/vision/data:v0"]), @r"
    exit code: 1
    ----- stdout
    ----- stderr
    error: user `grace` does not exist

    hint: the first start of the server makes the first admin; `admin_username` says which admin to act as
    ");
}
