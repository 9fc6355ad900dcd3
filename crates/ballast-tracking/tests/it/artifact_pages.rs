//! What pages show of collections and versions: figures, changes, history, and who may ask.

use std::collections::BTreeMap;

use ballast_model::{ArtifactAlias, ArtifactTag};
use ballast_tracking::artifacts::{
    ArtifactEventKind as Kind, CollectionListing, EntryListing, LinkTarget, TimeToLive,
    VersionEdit, VersionListing, VersionOverview,
};
use ballast_tracking::files::ByteRange;
use ballast_tracking::{Result, TrackingError};
use bytes::Bytes;
use futures::TryStreamExt as _;

use crate::artifacts::{files, log};
use crate::lineage::version;
use crate::support::{World, path};

fn alias(text: &str) -> ArtifactAlias {
    ArtifactAlias::new(text).expect("valid")
}

fn refused<T: std::fmt::Debug>(what: &str, result: Result<T>) {
    let error = result.expect_err(what);
    assert!(
        matches!(error, TrackingError::NotFound { .. }),
        "{what}: {error:?}"
    );
}

async fn figures_and_names_come_by_the_page(world: World) {
    let (t, ada) = (&world.tracking, &world.ada);
    let run = world.start("one").await;
    world
        .makes(Some(&run), "data", "dataset", &[("a", "12")])
        .await;
    let v1 = world
        .makes(Some(&run), "data", "dataset", &[("a", "123"), ("b", "4")])
        .await;
    world.makes(None, "net", "model", &[("w", "1")]).await;
    world.uses(&run, &[v1]).await;

    let (entity, project) = (ada.entity(), &run.project);
    let types = t.type_overviews(ada, entity, project).await.expect("types");
    let counts: BTreeMap<_, _> = types
        .iter()
        .map(|found| (found.artifact_type.name.as_str(), found.n_collections))
        .collect();
    assert_eq!(counts, BTreeMap::from([("dataset", 1), ("model", 1)]));

    let listing = |search: &str| CollectionListing {
        search: Some(search.to_owned()),
        limit: 10,
        ..CollectionListing::default()
    };
    let page = t
        .collection_overviews(ada, entity, project, &listing("DAT"))
        .await
        .expect("a page");
    let data = &page.items[0];
    assert_eq!((page.total, data.n_versions, data.size_bytes), (1, 2, 6));
    let latest = data.latest.as_ref().expect("a latest version");
    assert_eq!(latest.reference.version, 1);
    assert_eq!(latest.aliases, ["latest"]);
    // What would be a pattern is not one.
    let none = t
        .collection_overviews(ada, entity, project, &listing("d%a"))
        .await
        .expect("a page");
    assert!(none.items.is_empty());

    let listing = VersionListing {
        limit: 10,
        ..VersionListing::default()
    };
    let page = t
        .version_overviews(ada, data.collection.key, &listing)
        .await
        .expect("a page");
    let shown = |version: &VersionOverview| {
        let run = version.logged_by.as_ref().map(|run| run.run_id.to_string());
        (version.membership.version, run, version.n_used_by)
    };
    let shown: Vec<_> = page.items.iter().map(shown).collect();
    let one = Some("one".to_owned());
    assert_eq!(shown, [(1, one.clone(), 1), (0, one, 0)]);
    let older = VersionListing {
        before: Some(1),
        ..listing
    };
    let older = t.version_overviews(ada, data.collection.key, &older).await;
    assert_eq!(older.expect("a page").items.len(), 1);

    let of_run = t.versions_of_run(ada, &run).await.expect("versions");
    let numbers = |versions: &[VersionOverview]| -> Vec<u64> {
        versions
            .iter()
            .map(|found| found.membership.version)
            .collect()
    };
    assert_eq!(numbers(&of_run.used), [1]);
    assert_eq!(numbers(&of_run.logged), [0, 1]);
}

#[tokio::test]
async fn figures_and_names_come_by_the_page_on_sqlite() {
    figures_and_names_come_by_the_page(World::new().await).await;
}

#[tokio::test]
async fn figures_and_names_come_by_the_page_on_postgres() {
    World::on_postgres(figures_and_names_come_by_the_page).await;
}

