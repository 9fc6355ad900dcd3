//! Lineage: what is reached, in which order, and who sees it.

use ballast_model::{ArtifactKey, CollectionName, EntityName, ProjectName, RunPath};
use ballast_tracking::TrackingError;
use ballast_tracking::artifacts::{CollectionPath, NewVersion, VersionPath};
use ballast_tracking::lineage::{Extent, Lineage, NodeBody, NodeKey, Subject};

use crate::artifacts::{digest, files, new_version, prepare_version};
use crate::support::{World, path};

pub(crate) const ALL: Extent = Extent {
    up: usize::MAX,
    down: usize::MAX,
    limit: 1000,
};

impl World {
    /// Has `run` use versions.
    pub(crate) async fn uses(&self, run: &RunPath, artifacts: &[ArtifactKey]) {
        for artifact in artifacts {
            self.tracking
                .use_version(&self.ada, run, *artifact, None)
                .await
                .expect("used");
        }
    }

    /// Has `run` make a version.
    pub(crate) async fn makes(
        &self,
        run: Option<&RunPath>,
        collection: &str,
        artifact_type: &str,
        given: &[(&str, &str)],
    ) -> ArtifactKey {
        let files = files(given);
        let version = NewVersion {
            run: run.map(|run| run.run.clone()),
            artifact_type: artifact_type.parse().expect("valid"),
            ..new_version(collection, digest(&files))
        };
        let prepared = prepare_version(&self.tracking, &self.ada, version, &files).await;
        let (artifact, _) = prepared.expect("prepared");
        let committed = self.tracking.commit_version(&self.ada, artifact).await;
        committed.expect("committed").key
    }
}

pub(crate) fn version(collection: &str, version: &str) -> VersionPath {
    VersionPath {
        collection: CollectionPath {
            entity: EntityName::new("ada").expect("valid"),
            project: ProjectName::new("vision").expect("valid"),
            collection: CollectionName::new(collection).expect("valid"),
        },
        version: version.to_owned(),
    }
}

fn name(body: &NodeBody) -> String {
    match body {
        NodeBody::Run(run) => run.run_id.to_string(),
        NodeBody::Artifact(version) => format!(
            "{}:v{}",
            version.reference.collection_name, version.reference.version
        ),
    }
}

/// Each node as `name@depth`, with what is hidden before and behind it.
fn nodes(lineage: &Lineage) -> Vec<String> {
    let texts = lineage.nodes.iter().map(|node| {
        let hidden = match (node.n_hidden_up, node.n_hidden_down) {
            (0, 0) => String::new(),
            (up, down) => format!(" +{up}/{down}"),
        };
        format!("{}@{}{hidden}", name(&node.body), node.depth)
    });
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}

fn edges(lineage: &Lineage) -> Vec<String> {
    let name = |key: NodeKey| {
        let node = lineage.nodes.iter().find(|node| node.key == key);
        name(&node.expect("a node of the answer").body)
    };
    let edges = lineage.edges.iter();
    let mut texts: Vec<String> = edges
        .map(|edge| format!("{}>{}", name(edge.from), name(edge.to)))
        .collect();
    texts.sort();
    texts
}

/// `raw:v0 → prep → data:v0 → train → net:v0 → eval`, and `other`, which uses `data:v0` and `raw:v0`. Returns `data:v0`.
async fn chain(world: &World) -> ArtifactKey {
    let [prep, train, eval, other] = ["prep", "train", "eval", "other"].map(path);
    for id in ["prep", "train", "eval", "other"] {
        world.start(id).await;
    }
    let raw = world.makes(None, "raw", "dataset", &[("a", "1")]).await;
    world.uses(&prep, &[raw]).await;
    let data = world
        .makes(Some(&prep), "data", "dataset", &[("b", "2")])
        .await;
    world.uses(&train, &[data]).await;
    let net = world
        .makes(Some(&train), "net", "model", &[("c", "3")])
        .await;
    world.uses(&eval, &[net]).await;
    world.uses(&other, &[data, raw]).await;
    data
}

