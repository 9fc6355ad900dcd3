//! Artifacts: what a commit promises, who may do what, and what collecting frees.

use std::collections::BTreeMap;

use ballast_model::{ArtifactAlias, ArtifactKey, Clock as _, ProjectName};
use ballast_tracking::artifacts::{
    AliasTarget, ArtifactRecord, ArtifactRole, ArtifactState, CollectionChanges, CollectionListing,
    Content, ContentListing, Fate, GRACE, LinkTarget, ManifestKind, NewVersion, TransferTarget,
    VersionChanges, VersionListing,
};
use ballast_tracking::files::{ByteRange, UploadTarget};
use ballast_tracking::{Caller, Result, Tracking, TrackingError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::TryStreamExt as _;
use futures::future::join_all;
use md5::{Digest as _, Md5};

use crate::interrupt::{Death, killed};
use crate::support::World;

/// The files of a version, by path.
pub(crate) type Files = BTreeMap<String, Bytes>;

pub(crate) fn files(given: &[(&str, &str)]) -> Files {
    given
        .iter()
        .map(|(path, text)| ((*path).to_owned(), Bytes::copy_from_slice(text.as_bytes())))
        .collect()
}

fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

pub(crate) fn digest(files: &Files) -> String {
    let lines: Vec<String> = files
        .iter()
        .map(|(path, bytes)| format!("{path}:{}\n", BASE64_STANDARD.encode(md5(bytes))))
        .collect();
    let text = format!("wandb-artifact-manifest-v1\n{}", lines.concat());
    format!("{:032x}", u128::from_be_bytes(md5(text.as_bytes())))
}

fn manifest(files: &Files) -> Bytes {
    let entry = |(path, bytes): (&String, &Bytes)| {
        let digest = BASE64_STANDARD.encode(md5(bytes));
        format!(r#""{path}":{{"digest":"{digest}","size":{}}}"#, bytes.len())
    };
    let entries: Vec<String> = files.iter().map(entry).collect();
    format!(r#"{{"version":1,"contents":{{{}}}}}"#, entries.join(",")).into()
}

pub(crate) fn new_version(collection: &str, digest: String) -> NewVersion {
    NewVersion {
        entity: None,
        project: ProjectName::new("vision").expect("valid"),
        run: None,
        collection: collection.parse().expect("valid"),
        artifact_type: "dataset".parse().expect("valid"),
        digest,
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
    }
}

fn body(
    bytes: Bytes,
) -> impl futures::Stream<Item = std::result::Result<Bytes, std::io::Error>> + Send + 'static {
    futures::stream::once(async move { Ok(bytes) })
}

async fn send(tracking: &Tracking, target: UploadTarget, bytes: Bytes) -> Result<String> {
    let UploadTarget::Through { ticket } = target else {
        panic!("a folder takes uploads through the server");
    };
    tracking
        .receive_content(&ticket, Some(bytes.len() as u64), None, body(bytes))
        .await
}

/// Announces a version and sends everything that it needs; what is left is to commit it. Returns how many contents had
/// to be sent, too.
pub(crate) async fn prepare(
    tracking: &Tracking,
    caller: &Caller,
    collection: &str,
    files: &Files,
) -> Result<(ArtifactKey, usize)> {
    prepare_version(
        tracking,
        caller,
        new_version(collection, digest(files)),
        files,
    )
    .await
}

/// As [`prepare`], with everything that is said of the version.
pub(crate) async fn prepare_version(
    tracking: &Tracking,
    caller: &Caller,
    version: NewVersion,
    files: &Files,
) -> Result<(ArtifactKey, usize)> {
    let announced = tracking.announce_version(caller, version).await?;
    let artifact = announced.artifact.key;
    if announced.artifact.state == ArtifactState::Committed {
        return Ok((artifact, 0));
    }
    let contents: Vec<Content> = files
        .values()
        .map(|bytes| Content {
            md5: md5(bytes),
            parts: Vec::new(),
        })
        .collect();
    let steps = tracking.begin_contents(caller, artifact, &contents).await?;
    let mut n_sent = 0;
    for (step, bytes) in steps.into_iter().zip(files.values()) {
        if let Some(target) = step.upload {
            send(tracking, target, bytes.clone()).await?;
            n_sent += 1;
        }
    }
    let bytes = manifest(files);
    let (_, target) = tracking
        .begin_manifest(
            caller,
            artifact,
            ManifestKind::Full,
            None,
            Some(md5(&bytes)),
        )
        .await?;
    send(tracking, target.expect("an address"), bytes).await?;
    Ok((artifact, n_sent))
}

pub(crate) async fn log(
    tracking: &Tracking,
    caller: &Caller,
    collection: &str,
    files: &Files,
) -> Result<ArtifactRecord> {
    let (artifact, _) = prepare(tracking, caller, collection, files).await?;
    tracking.commit_version(caller, artifact).await
}

/// The files of a version, as they are downloaded.
pub(crate) async fn download(
    tracking: &Tracking,
    caller: &Caller,
    artifact: ArtifactKey,
) -> Result<Files> {
    let listing = ContentListing {
        limit: 10_000,
        ..ContentListing::default()
    };
    let mut files = Files::new();
    for file in tracking.list_contents(caller, artifact, &listing).await? {
        let TransferTarget::Ticket(ticket) = tracking.file_target(&file).await? else {
            panic!("a folder is read through the server");
        };
        let opened = tracking.open_content(&ticket, None).await?;
        let chunks: Vec<Bytes> = opened.body.try_collect().await.expect("the bytes");
        files.insert(file.path, chunks.concat().into());
    }
    Ok(files)
}

async fn names(tracking: &Tracking, caller: &Caller, artifact: ArtifactKey) -> Vec<String> {
    let aliases = tracking.version_aliases(caller, artifact).await;
    let aliases = aliases.expect("aliases").into_iter();
    aliases.map(|alias| alias.alias.to_string()).collect()
}

#[tokio::test]
async fn versions_are_numbered_and_contents_kept_once() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let first = files(&[("a", "one"), ("b/c", "two"), ("d", "one")]);
    let (key, n_sent) = prepare(t, ada, "data", &first).await.expect("prepared");
    // Asked for in one request, both places of a content get an address; the second finds it stored.
    assert_eq!(n_sent, 3);
    let v0 = t.commit_version(ada, key).await.expect("committed");
    assert_eq!((v0.version, v0.n_files, v0.size_bytes), (Some(0), 3, 9));
    assert_eq!(t.commit_version(ada, key).await.expect("twice"), v0);
    let again = log(t, ada, "data", &first).await.expect("the same");
    assert_eq!(again.key, v0.key);
    let second = files(&[("a", "one"), ("b/c", "three")]);
    let (key, n_sent) = prepare(t, ada, "data", &second).await.expect("prepared");
    assert_eq!(n_sent, 1);
    let v1 = t.commit_version(ada, key).await.expect("committed");
    assert_eq!(v1.version, Some(1));
    assert_eq!(names(t, ada, v1.key).await, ["latest"]);
    assert_eq!(names(t, ada, v0.key).await, [""; 0]);
    assert_eq!(download(t, ada, v0.key).await.expect("files"), first);
    assert_eq!(download(t, ada, v1.key).await.expect("files"), second);
    let objects = world.stored_objects().await;
    let blobs = objects.iter().filter(|key| key.starts_with("blobs/"));
    // Both addresses of `one` are for the same object.
    assert_eq!(blobs.count(), 3);
    t.clean_up().await.expect("cleaned");
    t.clear_staging().await.expect("cleared");
    let objects = world.stored_objects().await;
    assert_eq!(objects.len(), 3 + 2, "{objects:?}");
    let verified = t.verify().await.expect("verified");
    assert_eq!((verified.n_contents, verified.n_manifests), (3, 2));
    assert_eq!(verified.faults, [""; 0]);
}

#[tokio::test]
async fn contents_that_a_dead_server_acknowledged_and_did_not_record_are_committed() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let wanted = files(&[("a", "one"), ("b", "two")]);
    let version = new_version("data", digest(&wanted));
    let announced = t.announce_version(ada, version).await.expect("announced");
    let key = announced.artifact.key;
    let contents: Vec<Content> = wanted
        .values()
        .map(|bytes| Content {
            md5: md5(bytes),
            parts: Vec::new(),
        })
        .collect();
    // Two addresses for each: of the objects that the bytes came to, one is kept.
    for _ in 0..2 {
        let steps = t.begin_contents(ada, key, &contents).await;
        assert_eq!(steps.expect("addresses").len(), 2);
    }
    let later = world.clock.now() + jiff::SignedDuration::from_secs(1);
    let pending = world.meta.read().pending_objects_before(later, 100).await;
    for object_key in pending.expect("pending objects") {
        let (_, bytes) = wanted
            .iter()
            .find(|(_, bytes)| {
                object_key.contains(&format!("{:032x}", u128::from_be_bytes(md5(bytes))))
            })
            .expect("an object for a content");
        world
            .blobs
            .put(&object_key, bytes.clone())
            .await
            .expect("stored");
    }
    let bytes = manifest(&wanted);
    let begun = t.begin_manifest(ada, key, ManifestKind::Full, None, Some(md5(&bytes)));
    let (_, target) = begun.await.expect("begun");
    send(t, target.expect("an address"), bytes)
        .await
        .expect("sent");
    t.commit_version(ada, key).await.expect("committed");
    assert_eq!(download(t, ada, key).await.expect("files"), wanted);
    t.clean_up().await.expect("cleaned");
    let blobs = world.stored_objects().await;
    assert_eq!(
        blobs.iter().filter(|key| key.starts_with("blobs/")).count(),
        2
    );
    let verified = t.verify().await.expect("verified");
    assert_eq!((verified.n_contents, verified.faults), (2, Vec::new()));
}

