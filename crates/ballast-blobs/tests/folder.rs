//! What only a folder does: crashes, leftovers, and the shape of its files.

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::task::Poll;

use ballast_blobs::{BlobError, BlobOptions, BlobUrl, Blobs, Expect};
use common::{body, bytes, keys};
use futures::{StreamExt as _, stream};
use md5::{Digest as _, Md5};

/// Tells the child of [`killed_in_the_middle_of_a_put`] which folder to use.
const CHILD_FOLDER: &str = "BALLAST_TEST_CHILD_FOLDER";

const MIB: usize = 1024 * 1024;

fn open(root: &Path) -> Blobs {
    Blobs::open(&BlobUrl::folder(root), &BlobOptions::new()).expect("a store")
}

/// Names of the unfinished uploads.
fn unfinished(root: &Path) -> Vec<String> {
    fs::read_dir(root.join(".uploads"))
        .expect("the folder of uploads")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name != "lock")
        .collect()
}

/// A blob is the file that its key names, so that people can look at and copy the folder.
#[tokio::test]
async fn a_blob_is_a_file_named_by_its_key() {
    let root = tempfile::tempdir().expect("a folder");
    let blobs = open(&root.path().join("made/when/missing"));
    blobs.put("a/b.txt", bytes(1, 100)).await.expect("stored");
    let file = root.path().join("made/when/missing/a/b.txt");
    assert_eq!(fs::read(&file).expect("the file"), bytes(1, 100));
    assert!(!blobs.transfers_directly());

    blobs.delete("a/b.txt").await.expect("deleted");
    assert!(
        !file.parent().expect("its folder").exists(),
        "an empty folder stays"
    );
}

#[tokio::test]
async fn a_blob_cannot_be_above_another() {
    let root = tempfile::tempdir().expect("a folder");
    let blobs = open(root.path());
    blobs.put("a/b", bytes(1, 1)).await.expect("stored");
    for key in ["a", "a/b/c", "a/b/c/d"] {
        let error = blobs.put(key, bytes(2, 1)).await.expect_err("a conflict");
        assert!(matches!(error, BlobError::InvalidKey { .. }), "{error:?}");
        assert!(
            matches!(blobs.get(key).await, Err(BlobError::NotFound { .. })),
            "{key}"
        );
        assert_eq!(blobs.head(key).await.expect("an answer"), None);
        blobs.delete(key).await.expect("deleted already");
    }
    assert_eq!(keys(&blobs, "").await, ["a/b"]);
    assert!(unfinished(root.path()).is_empty());
}

#[tokio::test]
async fn refused_bodies_leave_no_file() {
    let root = tempfile::tempdir().expect("a folder");
    let blobs = open(root.path());
    let content = bytes(1, 3 * MIB);
    for expect in [
        Expect::at_most(2 * MIB as u64),
        Expect {
            md5: Some([0; 16]),
            ..Expect::at_most(u64::MAX)
        },
    ] {
        blobs
            .put_stream("k", body(&content, 50_000), expect)
            .await
            .expect_err("a refusal");
        assert!(unfinished(root.path()).is_empty());
    }
}

/// Nothing takes the place of a blob that is to be new, even if several come at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_blob_does_not_replace_another() {
    let root = tempfile::tempdir().expect("a folder");
    let blobs = open(root.path());
    let expect = Expect {
        is_new: true,
        ..Expect::at_most(u64::MAX)
    };
    let contents: Vec<_> = (0..8).map(|seed| bytes(seed, 100)).collect();
    let puts = contents
        .iter()
        .map(|content| blobs.put_stream("k", body(content, 50), expect));
    let outcomes = futures::future::join_all(puts).await;
    let first = outcomes
        .iter()
        .position(Result::is_ok)
        .expect("one is stored");
    for (at, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(_) => assert_eq!(at, first),
            Err(error) => assert!(matches!(error, BlobError::Exists { .. }), "{error:?}"),
        }
    }
    assert_eq!(blobs.get("k").await.expect("the blob"), contents[first]);
    assert!(unfinished(root.path()).is_empty());
}

/// Parts in any order and several times, joined twice as after a crash.
#[tokio::test(flavor = "multi_thread")]
async fn parts_are_joined_in_place() {
    let root = tempfile::tempdir().expect("a folder");
    let blobs = open(root.path());
    let whole = bytes(5, 3 * MIB + 17);
    let md5: [u8; 16] = Md5::digest(&whole).into();
    let missing = blobs.join_parts("up/whole", 1, md5, "b/x").await;
    assert!(
        matches!(missing, Err(BlobError::NotFound { .. })),
        "{missing:?}"
    );
    for at in [3, 0, 2, 1, 2] {
        let offset = at * MIB;
        let part = whole.slice(offset..whole.len().min(offset + MIB));
        let wrong = Expect {
            md5: Some([0; 16]),
            ..Expect::at_most(u64::MAX)
        };
        let refused = blobs
            .put_part("up/whole", offset as u64, body(&part, 70_000), wrong)
            .await;
        let is_named = matches!(refused, Err(BlobError::DigestMismatch { .. }));
        assert!(is_named, "{refused:?}");
        let expect = Expect {
            md5: Some(Md5::digest(&part).into()),
            content_length: Some(part.len() as u64),
            ..Expect::at_most(u64::MAX)
        };
        blobs
            .put_part("up/whole", offset as u64, body(&part, 70_000), expect)
            .await
            .expect("written");
    }
    let size_bytes = whole.len() as u64;
    for target in ["b/x", "b/y"] {
        let stored = blobs.join_parts("up/whole", size_bytes, md5, target).await;
        let stored = stored.expect("joined");
        assert_eq!((stored.size_bytes, stored.md5), (size_bytes, md5));
        assert_eq!(stored.blake3, *blake3::hash(&whole).as_bytes());
        assert_eq!(blobs.get(target).await.expect("the blob"), whole);
        // A part that comes late gets into neither.
        let late = bytes(9, MIB);
        let expect = Expect::at_most(u64::MAX);
        let late = blobs.put_part("up/whole", 0, body(&late, MIB), expect);
        late.await.expect("written");
        assert_eq!(blobs.get(target).await.expect("the blob"), whole);
    }
    blobs.delete("up/whole.joined").await.expect("deleted");
    let wrong = blobs.join_parts("up/whole", size_bytes, md5, "b/z").await;
    assert!(
        matches!(wrong, Err(BlobError::DigestMismatch { .. })),
        "{wrong:?}"
    );
    assert_eq!(keys(&blobs, "").await, ["b/x", "b/y"]);
}