async fn what_happened_is_told(world: World) {
    let (t, ada) = (&world.tracking, &world.ada);
    log(t, ada, "data", &files(&[("a", "1")]))
        .await
        .expect("logged");
    let v0 = version("data", "v0");
    let edit = VersionEdit {
        description: Some("the first".to_owned()),
        ttl: Some(TimeToLive::Seconds(3600)),
        tags: Some(vec![ArtifactTag::new("small").expect("valid")]),
        add_aliases: vec![alias("best")],
        ..VersionEdit::default()
    };
    let edited = t.edit_version(ada, &v0, edit).await.expect("changed");
    assert_eq!(edited.aliases, ["best", "latest"]);
    assert_eq!(edited.tags, ["small"]);
    log(t, ada, "data", &files(&[("a", "2")]))
        .await
        .expect("logged");
    let v1 = version("data", "v1");
    let edit = VersionEdit {
        add_aliases: vec![alias("best")],
        ..VersionEdit::default()
    };
    // By alias; the version that has it afterwards is another one.
    t.edit_version(ada, &version("data", "latest"), edit)
        .await
        .expect("changed");
    let target = LinkTarget {
        entity: ada.entity().clone(),
        project: v1.collection.project.clone(),
        collection: "shelf".parse().expect("valid"),
        aliases: vec![alias("prod")],
    };
    let key = t.membership_at(ada, &v0).await.expect("v0").artifact.key;
    t.link_version(ada, key, target).await.expect("linked");
    let edit = VersionEdit {
        tags: Some(Vec::new()),
        ttl: Some(TimeToLive::Unlimited),
        delete_aliases: vec![alias("prod"), alias("never there")],
        ..VersionEdit::default()
    };
    let shelf = version("shelf", "prod");
    let edited = t.edit_version(ada, &shelf, edit).await.expect("changed");
    assert!(edited.source.is_some());
    assert_eq!(edited.aliases, ["latest"]);
    let shelf = version("shelf", "v0");
    t.delete_version_at(ada, &shelf, false)
        .await
        .expect("unlinked");
    refused("the link", t.membership_at(ada, &shelf).await);

    let history = t.version_history(ada, &v0).await.expect("a history");
    assert!(
        history
            .iter()
            .all(|entry| entry.by.as_deref() == Some("ada"))
    );
    let told: Vec<(Option<Kind>, &str)> = history
        .iter()
        .map(|entry| (entry.kind, entry.detail.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            (None, ""),
            (Some(Kind::Committed), ""),
            (Some(Kind::AliasAdded), "latest"),
            (Some(Kind::DescriptionChanged), ""),
            (Some(Kind::TtlChanged), "3600"),
            (Some(Kind::TagAdded), "small"),
            (Some(Kind::AliasAdded), "best"),
            (Some(Kind::AliasRemoved), "latest"),
            (Some(Kind::AliasRemoved), "best"),
            (Some(Kind::Linked), "ada/vision/shelf"),
            (Some(Kind::AliasAdded), "prod @ ada/vision/shelf"),
            (Some(Kind::AliasAdded), "latest @ ada/vision/shelf"),
            (Some(Kind::TtlChanged), "-1"),
            (Some(Kind::TagRemoved), "small"),
            (Some(Kind::AliasRemoved), "prod @ ada/vision/shelf"),
            (Some(Kind::Unlinked), "ada/vision/shelf"),
        ]
    );
}

#[tokio::test]
async fn what_happened_is_told_on_sqlite() {
    what_happened_is_told(World::new().await).await;
}

#[tokio::test]
async fn what_happened_is_told_on_postgres() {
    World::on_postgres(what_happened_is_told).await;
}

#[tokio::test]
async fn files_are_listed_and_read_in_part() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let given = files(&[("a", "12345"), ("d/x", "1"), ("d/y", "2"), ("e", "3")]);
    let key = log(t, ada, "data", &given).await.expect("logged").key;
    let listing = EntryListing {
        prefix: Some("d/".to_owned()),
        after: Some("d/x".to_owned()),
        limit: 10,
    };
    let found = t.list_entries(ada, key, &listing).await.expect("listed");
    let paths: Vec<_> = found
        .iter()
        .map(|entry| (entry.path.as_str(), entry.size_bytes))
        .collect();
    assert_eq!(paths, [("d/y", Some(1))]);
    let file = t.get_version_file(ada, key, "a").await.expect("found");
    let range = ByteRange::From(1, Some(2));
    let opened = t.open_version_file(&file, Some(range)).await;
    let body = opened.expect("opened").body;
    let bytes: Vec<Bytes> = body.try_collect().await.expect("read");
    assert_eq!(bytes.concat(), b"23");
    refused("no such file", t.get_version_file(ada, key, "d").await);
}