#[tokio::test]
async fn a_commit_needs_its_manifest_and_every_file() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let wanted = files(&[("a", "one"), ("b", "two")]);
    let announced = t
        .announce_version(ada, new_version("data", digest(&wanted)))
        .await
        .expect("announced");
    let key = announced.artifact.key;
    let refused = async |reason: &str| match t.commit_version(ada, key).await {
        Err(TrackingError::Invalid(message)) => assert!(message.contains(reason), "{message}"),
        other => panic!("{reason}: {other:?}"),
    };
    refused("was never uploaded").await;
    let send_manifest = async |bytes: Bytes| {
        let begun = t.begin_manifest(ada, key, ManifestKind::Full, None, Some(md5(&bytes)));
        let (_, target) = begun.await.expect("begun");
        send(t, target.expect("an address"), bytes)
            .await
            .expect("sent");
    };
    send_manifest(manifest(&wanted)).await;
    refused("never uploaded: `a`, `b`").await;
    send_manifest(manifest(&files(&[("a", "other")]))).await;
    refused("was announced with digest").await;
    send_manifest(Bytes::from_static(
        b"{\"version\":1,\"contents\":{\"../a\":{\"digest\":\"\"}}}",
    ))
    .await;
    refused("file path `../a`").await;
    send_manifest(Bytes::from_static(b"nonsense")).await;
    refused("cannot be read").await;
    send_manifest(manifest(&wanted)).await;
    for text in ["one", "two"] {
        let content = Content {
            md5: md5(text.as_bytes()),
            parts: Vec::new(),
        };
        let steps = t.begin_contents(ada, key, &[content]).await.expect("begun");
        let target = steps.into_iter().next().and_then(|step| step.upload);
        let target = target.expect("an address");
        let wrong = send(t, target.clone(), Bytes::from_static(b"wrong")).await;
        assert!(matches!(wrong, Err(TrackingError::Invalid(_))), "{wrong:?}");
        let sent = send(t, target, Bytes::copy_from_slice(text.as_bytes())).await;
        assert_eq!(
            sent.expect("sent"),
            BASE64_STANDARD.encode(md5(text.as_bytes()))
        );
    }
    let listing = VersionListing {
        limit: 10,
        ..VersionListing::default()
    };
    let collection = announced.artifact.collection.key;
    let versions = t.list_versions(ada, collection, &listing).await;
    assert_eq!(versions.expect("versions").total, 0);
    t.commit_version(ada, key).await.expect("committed");
    let late = t.begin_contents(ada, key, &[]).await;
    assert!(matches!(late, Err(TrackingError::Conflict(_))), "{late:?}");
}