async fn what_is_before_and_behind_is_found(world: World) {
    let data = chain(&world).await;
    let t = &world.tracking;
    let of = |collection: &str| Subject::Version(version(collection, "latest"));
    let lineage = t
        .lineage(&world.ada, &of("data"), ALL)
        .await
        .expect("found");
    assert_eq!(lineage.focus, NodeKey::Artifact(data));
    assert_eq!(
        nodes(&lineage),
        [
            "data:v0@0",
            "eval@3",
            "net:v0@2",
            "other@1",
            "prep@-1",
            "raw:v0@-2",
            "train@1"
        ]
    );
    assert_eq!(
        edges(&lineage),
        [
            "data:v0>other",
            "data:v0>train",
            "net:v0>eval",
            "prep>data:v0",
            "raw:v0>other",
            "raw:v0>prep",
            "train>net:v0"
        ]
    );
    assert!(!lineage.truncated);

    let near = Extent {
        up: 1,
        down: 0,
        limit: 1000,
    };
    let run = Subject::Run(path("train"));
    let lineage = t.lineage(&world.ada, &run, near).await.expect("found");
    assert_eq!(nodes(&lineage), ["data:v0@-1 +1/1", "train@0 +0/1"]);
    assert!(!lineage.truncated);

    // The farthest nodes are cut.
    let few = Extent { limit: 3, ..ALL };
    let lineage = t.lineage(&world.ada, &of("raw"), few).await.expect("found");
    assert_eq!(nodes(&lineage), ["other@1 +1/0", "prep@1 +0/1", "raw:v0@0"]);
    assert!(lineage.truncated);

    // What is deleted is no part of it, nor what is only reached through it.
    t.delete_run(&world.ada, &path("train"))
        .await
        .expect("deleted");
    let lineage = t.lineage(&world.ada, &of("raw"), ALL).await.expect("found");
    assert_eq!(
        nodes(&lineage),
        ["data:v0@2", "other@1", "prep@1", "raw:v0@0"]
    );
    t.delete_version(&world.ada, data, true)
        .await
        .expect("deleted");
    let lineage = t.lineage(&world.ada, &of("raw"), ALL).await.expect("found");
    assert_eq!(nodes(&lineage), ["other@1", "prep@1", "raw:v0@0"]);
    let lineage = t.lineage(&world.ada, &of("net"), ALL).await.expect("found");
    assert_eq!(nodes(&lineage), ["eval@1", "net:v0@0"]);
}

#[tokio::test]
async fn what_is_before_and_behind_is_found_on_sqlite() {
    what_is_before_and_behind_is_found(World::new().await).await;
}

#[tokio::test]
async fn what_is_before_and_behind_is_found_on_postgres() {
    World::on_postgres(what_is_before_and_behind_is_found).await;
}

/// A run that uses what it makes, and two runs that make what the other one uses.
async fn circles_end(world: World) {
    let [one, two] = ["one", "two"].map(path);
    world.start("one").await;
    world.start("two").await;
    let a = world.makes(Some(&one), "a", "dataset", &[("a", "1")]).await;
    let b = world.makes(Some(&two), "b", "dataset", &[("b", "2")]).await;
    world.uses(&one, &[a, b]).await;
    world.uses(&two, &[a]).await;
    let subject = Subject::Run(one.clone());
    let lineage = world.tracking.lineage(&world.ada, &subject, ALL).await;
    let lineage = lineage.expect("found");
    assert_eq!(nodes(&lineage), ["a:v0@-1", "b:v0@-1", "one@0", "two@-2"]);
    assert_eq!(
        edges(&lineage),
        ["a:v0>one", "a:v0>two", "b:v0>one", "one>a:v0", "two>b:v0"]
    );
}

#[tokio::test]
async fn circles_end_on_sqlite() {
    circles_end(World::new().await).await;
}

#[tokio::test]
async fn circles_end_on_postgres() {
    World::on_postgres(circles_end).await;
}

#[tokio::test]
async fn lineage_is_its_owners() {
    let world = World::new().await;
    chain(&world).await;
    for subject in [
        Subject::Run(path("train")),
        Subject::Version(version("net", "v0")),
    ] {
        let refused = world.tracking.lineage(&world.bob, &subject, ALL).await;
        assert!(
            matches!(refused, Err(TrackingError::NotFound { .. })),
            "{refused:?}"
        );
        let refused = world.tracking.diff(&world.bob, &subject, &subject).await;
        assert!(
            matches!(refused, Err(TrackingError::NotFound { .. })),
            "{refused:?}"
        );
    }
}
