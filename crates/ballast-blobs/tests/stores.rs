//! What every store promises, checked on every store.

mod common;

use std::io;
use std::time::Duration;

use ballast_blobs::{BlobError, Blobs, Expect};
use bytes::Bytes;
use common::{TestStore, body, bytes, keys};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use md5::{Digest as _, Md5};

/// Runs each case on each kind of store.
macro_rules! on_every_store {
    ($($(#[$doc:meta])* $case:ident)+) => {
        mod folder {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread")]
            async fn $case() { super::$case(super::common::folder()).await; })+
        }
        mod s3 {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread")]
            async fn $case() { super::$case(super::common::s3().await).await; })+
        }
    };
}

on_every_store! {
    put_and_read_back
    put_replaces
    copy_makes_a_second_blob
    read_ranges
    read_what_is_not_there
    delete_is_idempotent
    list_below_a_prefix
    list_more_than_a_page
    stream_bodies_of_many_sizes
    refuse_bodies_that_differ_from_the_announcement
    refuse_a_body_that_breaks_off
    forget_a_put_that_is_dropped
    puts_of_one_key_do_not_mix
    refuse_invalid_keys
}

const MIB: usize = 1024 * 1024;

fn digest(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

async fn put_and_read_back(store: TestStore) {
    let blobs = &store.blobs;
    for length in [0, 1, 1000, 300_000] {
        let key = format!("files/{length}");
        let content = bytes(1, length);
        blobs.put(&key, content.clone()).await.expect("stored");

        assert_eq!(blobs.get(&key).await.expect("the blob"), content);
        let info = blobs
            .head(&key)
            .await
            .expect("an answer")
            .expect("the blob");
        assert_eq!(info.size_bytes, length as u64);
        let (streamed_info, chunks) = blobs.get_stream(&key, None).await.expect("the blob");
        assert_eq!(streamed_info.size_bytes, length as u64);
        let streamed: Vec<Bytes> = chunks.try_collect().await.expect("the bytes");
        assert_eq!(streamed.concat(), content);
    }
}

async fn copy_makes_a_second_blob(store: TestStore) {
    let blobs = &store.blobs;
    blobs.put("from", bytes(1, 3000)).await.expect("stored");
    blobs.put("to/there", bytes(2, 10)).await.expect("stored");
    blobs.copy("from", "to/there").await.expect("copied");
    blobs.put("from", bytes(3, 5)).await.expect("stored");
    let copied = blobs.get("to/there").await.expect("the blob");
    assert_eq!(copied, bytes(1, 3000));
    let missing = blobs.copy("missing", "to/there").await;
    assert!(matches!(missing, Err(BlobError::NotFound { .. })));
    let copied = blobs.get("to/there").await.expect("the blob");
    assert_eq!(copied, bytes(1, 3000));
}

async fn put_replaces(store: TestStore) {
    let blobs = &store.blobs;
    blobs.put("a/b", bytes(1, 2000)).await.expect("stored");
    let old = blobs
        .head("a/b")
        .await
        .expect("an answer")
        .expect("the blob");
    blobs.put("a/b", bytes(2, 10)).await.expect("stored");
    blobs.put("a/b", bytes(2, 10)).await.expect("stored twice");
    let new = blobs
        .head("a/b")
        .await
        .expect("an answer")
        .expect("the blob");
    assert_eq!(blobs.get("a/b").await.expect("the blob"), bytes(2, 10));
    assert_ne!(old.etag, new.etag);
    assert_eq!(keys(blobs, "").await, ["a/b"]);
}

async fn read_ranges(store: TestStore) {
    let blobs = &store.blobs;
    let content = bytes(3, 2 * MIB);
    blobs.put("k", content.clone()).await.expect("stored");
    let end = content.len() as u64;

    for range in [0..1, 0..end, 5..1000, end - 1..end, 300_000..1_500_001] {
        let expected = content.slice(range.start as usize..range.end as usize);
        let read = blobs
            .get_range("k", range.clone())
            .await
            .expect("the bytes");
        assert_eq!(read, expected);
        let (info, chunks) = blobs.get_stream("k", Some(range)).await.expect("the bytes");
        assert_eq!(info.size_bytes, end);
        let streamed: Vec<Bytes> = chunks.try_collect().await.expect("the bytes");
        assert_eq!(streamed.concat(), expected);
    }
    #[expect(clippy::reversed_empty_ranges, reason = "they are what is refused")]
    for range in [
        0..0,
        7..7,
        9..2,
        0..end + 1,
        end - 1..end + 1,
        end..end + 1,
        end + 5..end + 9,
    ] {
        let refused = blobs.get_range("k", range.clone()).await;
        assert!(
            matches!(&refused, Err(BlobError::InvalidRange { key, range: named }) if key == "k" && *named == range),
            "{range:?}: {refused:?}"
        );
        assert!(blobs.get_stream("k", Some(range)).await.is_err());
    }
}

async fn read_what_is_not_there(store: TestStore) {
    let blobs = &store.blobs;
    blobs.put("a/b", bytes(1, 1)).await.expect("stored");
    for key in ["x", "a/x", "x/y/z"] {
        let is_missing =
            |error: BlobError| matches!(error, BlobError::NotFound { key: named } if named == key);
        assert!(is_missing(blobs.get(key).await.expect_err("no blob")));
        assert!(is_missing(
            blobs.get_range(key, 0..1).await.expect_err("no blob")
        ));
        assert!(is_missing(
            blobs.get_stream(key, None).await.err().expect("no blob")
        ));
        assert_eq!(blobs.head(key).await.expect("an answer"), None);
    }
    assert_eq!(keys(blobs, "x").await, [""; 0]);
}

async fn delete_is_idempotent(store: TestStore) {
    let blobs = &store.blobs;
    blobs.put("a/b/c", bytes(1, 10)).await.expect("stored");
    blobs.put("a/d", bytes(2, 10)).await.expect("stored");
    blobs.delete("a/b/c").await.expect("deleted");
    blobs.delete("a/b/c").await.expect("deleted already");
    blobs.delete("never/was").await.expect("deleted already");
    assert_eq!(keys(blobs, "").await, ["a/d"]);
    blobs
        .put("a/b/c", bytes(3, 10))
        .await
        .expect("stored again");
    assert_eq!(blobs.get("a/b/c").await.expect("the blob"), bytes(3, 10));
}

async fn list_below_a_prefix(store: TestStore) {
    let blobs = &store.blobs;
    for key in ["runs/1/a", "runs/1/b/c", "runs/10/a", "top"] {
        blobs.put(key, bytes(1, key.len())).await.expect("stored");
    }
    assert_eq!(
        keys(blobs, "").await,
        ["runs/1/a", "runs/1/b/c", "runs/10/a", "top"]
    );
    assert_eq!(keys(blobs, "runs/1").await, ["runs/1/a", "runs/1/b/c"]);
    assert_eq!(keys(blobs, "runs/2").await, [""; 0]);
    let listed: Vec<_> = blobs
        .list("runs/10")
        .try_collect()
        .await
        .expect("a listing");
    assert_eq!(listed[0].info.size_bytes, "runs/10/a".len() as u64);
}

async fn list_more_than_a_page(store: TestStore) {
    let blobs = &store.blobs;
    let names: Vec<String> = (0..1100).map(|n| format!("many/{n:04}/x")).collect();
    for part in names.chunks(50) {
        let puts = part.iter().map(|key| blobs.put(key, Bytes::new()));
        futures::future::try_join_all(puts).await.expect("stored");
    }
    let listed = blobs.list("many").map_ok(|blob| blob.key);
    let listed = listed.take(2 * names.len()).try_collect::<Vec<String>>();
    let mut listed = listed.await.expect("a list");
    listed.sort_unstable();
    assert_eq!(listed, names);
}

async fn stream_bodies_of_many_sizes(store: TestStore) {
    let blobs = &store.blobs;
    // Around the borders of pieces (1 MiB) and parts (8 MiB with an announced size, 16 MiB without).
    for length in [
        0,
        1,
        MIB,
        MIB + 1,
        8 * MIB,
        8 * MIB + 1,
        16 * MIB,
        21 * MIB + 7,
    ] {
        let content = bytes(4, length);
        for announced in [None, Some(length as u64)] {
            let expect = Expect {
                content_length: announced,
                md5: announced.map(|_| digest(&content)),
                max_bytes: length as u64,
                is_new: false,
            };
            let stored = blobs
                .put_stream("big/one", body(&content, 100_003), expect)
                .await
                .expect("stored");
            assert_eq!(stored.size_bytes, length as u64);
            assert_eq!(stored.md5, digest(&content));
            assert_eq!(stored.blake3, *blake3::hash(&content).as_bytes());
            assert!(
                blobs.get("big/one").await.expect("the blob") == content,
                "{length}"
            );
        }
    }
}

async fn refuse_bodies_that_differ_from_the_announcement(store: TestStore) {
    let blobs = &store.blobs;
    let old = bytes(1, 100);
    blobs.put("k", old.clone()).await.expect("stored");

    for length in [1000_usize, 20 * MIB] {
        let content = bytes(5, length);
        let n = length as u64;
        let any = Expect::at_most(u64::MAX);
        let attempt = |expect| blobs.put_stream("k", body(&content, 70_001), expect);

        let error = attempt(Expect::at_most(n - 1)).await.expect_err("too long");
        assert!(
            matches!(error, BlobError::TooLarge { limit, .. } if limit == n - 1),
            "{error:?}"
        );
        for announced in [0, n - 1, n + 1] {
            let expect = Expect {
                content_length: Some(announced),
                ..any
            };
            let error = attempt(expect).await.expect_err("another size");
            assert!(
                matches!(error, BlobError::LengthMismatch { expected, .. } if expected == announced),
                "{error:?}"
            );
        }
        let expect = Expect {
            md5: Some([0; 16]),
            ..any
        };
        let error = attempt(expect).await.expect_err("another MD5");
        assert!(
            matches!(error, BlobError::DigestMismatch { received, .. } if received == digest(&content)),
            "{error:?}"
        );
        assert_eq!(blobs.get("k").await.expect("the old blob"), old);
    }
    assert_eq!(keys(blobs, "").await, ["k"]);
}

async fn refuse_a_body_that_breaks_off(store: TestStore) {
    let blobs = &store.blobs;
    blobs.put("old", bytes(1, 100)).await.expect("stored");
    for length in [0, 1000, 20 * MIB] {
        for key in ["old", "new"] {
            let arrived = body(&bytes(6, length), 65_536).map_err(io::Error::other);
            let broken = arrived.chain(stream::iter([Err(io::ErrorKind::ConnectionReset.into())]));
            let error = blobs
                .put_stream(key, broken, Expect::at_most(u64::MAX))
                .await
                .expect_err("half a body");
            assert!(
                matches!(&error, BlobError::Body { key: named, .. } if named == key),
                "{error:?}"
            );
        }
    }
    assert_eq!(keys(blobs, "").await, ["old"]);
    assert_eq!(blobs.get("old").await.expect("the old blob"), bytes(1, 100));
}

async fn forget_a_put_that_is_dropped(store: TestStore) {
    let blobs = &store.blobs;
    let (asked, mut asked_for_more) = tokio::sync::mpsc::unbounded_channel();
    let arrived = body(&bytes(7, 20 * MIB), 65_536);
    let never = stream::poll_fn(move |_| {
        let _ = asked.send(());
        std::task::Poll::Pending
    });
    let put = blobs.put_stream("k", arrived.chain(never), Expect::at_most(u64::MAX));
    tokio::select! {
        _ = put => unreachable!("the body never ends"),
        _ = asked_for_more.recv() => {}
    }
    assert_eq!(keys(blobs, "").await, [""; 0]);
    blobs.put("k", bytes(8, 10)).await.expect("stored");
    assert_eq!(blobs.get("k").await.expect("the blob"), bytes(8, 10));
}

async fn puts_of_one_key_do_not_mix(store: TestStore) {
    const WRITERS: u8 = 6;
    let length = |seed: u8| 9 * MIB + usize::from(seed) * 1000;
    let write = |blobs: Blobs, seed: u8| async move {
        let content = bytes(seed, length(seed));
        for _ in 0..3 {
            blobs
                .put_stream(
                    "deep/er/k",
                    body(&content, 200_000),
                    Expect::at_most(u64::MAX),
                )
                .await
                .expect("stored");
        }
    };
    store
        .blobs
        .put("deep/er/k", bytes(0, length(0)))
        .await
        .expect("stored");
    let contents: Vec<Bytes> = (0..WRITERS).map(|seed| bytes(seed, length(seed))).collect();

    let mut writers = tokio::task::JoinSet::new();
    for seed in 0..WRITERS {
        writers.spawn(write(store.blobs.clone(), seed));
    }
    while !writers.is_empty() {
        let read = store
            .blobs
            .get("deep/er/k")
            .await
            .expect("a blob at any time");
        assert!(
            contents.contains(&read),
            "a mixture of {} bytes",
            read.len()
        );
        while let Some(done) = writers.try_join_next() {
            done.expect("a writer that succeeds");
        }
    }
    let last = store.blobs.get("deep/er/k").await.expect("the blob");
    assert!(contents.contains(&last));
    assert_eq!(keys(&store.blobs, "").await, ["deep/er/k"]);
}

async fn refuse_invalid_keys(store: TestStore) {
    let blobs = &store.blobs;
    for key in ["", "../x", "a/../../x", "/x", ".uploads/x", "a b"] {
        let is_refused = |error: BlobError| matches!(error, BlobError::InvalidKey { .. });
        assert!(is_refused(
            blobs.put(key, Bytes::new()).await.expect_err("no key")
        ));
        let streamed = blobs
            .put_stream(key, body(&Bytes::new(), 1), Expect::at_most(1))
            .await;
        assert!(is_refused(streamed.expect_err("no key")));
        assert!(is_refused(blobs.get(key).await.expect_err("no key")));
        assert!(is_refused(blobs.head(key).await.expect_err("no key")));
        assert!(is_refused(blobs.delete(key).await.expect_err("no key")));
        let upload = ballast_blobs::SignedUpload {
            expires_in: Duration::from_mins(1),
            content_md5: None,
            content_type: None,
        };
        assert!(is_refused(
            blobs.upload_url(key, upload).await.expect_err("no key")
        ));
    }
    let listed = blobs.list("../x").try_collect::<Vec<_>>().await;
    assert!(matches!(listed, Err(BlobError::InvalidKey { .. })));
}