#[tokio::test]
async fn an_address_is_good_for_one_thing_and_one_day() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let version = log(t, ada, "data", &files(&[("a", "hello")]))
        .await
        .expect("logged");
    let listed = t
        .list_contents(
            ada,
            version.key,
            &ContentListing {
                limit: 1,
                ..Default::default()
            },
        )
        .await
        .expect("listed");
    let TransferTarget::Ticket(read) = t.file_target(&listed[0]).await.expect("a target") else {
        panic!("a folder is read through the server");
    };
    let written = t
        .receive_content(&read, None, None, body(Bytes::from_static(b"hello")))
        .await;
    assert!(
        matches!(written, Err(TrackingError::Forbidden(_))),
        "{written:?}"
    );
    let part = t
        .open_content(&read, Some(ByteRange::From(1, Some(2))))
        .await;
    let chunks: Vec<Bytes> = part
        .expect("opened")
        .body
        .try_collect()
        .await
        .expect("bytes");
    assert_eq!(chunks.concat(), b"el");
    let beyond = t.open_content(&read, Some(ByteRange::From(9, None))).await;
    assert!(matches!(beyond, Err(TrackingError::Invalid(_))));
    assert!(
        t.open_ticket(&read, None).await.is_err(),
        "no ticket of a run file"
    );
    world.advance(25 * 3600);
    let expired = t.open_content(&read, None).await;
    assert!(matches!(expired, Err(TrackingError::Forbidden(_))));
}