#[tokio::test]
async fn a_collection_that_is_named_elsewhere_is_not_deleted_by_chance() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let logged = log(t, ada, "data", &files(&[("a", "1")])).await;
    let logged = logged.expect("logged");
    let v0 = version("data", "v0");
    let edit = VersionEdit {
        add_aliases: vec![alias("best")],
        ..VersionEdit::default()
    };
    t.edit_version(ada, &v0, edit).await.expect("changed");
    let collection = t
        .collection_at(ada, &v0.collection)
        .await
        .expect("found")
        .key;
    let conflict = async || match t.delete_collection(ada, collection, false).await {
        Err(TrackingError::Conflict(message)) => message,
        other => panic!("{other:?}"),
    };
    assert!(conflict().await.contains("`best`"));
    let edit = VersionEdit {
        delete_aliases: vec![alias("best")],
        ..VersionEdit::default()
    };
    t.edit_version(ada, &v0, edit).await.expect("changed");
    let target = LinkTarget {
        entity: ada.entity().clone(),
        project: v0.collection.project.clone(),
        collection: "shelf".parse().expect("valid"),
        aliases: Vec::new(),
    };
    t.link_version(ada, logged.key, target)
        .await
        .expect("linked");
    assert!(conflict().await.contains("`ada/vision/shelf`"));
    t.delete_collection(ada, collection, true)
        .await
        .expect("deleted");
    refused("the collection", t.collection_at(ada, &v0.collection).await);
}

#[tokio::test]
async fn pages_of_artifacts_are_their_owners() {
    let world = World::new().await;
    let (t, ada, bob) = (&world.tracking, &world.ada, &world.bob);
    let run = world.start("one").await;
    let key = world
        .makes(Some(&run), "data", "dataset", &[("a", "1")])
        .await;
    let v0 = version("data", "v0");
    let collection = t
        .collection_at(ada, &v0.collection)
        .await
        .expect("ada's")
        .key;
    let (entity, project) = (ada.entity(), &v0.collection.project);
    refused("types", t.type_overviews(bob, entity, project).await);
    let listing = CollectionListing::default();
    let page = t.collection_overviews(bob, entity, project, &listing).await;
    refused("collections", page);
    let overview = t.collection_overview(bob, &v0.collection).await;
    refused("collection", overview);
    let listing = VersionListing::default();
    refused(
        "versions",
        t.version_overviews(bob, collection, &listing).await,
    );
    refused("version", t.get_version_at(bob, &v0).await);
    refused("membership", t.membership_at(bob, &v0).await);
    refused("history", t.version_history(bob, &v0).await);
    let edit = t.edit_version(bob, &v0, VersionEdit::default()).await;
    refused("edit", edit);
    refused("delete", t.delete_version_at(bob, &v0, true).await);
    let listing = EntryListing::default();
    refused("entries", t.list_entries(bob, key, &listing).await);
    refused("file", t.get_version_file(bob, key, "a").await);
    refused("run", t.versions_of_run(bob, &path("one")).await);
}

#[tokio::test]
async fn a_damaged_version_is_found_and_named() {
    let world = World::new().await;
    let (t, ada) = (&world.tracking, &world.ada);
    let given = files(&[("a", "12345"), ("b", "12345"), ("c", "678")]);
    log(t, ada, "data", &given).await.expect("logged");
    let v0 = version("data", "v0");
    let report = t.verify_version(ada, &v0).await.expect("verified");
    assert_eq!(
        (report.n_files, report.n_contents, report.n_bytes),
        (3, 2, 8)
    );
    assert_eq!(report.faults, [""; 0]);
    refused("bob", t.verify_version(&world.bob, &v0).await);
    let objects = world.stored_objects().await;
    for object in &objects {
        let file = world.object_file(object);
        if std::fs::read(&file).expect("an object") == b"678" {
            std::fs::write(&file, "67?").expect("written");
        }
    }
    let report = t.verify_version(ada, &v0).await.expect("verified");
    assert_eq!(report.faults.len(), 1);
    assert!(
        report.faults[0].starts_with("file `c`"),
        "{:?}",
        report.faults
    );
    let manifest = objects.iter().find(|key| key.starts_with("manifests/"));
    let manifest = world.object_file(manifest.expect("a manifest"));
    let text = std::fs::read_to_string(&manifest).expect("text");
    std::fs::write(&manifest, text.replace("\"c\"", "\"d\"")).expect("written");
    let report = t.verify_version(ada, &v0).await.expect("verified");
    assert!(
        report.faults[0].starts_with("the manifest"),
        "{:?}",
        report.faults
    );
}