/// Many puts and deletes that make and remove the same folders do not get into each other's way.
#[tokio::test(flavor = "multi_thread")]
async fn folders_come_and_go_under_load() {
    let root = tempfile::tempdir().expect("a folder");
    let blobs = open(root.path());
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8_u8 {
        let blobs = blobs.clone();
        tasks.spawn(async move {
            let key = format!("x/y/{task}");
            for _ in 0..50 {
                blobs.put(&key, bytes(task, 10)).await.expect("stored");
                assert_eq!(blobs.get(&key).await.expect("the blob"), bytes(task, 10));
                blobs.delete(&key).await.expect("deleted");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a task that succeeds");
    }
    assert_eq!(keys(&blobs, "").await, [""; 0]);
}

#[tokio::test]
async fn foreign_files_are_not_listed() {
    let root = tempfile::tempdir().expect("a folder");
    let blobs = open(root.path());
    blobs.put("k", bytes(1, 1)).await.expect("stored");
    fs::write(root.path().join("not a key"), "x").expect("written");
    fs::write(root.path().join(".hidden"), "x").expect("written");
    assert_eq!(keys(&blobs, "").await, ["k"]);
}

#[tokio::test]
async fn a_file_is_no_store() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = Blobs::open(&BlobUrl::folder(file.path()), &BlobOptions::new());
    assert!(matches!(error, Err(BlobError::Open { .. })));
}

#[tokio::test]
async fn a_folder_that_another_process_removed_is_made_again() {
    let root = tempfile::tempdir().expect("a folder");
    let (blobs, other) = (open(root.path()), open(root.path()));
    let content = bytes(1, 10);
    blobs.put("a/b/1", content.clone()).await.expect("stored");
    other.delete("a/b/1").await.expect("deleted, with `a`");
    assert!(!root.path().join("a").exists());
    for key in ["a/c/1", "a/b/1"] {
        blobs.put(key, content.clone()).await.expect("stored");
        assert_eq!(other.get(key).await.expect("stored"), content);
    }
}

/// A process killed in the middle of a put leaves nothing visible and the old content intact; its leftovers go when the
/// store is opened next, and not before it is dead.
#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_put() {
    let root = tempfile::tempdir().expect("a folder");
    let old = bytes(1, 100);
    open(root.path())
        .put("k", old.clone())
        .await
        .expect("stored");

    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "child_that_never_finishes_a_put", "--nocapture"])
        .env(CHILD_FOLDER, root.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let output = BufReader::new(child.stdout.take().expect("its output"));
    let in_the_middle = output
        .lines()
        .map_while(Result::ok)
        .any(|line| line.ends_with("in the middle"));
    assert!(in_the_middle, "the child ended too early");

    let other = open(root.path());
    assert_eq!(
        unfinished(root.path()).len(),
        1,
        "the upload of a living process is removed"
    );
    drop(other);
    child.kill().expect("killed");
    child.wait().expect("dead");
    assert_eq!(unfinished(root.path()).len(), 1);

    let blobs = open(root.path());
    assert!(unfinished(root.path()).is_empty());
    assert_eq!(keys(&blobs, "").await, ["k"]);
    assert_eq!(blobs.get("k").await.expect("the old blob"), old);
}

/// Not a test by itself: the process that [`killed_in_the_middle_of_a_put`] kills. Does nothing when run alone.
#[tokio::test(flavor = "multi_thread")]
async fn child_that_never_finishes_a_put() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how the parent tells its child what to do"
    )]
    let Some(root) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let watched = std::path::PathBuf::from(&root);
    let stall = stream::poll_fn(move |context| {
        let written = |name: &String| {
            fs::metadata(watched.join(".uploads").join(name)).is_ok_and(|file| file.len() > 0)
        };
        if unfinished(&watched).iter().any(written) {
            let mut stdout = std::io::stdout();
            writeln!(stdout, "in the middle").expect("a parent that listens");
            return Poll::Pending;
        }
        context.waker().wake_by_ref();
        Poll::Pending
    });
    let half = body(&bytes(2, 5 * MIB), 100_000).chain(stall);
    let _ = open(Path::new(&root))
        .put_stream("k", half, Expect::at_most(u64::MAX))
        .await;
}