async fn killed_commits_leave_nothing_or_everything(world: World) {
    let (t, ada) = (&world.tracking, &world.ada);
    let base = files(&[("a", "one"), ("b", "two")]);
    log(t, ada, "data", &base).await.expect("logged");
    let collection = t
        .lookup_membership(
            ada,
            ada.entity(),
            &ProjectName::new("vision").expect("valid"),
            "data",
        )
        .await
        .expect("looked")
        .expect("the version")
        .collection;
    let listing = VersionListing {
        limit: 100,
        ..VersionListing::default()
    };
    let (mut n_versions, mut n_killed) = (1, 0);
    for death in [Death::Waiting, Death::Answered] {
        for nth in 1.. {
            let changed = files(&[("a", "one"), ("b", &format!("{death:?} {nth}"))]);
            let (key, _) = prepare(t, ada, "data", &changed).await.expect("prepared");
            let ended = killed(t.commit_version(ada, key), nth, death)
                .await
                .is_some();
            // A commit that was under way when its caller died may still come.
            world
                .meta
                .write(|_| Box::pin(async { Ok::<_, ballast_meta::MetaError>(()) }))
                .await
                .expect("written");
            let found = t.get_version(ada, key).await.expect("the version");
            let page = t
                .list_versions(ada, collection.key, &listing)
                .await
                .expect("versions");
            match found.state {
                ArtifactState::Pending => {
                    assert!(!ended);
                    assert_eq!((found.version, page.total), (None, n_versions));
                    assert_eq!(names(t, ada, key).await, [""; 0]);
                }
                ArtifactState::Committed => {
                    assert_eq!(page.total, n_versions + 1);
                    assert_eq!(names(t, ada, key).await, ["latest"]);
                }
                ArtifactState::Deleted => panic!("deleted"),
            }
            let committed = t.commit_version(ada, key).await.expect("committed again");
            assert_eq!(committed.version, Some(n_versions));
            assert_eq!(download(t, ada, key).await.expect("files"), changed);
            n_versions += 1;
            if ended {
                break;
            }
            n_killed += 1;
        }
    }
    assert!(n_killed > 5, "only {n_killed} kills");
    // Nothing is left over but one manifest for each version and the contents.
    world.advance(100 * 3600);
    t.clear_staging().await.expect("cleared");
    t.clean_up().await.expect("cleaned");
    let objects = world.stored_objects().await;
    let n_objects = |prefix| objects.iter().filter(|key| key.starts_with(prefix)).count() as u64;
    assert_eq!(n_objects("manifests/"), n_versions);
    assert_eq!(n_objects("blobs/"), n_versions + 1);
    assert_eq!(objects.len() as u64, 2 * n_versions + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_commit_leaves_nothing_or_everything_on_sqlite() {
    killed_commits_leave_nothing_or_everything(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_commit_leaves_nothing_or_everything_on_postgres() {
    World::on_postgres(killed_commits_leave_nothing_or_everything).await;
}

async fn races(world: World) {
    let (t, ada) = (&world.tracking, &world.ada);
    let other = world.another_server().await;
    let same = files(&[("a", "one")]);
    // Announced before either is committed, so both are pending.
    let (first, _) = prepare(t, ada, "data", &same).await.expect("prepared");
    let (second, _) = prepare(&other, ada, "data", &same).await.expect("prepared");
    assert_ne!(first, second);
    let commits = join_all([
        t.commit_version(ada, first),
        other.commit_version(ada, second),
        t.commit_version(ada, first),
        other.commit_version(ada, first),
    ])
    .await;
    let keys: Vec<ArtifactKey> = commits
        .into_iter()
        .map(|commit| commit.expect("committed").key)
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    for key in [first, second] {
        let found = t.get_version(ada, key).await.expect("the version");
        assert_eq!((found.key, found.version), (keys[0], Some(0)));
    }
    // Different contents at once: numbers without gaps.
    let contents: Vec<Files> = (0..8).map(|n| files(&[("a", &format!("{n}"))])).collect();
    let logs = contents.iter().enumerate().map(|(n, files)| {
        let server = if n % 2 == 0 { t } else { &other };
        log(server, ada, "data", files)
    });
    let mut versions: Vec<u64> = join_all(logs)
        .await
        .into_iter()
        .map(|version| version.expect("logged").version.expect("a number"))
        .collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=8).collect::<Vec<u64>>());
    let latest = t.latest_version(
        ada,
        t.get_version(ada, first).await.expect("v0").collection.key,
    );
    let latest = latest.await.expect("looked").expect("a version");
    assert_eq!(names(t, ada, latest.key).await, ["latest"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_at_once_take_turns_on_sqlite() {
    races(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_at_once_take_turns_on_postgres() {
    World::on_postgres(races).await;
}

#[tokio::test]
async fn writers_of_one_version_add_up() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let mut keys = Vec::new();
    for n in 0..3 {
        let part = files(&[(&format!("part{n}"), &format!("{n}"))]);
        let new = NewVersion {
            distributed_id: Some("together".to_owned()),
            ..new_version("data", digest(&part))
        };
        let key = t
            .announce_version(ada, new)
            .await
            .expect("announced")
            .artifact
            .key;
        let content = Content {
            md5: md5(format!("{n}").as_bytes()),
            parts: Vec::new(),
        };
        let steps = t.begin_contents(ada, key, &[content]).await.expect("begun");
        let target = steps
            .into_iter()
            .next()
            .and_then(|step| step.upload)
            .expect("an address");
        send(t, target, format!("{n}").into()).await.expect("sent");
        let bytes = manifest(&part);
        let begun = t.begin_manifest(ada, key, ManifestKind::Patch, None, Some(md5(&bytes)));
        let (_, target) = begun.await.expect("begun");
        send(t, target.expect("an address"), bytes)
            .await
            .expect("sent");
        keys.push(key);
    }
    assert!(keys.iter().all(|key| *key == keys[0]));
    // A writer that was announced and broke off adds nothing.
    t.begin_manifest(ada, keys[0], ManifestKind::Patch, None, Some([1; 16]))
        .await
        .expect("begun");
    let version = t.commit_version(ada, keys[0]).await.expect("committed");
    let whole = files(&[("part0", "0"), ("part1", "1"), ("part2", "2")]);
    assert_eq!(version.digest, digest(&whole));
    assert_eq!(download(t, ada, version.key).await.expect("files"), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_comes_in_parts() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let parts: Vec<Bytes> = (0_u8..3).map(|n| vec![n; 300_000].into()).collect();
    let whole = Files::from([("big".to_owned(), Bytes::from(parts.concat()))]);
    let announced = t
        .announce_version(ada, new_version("data", digest(&whole)))
        .await
        .expect("announced");
    let key = announced.artifact.key;
    let content = Content {
        md5: md5(&whole["big"]),
        parts: parts.iter().map(|part| md5(part)).collect(),
    };
    let begin = async || {
        let steps = t
            .begin_contents(ada, key, std::slice::from_ref(&content))
            .await;
        let step = steps.expect("begun").into_iter().next().expect("a step");
        step.parts.expect("addresses")
    };
    let uploads = begin().await;
    assert_eq!(uploads.parts.len(), 3);
    let targets = uploads.parts;
    let wrong = send(t, targets[0].clone(), parts[1].clone()).await;
    assert!(matches!(wrong, Err(TrackingError::Invalid(_))), "{wrong:?}");
    let UploadTarget::Through { ticket } = &targets[0] else {
        panic!("a folder takes uploads through the server");
    };
    let placeless = t.receive_content(ticket, None, None, body(parts[0].clone()));
    let placeless = placeless.await;
    assert!(
        matches!(placeless, Err(TrackingError::Invalid(_))),
        "{placeless:?}"
    );
    for index in [2, 0, 2] {
        send(t, targets[index].clone(), parts[index].clone())
            .await
            .expect("sent");
    }
    let tags = vec!["tag".to_owned(); 3];
    let early = t
        .complete_parts(ada, key, &uploads.upload_id, tags.clone())
        .await;
    assert!(
        matches!(early, Err(TrackingError::NotFound { what: "part", .. })),
        "{early:?}"
    );
    // After a broken connection the same parts have the same places.
    let again = begin().await;
    assert_eq!(again.upload_id, uploads.upload_id);
    send(t, again.parts[1].clone(), parts[1].clone())
        .await
        .expect("sent");
    for forged in ["", "x", "-", "00-folder"] {
        let unknown = t.complete_parts(ada, key, forged, tags.clone()).await;
        assert!(
            matches!(unknown, Err(TrackingError::NotFound { .. })),
            "{unknown:?}"
        );
    }
    let short = t
        .complete_parts(ada, key, &uploads.upload_id, tags[1..].to_vec())
        .await;
    assert!(matches!(short, Err(TrackingError::Invalid(_))), "{short:?}");
    let (first, second) = tokio::join!(
        t.complete_parts(ada, key, &uploads.upload_id, tags.clone()),
        t.complete_parts(ada, key, &uploads.upload_id, tags.clone()),
    );
    first.expect("complete");
    second.expect("complete, too");
    t.complete_parts(ada, key, &uploads.upload_id, tags)
        .await
        .expect("once more");
    let bytes = manifest(&whole);
    let begun = t.begin_manifest(ada, key, ManifestKind::Full, None, Some(md5(&bytes)));
    let (_, target) = begun.await.expect("begun");
    send(t, target.expect("an address"), bytes)
        .await
        .expect("sent");
    t.commit_version(ada, key).await.expect("committed");
    assert_eq!(download(t, ada, key).await.expect("files"), whole);
    t.clear_staging().await.expect("cleared");
    assert_eq!(world.stored_objects().await.len(), 2);
}

/// The client has it wrong, or something broke on the way: it hears so, and can send everything again.
#[tokio::test]
async fn parts_that_do_not_fit_together_are_sent_anew() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let whole = Files::from([("big".to_owned(), Bytes::from("aabbc"))]);
    let announced = t.announce_version(ada, new_version("data", digest(&whole)));
    let key = announced.await.expect("announced").artifact.key;
    for (parts, fault) in [
        (["aa", "bb", "d"], "but the bytes have"),
        (
            ["aab", "b", "c"],
            "all but the last must have the same size",
        ),
        (["aa", "bb", "c"], ""),
    ] {
        let parts = parts.map(Bytes::from);
        let content = Content {
            md5: md5(b"aabbc"),
            parts: parts.iter().map(|part| md5(part)).collect(),
        };
        let begun = t.begin_contents(ada, key, &[content]).await.expect("begun");
        let uploads = begun.into_iter().next().expect("a step").parts;
        let uploads = uploads.expect("addresses");
        for (target, part) in uploads.parts.into_iter().zip(parts) {
            send(t, target, part).await.expect("sent");
        }
        let tags = vec!["tag".to_owned(); 3];
        match t.complete_parts(ada, key, &uploads.upload_id, tags).await {
            Err(TrackingError::Invalid(message)) if !fault.is_empty() => {
                assert!(message.contains(fault), "{message}");
            }
            other => assert!(other.is_ok() && fault.is_empty(), "{fault}: {other:?}"),
        }
    }
    let content = Content {
        md5: md5(b"aabbc"),
        parts: Vec::new(),
    };
    let steps = t.begin_contents(ada, key, &[content]).await.expect("begun");
    assert!(steps[0].upload.is_none());
}

/// Whoever has an address may use it again, at the same time too: the first bytes stay, and nothing else is left.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_used_twice_stores_once() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let one = files(&[("a", "one")]);
    let announced = t.announce_version(ada, new_version("data", digest(&one)));
    let key = announced.await.expect("announced").artifact.key;
    let content = Content {
        md5: md5(b"one"),
        parts: Vec::new(),
    };
    let contents = std::slice::from_ref(&content);
    let target = async || {
        let begun = t.begin_contents(ada, key, contents).await.expect("begun");
        let step = begun.into_iter().next().expect("a step");
        step.upload.expect("an address")
    };
    let (first, second) = (target().await, target().await);
    let sends = [&first, &first, &second, &first, &second];
    let sends = sends.map(|target| send(t, target.clone(), Bytes::from("one")));
    for sent in join_all(sends).await {
        sent.expect("sent");
    }
    t.clean_up().await.expect("cleaned");
    assert_eq!(world.stored_objects().await.len(), 1);
    // What was given up may be sent late: the content is there, so these bytes go.
    world.advance(49 * 3600);
    t.clean_up().await.expect("cleaned");
    assert_eq!(world.stored_objects().await.len(), 1);
    assert_eq!(t.verify().await.expect("verified").faults, [""; 0]);
}

/// The bytes are on disk, but the server dies before it says so: sent again, they are taken in.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_died_anywhere_is_sent_again_to_the_same_address() {
    for nth in 1.. {
        let world = World::new().await;
        let (t, ada) = (&world.tracking, &world.ada);
        let one = files(&[("a", "one")]);
        let announced = t.announce_version(ada, new_version("data", digest(&one)));
        let key = announced.await.expect("announced").artifact.key;
        let content = Content {
            md5: md5(b"one"),
            parts: Vec::new(),
        };
        let begun = t.begin_contents(ada, key, &[content]).await.expect("begun");
        let target = begun[0].upload.clone().expect("an address");
        let sending = send(t, target.clone(), Bytes::from("one"));
        let was_whole = killed(sending, nth, Death::Answered).await.is_some();
        let again = world.another_server().await;
        send(&again, target, Bytes::from("one"))
            .await
            .expect("sent again");
        let version = log(t, ada, "data", &one).await.expect("logged");
        assert_eq!(download(t, ada, version.key).await.expect("files"), one);
        if was_whole {
            assert!(nth > 1, "it waits for the disk");
            break;
        }
    }
}

#[track_caller]
fn hidden<T>(operation: &str, result: Result<T>) {
    match result {
        Err(TrackingError::NotFound { .. }) => {}
        Err(other) => panic!("{operation}: {other:?}"),
        Ok(_) => panic!("{operation} was allowed"),
    }
}

#[tokio::test]
async fn nothing_crosses_to_another_user() {
    let world = World::new().await;
    let run = world.start("a").await;
    let (t, ada, bob) = (&world.tracking, &world.ada, &world.bob);
    let given = files(&[("a", "secret")]);
    let version = log(t, ada, "data", &given).await.expect("logged");
    let new = NewVersion {
        client_id: Some("client".to_owned()),
        ..new_version("data", digest(&files(&[("b", "pending")])))
    };
    let pending = t
        .announce_version(ada, new)
        .await
        .expect("announced")
        .artifact
        .key;
    let manifest = t
        .begin_manifest(ada, pending, ManifestKind::Full, None, None)
        .await;
    let (manifest, _) = manifest.expect("begun");
    let (entity, project, collection) = (&run.entity, &run.project, &version.collection);
    let name = &collection.name;
    let key = version.key;

    assert!(t.lookup_version(bob, key).await.expect("looked").is_none());
    assert!(
        t.lookup_collection_by_key(bob, collection.key)
            .await
            .expect("looked")
            .is_none()
    );
    assert!(
        t.version_by_client_id(bob, "client")
            .await
            .expect("looked")
            .is_none()
    );
    assert!(
        t.version_by_client_id(ada, "client")
            .await
            .expect("looked")
            .is_some()
    );
    let membership = t.lookup_membership(ada, entity, project, "data:v0").await;
    let membership = membership.expect("looked").expect("the version");
    assert!(
        t.membership_in(bob, collection, "latest")
            .await
            .expect("looked")
            .is_none()
    );
    assert!(
        t.lookup_membership_by_key(bob, membership.key)
            .await
            .expect("looked")
            .is_none()
    );
    assert!(
        t.membership_aliases(bob, membership.key)
            .await
            .expect("looked")
            .is_empty()
    );

    let foreign = NewVersion {
        entity: Some(entity.clone()),
        ..new_version("data", digest(&given))
    };
    hidden("announce_version", t.announce_version(bob, foreign).await);
    let artifact_type = "dataset".parse().expect("valid");
    hidden(
        "create_artifact_type",
        t.create_artifact_type(bob, Some(entity), project, &artifact_type, None)
            .await,
    );
    hidden("begin_contents", t.begin_contents(bob, pending, &[]).await);
    hidden(
        "begin_manifest",
        t.begin_manifest(bob, pending, ManifestKind::Full, None, None)
            .await,
    );
    hidden(
        "renew_manifest",
        t.renew_manifest(bob, manifest, None, None).await,
    );
    let tags = vec!["tag".to_owned()];
    let upload = "5ebe2294ecd0e0f08eab7690d2a6ee69-folder";
    hidden(
        "complete_parts",
        t.complete_parts(bob, pending, upload, tags).await,
    );
    hidden("commit_version", t.commit_version(bob, pending).await);
    hidden("get_version", t.get_version(bob, key).await);
    hidden("manifest_target", t.manifest_target(bob, key).await);
    hidden(
        "content_by_md5",
        t.content_by_md5(bob, entity, "5ebe2294ecd0e0f08eab7690d2a6ee69")
            .await,
    );
    assert!(
        t.content_by_md5(ada, entity, "5ebe2294ecd0e0f08eab7690d2a6ee69")
            .await
            .is_ok()
    );
    hidden(
        "content_by_md5",
        t.content_by_md5(bob, bob.entity(), "5ebe2294ecd0e0f08eab7690d2a6ee69")
            .await,
    );
    hidden(
        "list_contents",
        t.list_contents(bob, key, &ContentListing::default()).await,
    );
    hidden("count_contents", t.count_contents(bob, key).await);
    hidden(
        "lookup_membership",
        t.lookup_membership(bob, entity, project, "data").await,
    );
    hidden(
        "lookup_collection",
        t.lookup_collection(bob, entity, project, name).await,
    );
    hidden(
        "lookup_artifact_type",
        t.lookup_artifact_type(bob, entity, project, &artifact_type)
            .await,
    );
    hidden(
        "list_artifact_types",
        t.list_artifact_types(bob, entity, project).await,
    );
    hidden(
        "list_collections",
        t.list_collections(bob, entity, project, &CollectionListing::default())
            .await,
    );
    hidden(
        "list_versions",
        t.list_versions(bob, collection.key, &VersionListing::default())
            .await,
    );
    hidden(
        "latest_version",
        t.latest_version(bob, collection.key).await,
    );
    hidden("version_aliases", t.version_aliases(bob, key).await);
    hidden(
        "collection_aliases",
        t.collection_aliases(bob, collection.key).await,
    );
    hidden("version_tags", t.version_tags(bob, key).await);
    hidden(
        "collection_tags",
        t.collection_tags(bob, collection.key).await,
    );
    hidden("version_memberships", t.version_memberships(bob, key).await);
    hidden(
        "version_runs",
        t.version_runs(bob, key, ArtifactRole::Logged).await,
    );
    hidden(
        "run_versions",
        t.run_versions(bob, &run, ArtifactRole::Used, 0, 10).await,
    );
    hidden("use_version", t.use_version(bob, &run, key, None).await);
    hidden(
        "update_version",
        t.update_version(bob, key, VersionChanges::default()).await,
    );
    let alias = AliasTarget {
        entity: entity.clone(),
        project: project.clone(),
        collection: name.clone(),
        alias: ArtifactAlias::new("mine").expect("valid"),
    };
    hidden(
        "add_aliases",
        t.add_aliases(bob, key, vec![alias.clone()]).await,
    );
    hidden(
        "delete_aliases",
        t.delete_aliases(bob, key, vec![alias]).await,
    );
    hidden("delete_version", t.delete_version(bob, key, true).await);
    let target = LinkTarget {
        entity: bob.entity().clone(),
        project: project.clone(),
        collection: "shelf".parse().expect("valid"),
        aliases: Vec::new(),
    };
    hidden(
        "link_version",
        t.link_version(bob, key, target.clone()).await,
    );
    hidden(
        "link_version into bob's",
        t.link_version(ada, key, target).await,
    );
    hidden(
        "unlink_version",
        t.unlink_version(bob, key, collection.key).await,
    );
    hidden(
        "update_collection",
        t.update_collection(bob, collection.key, CollectionChanges::default())
            .await,
    );
    hidden(
        "delete_collection",
        t.delete_collection(bob, collection.key, true).await,
    );

    // Bob has to send what ada has, and keeps it when ada's goes.
    let (bobs, n_sent) = prepare(t, bob, "data", &given).await.expect("prepared");
    assert_eq!(n_sent, 1);
    t.commit_version(bob, bobs).await.expect("committed");
    t.delete_project(ada, entity, project)
        .await
        .expect("deleted");
    world.advance(100 * 3600);
    t.collect_artifacts().await.expect("collected");
    t.clean_up().await.expect("cleaned");
    t.clear_staging().await.expect("cleared");
    assert_eq!(download(t, bob, bobs).await.expect("files"), given);
    assert_eq!(world.stored_objects().await.len(), 2);
}

#[tokio::test]
async fn what_nothing_uses_is_freed_after_a_while() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let v0 = log(t, ada, "data", &files(&[("a", "one"), ("b", "both")]))
        .await
        .expect("logged");
    let v1 = log(t, ada, "data", &files(&[("a", "two"), ("b", "both")]))
        .await
        .expect("logged");
    let (left, _) = prepare(t, ada, "data", &files(&[("a", "left")]))
        .await
        .expect("prepared");
    t.delete_version(ada, v0.key, true).await.expect("deleted");
    assert_eq!(
        t.collect_artifacts().await.expect("collected").n_contents,
        0
    );
    let contents = t.list_stored_contents(None, 10).await.expect("listed");
    let n_used = |fate: &Fate| match fate {
        Fate::Used { n_versions, first } => {
            assert_eq!(first.as_deref(), Some("ada/vision/data:v1"));
            *n_versions
        }
        Fate::WantedUntil(until) => {
            assert_eq!(*until, world.clock.now() + GRACE);
            0
        }
        Fate::Freed => panic!("freed too early"),
    };
    let uses: Vec<u64> = contents
        .iter()
        .map(|content| n_used(&content.fate))
        .collect();
    assert_eq!(uses.iter().sum::<u64>(), 2);
    assert_eq!(uses.len(), 4);
    world.advance(71 * 3600);
    assert_eq!(
        t.collect_artifacts().await.expect("collected").n_contents,
        0
    );
    world.advance(2 * 3600);
    // What was sent for a version that is given up now, and what only the deleted one had.
    let planned = t.plan_collection().await.expect("planned");
    let contents = t.list_stored_contents(None, 10).await.expect("listed");
    let freed = contents
        .iter()
        .filter(|content| content.fate == Fate::Freed);
    assert_eq!(freed.map(|content| content.size_bytes).sum::<u64>(), 7);
    assert_eq!((planned.n_abandoned, planned.n_contents), (1, 2));
    let collected = t.collect_artifacts().await.expect("collected");
    assert_eq!(
        (
            collected.n_abandoned,
            collected.n_contents,
            collected.n_bytes
        ),
        (1, 2, 7)
    );
    assert_eq!(
        t.get_version(ada, left).await.expect("the version").state,
        ArtifactState::Deleted
    );
    t.clean_up().await.expect("cleaned");
    t.clear_staging().await.expect("cleared");
    assert_eq!(download(t, ada, v1.key).await.expect("files").len(), 2);
    assert_eq!(world.stored_objects().await.len(), 3);
}

#[tokio::test]
async fn a_version_goes_when_its_time_is_over() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let version = log(t, ada, "data", &files(&[("a", "one")]))
        .await
        .expect("logged");
    let changes = VersionChanges {
        ttl_s: Some(3600),
        ..VersionChanges::default()
    };
    t.update_version(ada, version.key, changes)
        .await
        .expect("changed");
    world.advance(3000);
    assert_eq!(t.collect_artifacts().await.expect("collected").n_expired, 0);
    world.advance(1000);
    assert_eq!(t.collect_artifacts().await.expect("collected").n_expired, 1);
    let found = t.get_version(ada, version.key).await.expect("the version");
    assert_eq!(
        (found.state, found.version),
        (ArtifactState::Deleted, Some(0))
    );
}
